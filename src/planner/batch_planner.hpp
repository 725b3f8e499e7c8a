// BatchPlanner: the timetable of a site whose batch system decides what starts when.
//
// Problem: the batch system's own users are served beside Hansa's jobs, so a timetable of Hansa's alone is wrong; and a
// run that waits until nodes are free never gets any where somebody always waits in the batch system's line.
// Idea: an EasyPlanner whose ledger is corrected by what the batch system reports: others' jobs and closed nodes are
// commitments like runs, and our runs are where it put them. A run goes to the batch system when it fits now, or, while
// others wait there, up to `ahead_max` of them stand in that line too. All others wait here, where they can still go to
// another site. Estimates are the later of this timetable's and the batch system's own.
//
// Invariants: (1) a run that was handed over is not handed over again until it is removed; (2) a run in the batch
// system's line keeps its place in the timetable and takes no units; (3) what can never start here has no estimate.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "src/planner/easy_planner.hpp"

namespace hansa {

struct BatchOptions {
  // Runs that stand in the batch system's line while others do. More get their turn sooner; fewer can still go
  // elsewhere at once.
  std::size_t ahead_max = 16;
  // A run that was handed over is taken to start at once for so long, before it counts as standing in line.
  Duration patience = std::chrono::seconds(10);
};

class BatchPlanner final : public Planner {
 public:
  explicit BatchPlanner(std::vector<Pool> pools, BatchOptions options = {});

  void put(const QueueEntry& entry) override;
  void remove(const RunKey& run) override;
  void occupy(const RunKey& run, const Shared<JobRequest>& request, const Allocation& allocation,
              Instant since) override;
  std::optional<Estimate> hold(const BidId& bid, const Shared<JobRequest>& request, Instant now, Instant until,
                               const PoolNames& only = {}) override;
  void release(const BidId& bid) override { timetable_.release(bid); }
  void hold_becomes(const BidId& bid, const QueueEntry& entry, Instant now, Instant until) override;
  void learn(const LoadReported& load, Instant now) override;
  std::vector<StartDecision> starts(Instant now) override;
  std::optional<Estimate> estimate(const JobRequest& request, Instant now, const PoolNames& only = {}) override;
  std::optional<Instant> expected_start(const RunKey& run, Instant now) override;
  std::optional<Instant> deadline() const override { return timetable_.deadline(); }
  std::vector<PoolDigest> digest(Instant now) override;
  const std::vector<Pool>& pools() const override { return timetable_.pools(); }
  std::size_t queue_length() const override { return timetable_.queue_length(); }
  std::unique_ptr<Planner> clone() const override { return std::make_unique<BatchPlanner>(*this); }

 private:
  enum class Stand : std::uint8_t { starting, in_line, on_nodes };
  // A run that the batch system has.
  struct Handed {
    QueueEntry entry;
    Instant at;
    Stand stand = Stand::starting;
    Instant expected = end_of_time;
    Allocation allocation;  // where it runs, once it does
  };
  struct Foreign {
    Allocation allocation;
    Instant end;
  };

  void learn_foreign(const LoadReported& load, Instant now);
  void learn_running(const LoadReported& load, Instant now);
  void learn_waiting(const LoadReported& load, Instant now);
  void stand_in_line(const RunKey& run, Handed& handed);
  bool others_wait_everywhere(const QueueEntry& entry) const;
  const LoadReported::Outlook* outlook_of(const std::string& pool) const;
  Instant outlook_start(const Estimate& estimate) const;
  void hand_ahead(Instant now, std::vector<StartDecision>& out);

  EasyPlanner timetable_;
  BatchOptions options_;
  std::map<RunKey, QueueEntry> waiting_;
  std::set<std::pair<Instant, RunKey>> ready_;  // of the waiting
  std::map<RunKey, Handed> handed_;
  std::map<RunKey, Foreign> foreign_;
  std::vector<LoadReported::Outlook> outlooks_;
};

}  // namespace hansa
