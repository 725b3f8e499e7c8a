// EasyPlanner: first come, first served, with EASY backfilling, over pools of nodes.
//
// Problem: a queue that only serves its head leaves nodes idle while a gang gathers; one that serves whoever fits
// starves the gang. Idea (Lifka 1995): the first run of a pool's line that can't start gets a reservation for the
// earliest time at which it surely can, and others may start before it if that delays it not at all. Each pool has its
// own head, so that a gang that waits for one pool holds up nobody who can use another. A request that fits several
// pools starts in the most preferred one with room; while none has, it is reserved for in the one that frees first.
//
// Holds for bids obey the same rule as runs that start out of turn: a bid never delays who waits already.
//
// Invariants: (1) no node is given more than it has; (2) a head's reserved start never moves later, as long as runs end
// by their limits and nothing is entered from outside; (3) after starts(), no ready run within the backfill depth could
// start without delaying a head; (4) what is held is given back at `until`, release, remove or start, whichever is
// first; (5) no clock, no randomness: same calls, same answers.
//
// Cost with n waiting runs: put, remove, occupy O(log n); starts() one step a group of equal requests, within the
// backfill depth; estimates and digest from a timetable whose building is rate-limited (options.hpp).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hansa/planner.hpp"
#include "src/planner/options.hpp"
#include "src/planner/pool_ledger.hpp"
#include "src/planner/reservation.hpp"
#include "src/planner/timetable.hpp"
#include "src/planner/waiting_line.hpp"

namespace hansa {

class EasyPlanner final : public Planner {
 public:
  explicit EasyPlanner(std::vector<Pool> pools, EasyOptions options = {});

  void put(const QueueEntry& entry) override;
  void remove(const RunKey& run) override;
  void occupy(const RunKey& run, const Shared<JobRequest>& request, const Allocation& allocation,
              Instant since) override;

  std::optional<Estimate> hold(const BidId& bid, const Shared<JobRequest>& request, Instant now, Instant until,
                               const PoolNames& only = {}) override;
  void release(const BidId& bid) override;
  void hold_becomes(const BidId& bid, const QueueEntry& entry, Instant now, Instant until) override;

  std::vector<StartDecision> starts(Instant now) override;
  std::optional<Estimate> estimate(const JobRequest& request, Instant now, const PoolNames& only = {}) override;
  std::optional<Instant> expected_start(const RunKey& run, Instant now) override;
  std::optional<Instant> deadline() const override;

  std::vector<PoolDigest> digest(Instant now) override;
  const std::vector<Pool>& pools() const override { return pool_facts_; }
  std::size_t queue_length() const override { return line_.size(); }
  std::unique_ptr<Planner> clone() const override { return std::make_unique<EasyPlanner>(*this); }

  // What is promised to the head of a pool's line, as of the last starts(); for tests and for people who ask.
  std::optional<Instant> reserved_start(std::size_t pool) const;

 private:
  struct Under {  // where a commitment is
    std::size_t pool = 0;
    CommitmentId id = 0;
  };
  struct Hold {
    Under under;
    Estimate promised;
    Instant until;
    Duration limit{0};
    std::optional<RunKey> run;
  };
  // A reservation as it was worked out, good until the pool's ledger changes behind its back.
  struct KnownReservation {
    Shape shape;
    std::uint64_t ledger_version = 0;
    Reservation reservation;
  };
  struct PoolState {
    std::optional<KnownReservation> known;
    bool has_head = false;  // `known` is for the head of the pool's line
    bool open = true;       // within the present pass: more may be tried
    std::size_t tried = 0;

    const Reservation* reservation() const { return has_head ? &known->reservation : nullptr; }
  };
  struct Option {
    std::size_t pool = 0;
    Allocation allocation;
  };
  // Many equal requests are estimated in a row, as when a site comes up with 50,000 of them.
  struct KnownEstimate {
    GroupKey key;
    Instant now;
    std::uint64_t changes = 0;
    std::optional<Estimate> estimate;
  };
  struct RunHash {
    std::size_t operator()(const RunKey& run) const noexcept;
  };

  // Passes over the line (easy_planner.cpp).
  void expire_holds(Instant now);
  void start_held_runs(Instant now, std::vector<StartDecision>& out);
  void begin_pass();
  const Front* next_front(const Place& after) const;
  void pass(Instant now, std::vector<StartDecision>* out);
  bool start_front(const Group& group, Instant now, std::vector<StartDecision>& out);
  void reserve_for(const GroupKey& key);
  const Reservation& reservation_for(const Choice& choice);
  void count_trial(const GroupKey& key);
  void refresh_reservations(Instant now);
  std::optional<Option> place(const Choice& choice, Instant end) const;
  Under commit(std::size_t pool, const Allocation& allocation, Instant end);
  void drop_hold(std::map<BidId, Hold>::iterator hold);
  void drop_hold_of(const RunKey& run);
  GroupKey key_of(const ResourceRequest& request, const PoolNames& only) const;
  std::size_t pool_index(const std::string& name) const;
  void changed();
  Instant order_of(const QueueEntry& entry, const GroupKey& key) const;

  // Looks ahead (easy_estimates.cpp).
  const Timetable& timetable(Instant now);
  std::optional<Option> option_now(const GroupKey& key, Instant end, Instant now);
  std::optional<Estimate> estimate(const GroupKey& key, Instant now);
  std::optional<Instant> wait_of(std::size_t pool, const Shape& shape, Instant now);
  PoolDigest digest_of(std::size_t pool, Instant now);

  std::vector<Pool> pool_facts_;
  EasyOptions options_;
  std::vector<PoolLedger> ledgers_;
  std::vector<PoolState> states_;
  WaitingLine line_;
  std::unordered_map<RunKey, Under, RunHash> running_;  // looked up only, never walked
  std::map<BidId, Hold> holds_;
  std::map<RunKey, BidId> held_runs_;
  std::set<RunKey> held_and_ready_;
  std::set<std::pair<Instant, BidId>> holds_by_end_;
  bool starts_due_ = false;        // something changed since the last starts()
  bool reservations_due_ = false;  // … since reservations were made
  bool timetable_stale_ = true;
  std::uint64_t changes_ = 0;
  std::optional<KnownEstimate> last_estimate_;
  std::optional<Timetable> timetable_;
};

}  // namespace hansa
