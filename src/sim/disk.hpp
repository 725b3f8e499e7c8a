// Disk: what of a simulated site survives a crash.
//
// Commits take time and become durable in order. A crash loses those that are under way, but for some of the first:
// they may have reached the platter without anybody having been told. Whoever watches sees each record at the moment
// at which it is durable.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hansa/ports/store.hpp"
#include "protocol/perform.hpp"
#include "src/sim/timeline.hpp"

namespace hansa::sim {

class Disk {
 public:
  using Watch = std::function<void(const StoreRecord& record)>;

  Disk(Timeline& timeline, StoreId id, Watch watch) : timeline_(timeline), id_(id), watch_(std::move(watch)) {}

  // Calls `done` when the batch, and so every earlier one, is durable; not after a crash.
  void commit(BatchNumber batch, std::vector<StoreRecord> records, Duration takes,
              std::function<void(BatchNumber)> done);
  // Of the commits under way the first `landed` are on the disk all the same.
  void crash(std::size_t landed);
  std::size_t under_way() const { return under_way_.size(); }
  // All is lost; a new store is made in its place.
  void wipe(StoreId fresh);

  StoredState load() const;
  const std::map<JobId, JobRecord>& jobs() const { return jobs_; }
  const std::map<RunKey, RunRecord>& runs() const { return runs_; }
  const StoreId& id() const { return id_; }

 private:
  void apply(const std::vector<StoreRecord>& records);
  void put(const StoreRecord& record);

  Timeline& timeline_;
  StoreId id_;
  Watch watch_;
  std::map<std::string, std::uint64_t> facts_;
  std::map<std::string, std::string> documents_;
  std::map<JobId, JobRecord> jobs_;
  std::map<RunKey, RunRecord> runs_;
  std::deque<std::vector<StoreRecord>> under_way_;
  Instant free_at_{};
  std::uint64_t life_ = 0;  // raised by a crash: what was under way then never ends
};

}  // namespace hansa::sim
