#include "src/sim/disk.hpp"

#include <utility>

namespace hansa::sim {

void Disk::commit(BatchNumber batch, std::vector<StoreRecord> records) {
  queue_.append(batch.value, std::move(records));
  if (!std::exchange(scheduled_, true)) later(Duration{0}, &Disk::write_waiting);
}

void Disk::later(Duration wait, void (Disk::*deed)()) {
  timeline_.after(wait, [this, deed, life = life_] {
    if (life == life_) (this->*deed)();
  });
}

void Disk::write_waiting() {
  scheduled_ = false;
  if (!stuck_ && queue_.empty()) return;
  scheduled_ = true;
  write();
}

void Disk::write() {
  writing_ = stuck_ ? std::move(*stuck_) : queue_.take();
  later(owner_.draw_commit_time(), &Disk::end_write);
}

void Disk::end_write() {
  if (std::exchange(failing_, false)) return owner_.failed();
  if (full_) return refuse();
  const auto commit = std::move(*writing_);
  writing_.reset();
  if (std::exchange(stuck_, std::nullopt)) tell_room(false);
  apply(commit.records);
  later(Duration{0}, &Disk::write_waiting);
  owner_.durable(BatchNumber{commit.through});
}

void Disk::refuse() {
  stuck_ = std::move(writing_);
  writing_.reset();
  later(std::chrono::seconds(1), &Disk::write_waiting);
  tell_room(true);
}

void Disk::tell_room(bool full) {
  if (std::exchange(told_full_, full) != full) owner_.room_changed(full);
}

void Disk::crash(bool landed) {
  if (landed && writing_ && !full_) apply(writing_->records);
  writing_.reset();
  stuck_.reset();
  queue_ = {};
  scheduled_ = told_full_ = failing_ = false;
  ++life_;
}

void Disk::wipe(StoreId fresh) {
  crash(false);
  facts_.clear();
  jobs_.clear();
  runs_.clear();
  id_ = fresh;
}

StoredState Disk::load() const {
  StoredState state{.store = id_, .facts = facts_};
  for (const auto& [id, job] : jobs_) state.jobs.push_back(job);
  for (const auto& [key, run] : runs_) state.runs.push_back(run);
  state.fresh = state.facts.empty() && state.jobs.empty() && state.runs.empty();
  return state;
}

void Disk::apply(const std::vector<StoreRecord>& records) {
  for (const auto& record : records) {
    put(record);
    owner_.watch(record);
  }
}

void Disk::put(const StoreRecord& record) {
  if (const auto* job = std::get_if<PutJob>(&record)) jobs_[job->record.id] = job->record;
  if (const auto* run = std::get_if<PutRun>(&record)) runs_[run->record.key] = run->record;
  if (const auto* fact = std::get_if<PutFact>(&record)) facts_[fact->name] = fact->value;
  if (const auto* job = std::get_if<DropJob>(&record)) jobs_.erase(job->job);
  if (const auto* run = std::get_if<DropRun>(&record)) runs_.erase(run->run);
}

}  // namespace hansa::sim
