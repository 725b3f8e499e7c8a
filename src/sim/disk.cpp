#include "src/sim/disk.hpp"

#include <algorithm>

namespace hansa::sim {

void Disk::commit(BatchNumber batch, std::vector<StoreRecord> records, Duration takes,
                  std::function<void(BatchNumber)> done) {
  under_way_.push_back(std::move(records));
  free_at_ = std::max(free_at_, timeline_.now()) + takes;
  timeline_.at(free_at_, [this, batch, life = life_, done = std::move(done)] {
    if (life != life_) return;
    apply(under_way_.front());
    under_way_.pop_front();
    done(batch);
  });
}

void Disk::crash(std::size_t landed) {
  for (std::size_t i = 0; i < landed && i < under_way_.size(); ++i) apply(under_way_[i]);
  under_way_.clear();
  free_at_ = timeline_.now();
  ++life_;
}

void Disk::wipe(StoreId fresh) {
  crash(0);
  facts_.clear();
  jobs_.clear();
  runs_.clear();
  id_ = fresh;
}

StoredState Disk::load() const {
  StoredState state{.store = id_, .facts = facts_, .documents = documents_};
  for (const auto& [id, job] : jobs_) state.jobs.push_back(job);
  for (const auto& [key, run] : runs_) state.runs.push_back(run);
  state.fresh = state.facts.empty() && state.jobs.empty() && state.runs.empty();
  return state;
}

void Disk::apply(const std::vector<StoreRecord>& records) {
  for (const auto& record : records) {
    put(record);
    watch_(record);
  }
}

void Disk::put(const StoreRecord& record) {
  if (const auto* job = std::get_if<PutJob>(&record)) jobs_[job->record.id] = job->record;
  if (const auto* run = std::get_if<PutRun>(&record)) runs_[run->record.key] = run->record;
  if (const auto* fact = std::get_if<PutFact>(&record)) facts_[fact->name] = fact->value;
  if (const auto* document = std::get_if<PutDocument>(&record)) {
    documents_.erase(document->name);
    if (!document->bytes.empty()) documents_.emplace(document->name, document->bytes);
  }
  if (const auto* job = std::get_if<DropJob>(&record)) jobs_.erase(job->job);
  if (const auto* run = std::get_if<DropRun>(&record)) runs_.erase(run->run);
}

}  // namespace hansa::sim
