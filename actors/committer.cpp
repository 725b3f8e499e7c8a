#include "actors/committer.hpp"

#include <spdlog/spdlog.h>

#include <map>

#include "protocol/wire/codec.hpp"

namespace hansa {

void Committer::append(BatchNumber batch, std::vector<StoreRecord> records) {
  const std::lock_guard lock(queue_mutex_);
  records_waiting_ += records.size();
  queue_.append(batch.value, std::move(records));
}

bool Committer::has_waiting() const {
  const std::lock_guard lock(queue_mutex_);
  return !queue_.empty();
}

Committer::Done Committer::commit() {
  const std::lock_guard lock(commit_mutex_);
  return commit_group();
}

Committer::Done Committer::commit_at_once() {
  const std::unique_lock lock(commit_mutex_, std::try_to_lock);
  if (!lock || commits_to_watch_ > 0) return {};
  {
    const std::lock_guard queue_lock(queue_mutex_);
    if (records_waiting_ > records_at_once_max) return {};
  }
  return commit_group();
}

Committer::Done Committer::commit_group() {
  if (failed_) return {.outcome = Outcome::failed};
  CommitQueue::Commit group;
  {
    const std::lock_guard lock(queue_mutex_);
    if (queue_.empty()) return {};
    group = queue_.take();
    records_waiting_ -= group.records.size();
  }
  const auto result = write(group.records);
  if (!result) {
    spdlog::critical("event=store_failed text=\"{}\"", result.error().text);
    failed_ = true;
    return {.outcome = Outcome::failed};
  }
  const BatchNumber through{group.through};
  if (*result != CommitResult::disk_full) return {.outcome = Outcome::committed, .through = through};
  const std::lock_guard lock(queue_mutex_);
  records_waiting_ += group.records.size();
  queue_.put_back(std::move(group));
  return {.outcome = Outcome::disk_full};
}

Result<CommitResult> Committer::write(const std::vector<StoreRecord>& records) {
  const auto begin = ports_.clock->now().instant;
  auto result = keep_files(records) ? ports_.store->commit(records) : Result<CommitResult>(CommitResult::disk_full);
  const bool was_quick = ports_.clock->now().instant - begin < quick && result && *result != CommitResult::disk_full;
  commits_to_watch_ = was_quick ? commits_to_watch_ - (commits_to_watch_ > 0 ? 1 : 0) : commits_watched;
  return result;
}

// A job on record has its files: their manifests are kept before the submission is.
bool Committer::keep_files(const std::vector<StoreRecord>& records) {
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

}  // namespace hansa
