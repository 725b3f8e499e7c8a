// The journal without a disk: the same contract as SqliteStore, and faults on demand.
//
// MemoryDisk is what survives; MemoryStore is a daemon's open hold on it. A crash is MemoryDisk::lose_power(): the open
// store is dead from then on, and a new one may be opened on what had been committed. A commit that a crash interrupts
// may or may not have reached the disk, and the daemon never learns which: fail_next_commit() plays both.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "hansa/ports/store.hpp"

namespace hansa::test {

// Whether the records of a commit that failed are on the disk all the same.
enum class Landed : std::uint8_t { no, yes };

class MemoryDisk {
 public:
  // From now on every commit that writes something finds the disk full, until free_space().
  void fill() {
    set([](auto& disk) { disk.full_ = true; });
  }
  void free_space() {
    set([](auto& disk) { disk.full_ = false; });
  }
  // The next commit fails for good; the store then refuses all others, as its contract says.
  void fail_next_commit(Landed landed) {
    set([&](auto& disk) { disk.next_failure_ = landed; });
  }
  // Whoever has it open is cut off; what was not committed never was.
  void lose_power() {
    set([](auto& disk) { ++disk.life_, disk.in_use_ = false; });
  }
  std::uint64_t commits() const {
    const std::lock_guard lock(mutex_);
    return commits_;
  }

 private:
  friend class MemoryStore;

  template <class Change>
  void set(Change change) {
    const std::lock_guard lock(mutex_);
    change(*this);
  }

  void apply(const PutJob& put) { jobs_.insert_or_assign(put.record.id, put.record); }
  void apply(const PutJobPayload& put) { job_payloads_.insert_or_assign(put.job, put.payload); }
  void apply(const DropJob& drop) {
    jobs_.erase(drop.job);
    job_payloads_.erase(drop.job);
    notes_.erase(drop.job);
  }
  void apply(const PutRun& put) { runs_.insert_or_assign(put.record.key, put.record); }
  void apply(const PutRunPayload& put) { run_payloads_.insert_or_assign(put.run, put.payload); }
  void apply(const DropRun& drop) {
    runs_.erase(drop.run);
    run_payloads_.erase(drop.run);
  }
  void apply(const PutNote& put) { notes_.insert_or_assign(put.job, put.text); }
  void apply(const PutFact& put) { facts_.insert_or_assign(put.name, put.value); }
  void apply(const PutCopy& put) { copies_.insert_or_assign(put.copy.record.id, put.copy); }
  void apply(const DropCopy& drop) { copies_.erase(drop.job); }
  void apply(const PutDocument& put) {
    documents_.erase(put.name);
    if (!put.bytes.empty()) documents_.emplace(put.name, put.bytes);
  }
  void apply_all(std::span<const StoreRecord> records) {
    for (const auto& record : records) std::visit([this](const auto& one) { apply(one); }, record);
    ++commits_;
  }

  mutable std::mutex mutex_;  // guards everything
  std::optional<StoreId> id_;
  std::map<std::string, std::uint64_t> facts_;
  std::map<std::string, std::string> documents_;
  std::map<JobId, JobRecord> jobs_;
  std::map<RunKey, RunRecord> runs_;
  std::map<JobId, EncodedPayload> job_payloads_;
  std::map<RunKey, EncodedPayload> run_payloads_;
  std::map<JobId, std::string> notes_;
  std::map<JobId, JobCopy> copies_;
  bool full_ = false;
  std::optional<Landed> next_failure_;
  bool in_use_ = false;
  std::uint64_t life_ = 0;  // raised by each loss of power: an open store belongs to one
  std::uint64_t commits_ = 0;
};

class MemoryStore final : public Store {
 public:
  // `disk` must outlive the store.
  static Result<std::unique_ptr<MemoryStore>> open(MemoryDisk& disk, const StoreId& new_id) {
    const std::lock_guard lock(disk.mutex_);
    if (disk.in_use_) return refusal("cannot use the memory disk: another daemon uses it; stop that one first");
    disk.in_use_ = true;
    if (!disk.id_) disk.id_ = new_id;
    return std::unique_ptr<MemoryStore>(new MemoryStore(disk));
  }

  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;
  ~MemoryStore() override {
    const std::lock_guard lock(disk_.mutex_);
    if (alive()) disk_.in_use_ = false;
  }

  Result<StoredState> load() override {
    const std::lock_guard lock(disk_.mutex_);
    if (failed()) return *failure_;
    StoredState state{.store = *disk_.id_, .facts = disk_.facts_, .documents = disk_.documents_};
    for (const auto& [id, job] : disk_.jobs_) state.jobs.push_back(job);
    for (const auto& [key, run] : disk_.runs_) state.runs.push_back(run);
    for (const auto& [id, copy] : disk_.copies_) state.copies.push_back(copy);
    state.fresh = state.facts.empty() && state.jobs.empty() && state.runs.empty();
    return state;
  }

  Result<CommitResult> commit(std::span<const StoreRecord> records) override {
    const std::lock_guard lock(disk_.mutex_);
    if (failed()) return *failure_;
    if (records.empty()) return CommitResult::durable;
    if (disk_.next_failure_) return fail(records, *std::exchange(disk_.next_failure_, std::nullopt));
    if (disk_.full_) return CommitResult::disk_full;
    disk_.apply_all(records);
    return CommitResult::durable;
  }

  std::optional<EncodedPayload> job_payload(const JobId& job) const override { return find(disk_.job_payloads_, job); }
  std::optional<EncodedPayload> run_payload(const RunKey& run) const override { return find(disk_.run_payloads_, run); }
  std::optional<std::string> note(const JobId& job) const override { return find(disk_.notes_, job); }

 private:
  explicit MemoryStore(MemoryDisk& disk) : disk_(disk), life_(disk.life_) {}

  bool alive() const { return life_ == disk_.life_; }
  bool failed() {
    if (!alive() && !failure_) failure_ = internal_error("cannot use the memory disk: it lost power");
    return failure_.has_value();
  }
  Error fail(std::span<const StoreRecord> records, Landed landed) {
    if (landed == Landed::yes) disk_.apply_all(records);
    failure_ = internal_error("cannot write to the memory disk: it was told to fail");
    return *failure_;
  }
  template <class Map>
  std::optional<typename Map::mapped_type> find(const Map& map, const typename Map::key_type& key) const {
    const std::lock_guard lock(disk_.mutex_);
    const auto found = map.find(key);
    if (!alive() || found == map.end()) return std::nullopt;
    return found->second;
  }

  MemoryDisk& disk_;
  const std::uint64_t life_;
  std::optional<Error> failure_;
};

}  // namespace hansa::test
