#include "actors/store_actor.hpp"

#include <spdlog/spdlog.h>

namespace hansa {

StoreActor::StoreActor(caf::actor_config& config, SitePorts ports, std::shared_ptr<Addresses> addresses,
                       std::shared_ptr<Committer> committer, std::shared_ptr<Outbox> outbox)
    : caf::event_based_actor(config),
      ports_(std::move(ports)),
      addresses_(std::move(addresses)),
      committer_(std::move(committer)),
      outbox_(std::move(outbox)) {}

caf::behavior StoreActor::make_behavior() {
  look_at_disk();
  return {
      [this](const CommitWaiting&) {
        if (!stuck_) commit();
      },
      [this](const TryDiskAgain&) { commit(); },
      [this](const LookAtDisk&) { look_at_disk(); },
  };
}

void StoreActor::commit() {
  const auto written = committer_->commit();
  const bool was_stuck = std::exchange(stuck_, written.outcome == Committer::Outcome::disk_full);
  switch (written.outcome) {
    case Committer::Outcome::idle:
      return;
    case Committer::Outcome::failed:
      return quit(caf::exit_reason::unhandled_exception);
    case Committer::Outcome::disk_full:
      look_at_disk();
      return delayed_send(this, std::chrono::seconds(1), TryDiskAgain{});
    case Committer::Outcome::committed:
      if (was_stuck) look_at_disk();
      outbox_->persisted(written.through);
      // Everything that waits in the mailbox is in the next group already.
      if (committer_->has_waiting()) caf::event_based_actor::send(this, CommitWaiting{});
  }
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
