// Judge: whether a simulated federation keeps its promises. It knows nothing of how the promises are kept.
//
// It sees what users are told, what becomes durable, which messages leave, and what really runs on the machines; never
// a daemon's memory. Promises (docs/protocol/04-handoff.md, "Invariants"): one executor, one start a run; nothing
// acknowledged is lost; final is final; no message before the record that it rests on; no unit given twice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/effects.hpp"
#include "src/sim/timeline.hpp"

namespace hansa::sim {

class Judge {
 public:
  // --- What users did, and were told.
  void acknowledged(const std::string& key, const JobId& id, const ArraySpec& array);
  void reran_by_hand(const JobId& job) { reran_.insert(job); }

  // --- What happened to sites.
  void disk_lost(const SiteName& site, const StoreId& old);

  // --- What is on disk, what is said, what runs.
  void durable(const SiteName& site, const StoreRecord& record);
  void leaves(const SiteName& from, const Send& send);
  void started(const SiteName& at, const StartRun& command, const std::vector<Pool>& pools);
  void ended(const SiteName& at, const RunKey& run);

  // The first broken promise.
  const std::optional<std::string>& violation() const { return violation_; }
  // Jobs that somebody was promised an end of and that have none.
  std::vector<JobId> unfinished() const;
  std::size_t promised() const { return promised_.size(); }
  // How often something rare and interesting came up, by name.
  const std::map<std::string, std::uint64_t>& seen() const { return seen_; }

 private:
  using At = std::pair<SiteName, RunKey>;
  // What was ever durable of a run at its host.
  struct RunFacts {
    RunState last = RunState::accepted;
    std::set<RunState> states;
  };
  struct JobFacts {
    Epoch epoch;
    std::optional<JobRecord> final;
    JobRecord last;
  };

  void broken(std::string text) {
    if (!violation_) violation_ = std::move(text);
  }
  void saw(const std::string& what) { ++seen_[what]; }

  void put(const SiteName& site, const PutJob& put);
  void put(const SiteName& site, const PutRun& put);
  void drop(const DropJob& drop);
  void drop(const SiteName& site, const DropRun& drop);

  void check(const SiteName& from, const SiteName& to, const Award& message);
  void check(const SiteName& from, const SiteName& to, const Accepted& message);
  void check(const SiteName& from, const SiteName& to, const Confirm& message);
  void check(const SiteName& from, const SiteName& to, const Progress& message);
  void check(const SiteName& from, const SiteName& to, const Finished& message);
  void check(const SiteName& from, const SiteName& to, const Return& message);
  void check(const SiteName& from, const SiteName& to, const Revoked& message);
  void check(const SiteName& from, const SiteName& to, const Refused& message);
  void check(const SiteName& from, const SiteName& to, const Revoke& message);
  void check(const SiteName& from, const SiteName& to, const FinishedAck& message);
  void check(const SiteName& from, const SiteName& to, const ReturnAck& message);
  void check(const SiteName&, const SiteName&, const auto&) {}

  bool has(const SiteName& site, const RunKey& run, RunState state) const;
  void over(const SiteName& at, const RunKey& run, const char* said);
  bool is_current(const JobId& job, const Epoch& epoch, const SiteName& host) const;
  void check_units(const SiteName& at, const StartRun& command, const std::vector<Pool>& pools);

  std::optional<std::string> violation_;
  std::map<std::string, JobId> keys_;
  std::set<JobId> promised_;
  std::set<JobId> reran_;
  std::set<StoreId> lost_stores_;
  std::set<JobId> blurred_;  // ran at a host that then lost its disk: nobody can know how often
  std::map<JobId, JobFacts> jobs_;
  std::map<At, RunFacts> runs_;
  std::set<std::pair<RunKey, SiteName>> awarded_;
  std::set<std::pair<RunKey, SiteName>> delegated_;
  std::set<RunKey> wished_;  // a wish or a duty for this epoch was durable
  std::set<At> over_;        // the host said that it does not run there
  std::map<RunKey, std::uint32_t> starts_;
  std::map<JobId, std::uint32_t> starts_of_job_;
  std::map<JobId, std::set<At>> alive_;
  std::map<At, Allocation> allocations_;
  std::map<std::string, std::uint64_t> seen_;
};

}  // namespace hansa::sim
