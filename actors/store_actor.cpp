#include "actors/store_actor.hpp"

#include <spdlog/spdlog.h>

#include <map>

#include "protocol/wire/codec.hpp"

namespace hansa {

StoreActor::StoreActor(caf::actor_config& config, SitePorts ports, std::shared_ptr<Addresses> addresses,
                       std::shared_ptr<Outbox> outbox)
    : caf::event_based_actor(config),
      ports_(std::move(ports)),
      addresses_(std::move(addresses)),
      outbox_(std::move(outbox)) {}

caf::behavior StoreActor::make_behavior() {
  look_at_disk();
  return {
      [this](WriteBatch& message) {
        queue_.append(message.batch.value, std::move(message.records));
        // Everything that waits in the mailbox joins the group before the commit.
        if (!std::exchange(scheduled_, true)) caf::event_based_actor::send(this, CommitWaiting{});
      },
      [this](const CommitWaiting&) { commit(); },
      [this](const LookAtDisk&) { look_at_disk(); },
  };
}

void StoreActor::commit() {
  scheduled_ = false;
  if (!stuck_ && queue_.empty()) return;
  const bool was_stuck = stuck_.has_value();
  auto group = was_stuck ? std::move(*stuck_) : queue_.take();
  stuck_.reset();
  scheduled_ = true;
  const auto result =
      keep_files(group.records) ? ports_.store->commit(group.records) : Result<CommitResult>(CommitResult::disk_full);
  if (!result) {
    spdlog::critical("event=store_failed text=\"{}\"", result.error().text);
    quit(caf::exit_reason::unhandled_exception);
    return;
  }
  if (*result == CommitResult::disk_full) {
    stuck_ = std::move(group);
    look_at_disk();
    delayed_send(this, std::chrono::seconds(1), CommitWaiting{});
    return;
  }
  if (was_stuck) look_at_disk();
  outbox_->persisted(BatchNumber{group.through});
  caf::event_based_actor::send(this, CommitWaiting{});
}

// A job on record has its files: their manifests are kept before the submission is.
bool StoreActor::keep_files(const std::vector<StoreRecord>& records) {
  std::map<JobId, EncodedPayload> payloads;
  for (const auto& record : records) {
    if (const auto* payload = std::get_if<PutJobPayload>(&record)) payloads.emplace(payload->job, payload->payload);
  }
  for (const auto& record : records) {
    const auto* job = std::get_if<PutJob>(&record);
    if (!job || job->record.request->bundle_bytes == 0) continue;
    const auto payload = payloads.find(job->record.id);
    if (payload == payloads.end()) continue;
    const auto decoded = decode<JobPayload>(*payload->second);
    if (decoded && !ports_.staging->keep_inputs(job->record.id, decoded->inputs)) return false;
  }
  return true;
}

void StoreActor::look_at_disk() {
  const auto free = ports_.disk_free();
  const bool full = stuck_ || free < ports_.disk_free_min;
  if (told_full_.value_or(false) != full) {
    if (full) spdlog::error("event=disk_full bytes_free={} text=\"no new jobs or bids; nothing is lost\"", free);
    if (!full) spdlog::warn("event=disk_has_room bytes_free={}", free);
  }
  told_full_ = full;
  addresses_->tell(Role::controller, DiskState{.full = full, .bytes_free = free});
  if (!stuck_) delayed_send(this, std::chrono::seconds(2), LookAtDisk{});
}

}  // namespace hansa
