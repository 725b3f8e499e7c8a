// Host: what may run here.
//
// A run comes with an award under a live bid and is on disk before the host says Accepted; it starts only after the
// origin's Confirm. If messages are lost both sides repeat themselves; if this host dies, it takes its records up again
// and asks its backend what became of each before it answers for it.
//
// Invariants: (1) nothing starts that is not confirmed and on disk; (2) Refused, Revoked, Return and Finished all mean:
// from now on this epoch does not run here, and none leaves before that is true: bid dead, record on disk, run stopped;
// (3) a bid dies at its first use; (4) at most one epoch of a job is alive here: a higher one waits until the lower is
// stopped; (5) an answer under a grant number counts only if this daemon sent that number.
// Contract: docs/protocol/04-handoff.md, "The host's side of one run".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hansa/types/records.hpp"
#include "protocol/effects.hpp"
#include "protocol/handoff/bidder.hpp"
#include "protocol/handoff/by_id.hpp"
#include "protocol/handoff/timers.hpp"

namespace hansa {

struct HostOptions {
  // How often Accepted, Finished and Return are repeated until they are answered.
  Backoff resend;
  // Leases are renewed this many times in their length.
  std::uint32_t renewals_per_lease = 8;
  // What ending a run may take: a run whose lease ends sooner than this does not start.
  Duration stop_time = std::chrono::seconds(30);
  // How long an acknowledged run, its log and its outputs can be asked for.
  Duration retention = std::chrono::hours(24);
};

class Host {
 public:
  enum class Claim : std::uint8_t { none, for_revoke, for_return };

  struct Run {
    RunRecord record;
    bool looked = true;         // the backend has said what became of it; false after a restart
    bool start_issued = false;  // a wrapper may be under way: only the start claim decides
    bool inputs_ready = true;
    bool collecting = false;    // ended; its outputs are being named
    Claim claim = Claim::none;  // asked for, not answered
    std::uint32_t tries = 0;
    Instant since{};      // of the phase, in this daemon's life
    Instant queued_at{};  // its place in line
    std::uint64_t staged_bytes = 0;
    bool operator==(const Run&) const = default;
  };
  struct RunTraits {
    using Id = RunKey;
    static RunKey& id(Run& run) { return run.record.key; }
  };
  using Runs = ById<Run, RunTraits>;

  Host(SiteName self, DaemonId daemon, BootId boot, HostOptions options);

  // --- At the start: every run that is not over is looked for. With a fresh store, strays are stopped first.
  void restore(Now now, std::vector<RunRecord> records, Effects& out);

  // --- Bids.
  Bidder& bidder() { return bidder_; }
  const Bidder& bidder() const { return bidder_; }

  // --- What origins say. `from` is who sent it. `refusal`: why no new run is taken in now, if so.
  void step(Now now, const SiteName& from, const AwardTask& task, std::optional<DeclineReason> refusal, Effects& out);
  void step(Now now, const SiteName& from, const Confirm& message, Effects& out);
  void step(Now now, const SiteName& from, const Revoke& message, Effects& out);
  void step(Now now, const SiteName& from, const Release& message);
  void step(Now now, const SiteName& from, const Renewed& message, Effects& out);
  void step(Now now, const SiteName& from, const FinishedAck& message, Effects& out);
  void step(Now now, const SiteName& from, const ReturnAck& message, Effects& out);
  void step(Now now, const SiteName& from, const OutputsAck& message, Effects& out);

  // --- The own origin's run: its record goes into the same commit as Delegated(self).
  void take_own(Now now, const RunKey& run, const Shared<JobRequest>& request, Effects& out);

  // --- What the planner decided.
  void start(Now now, const RunKey& run, const Allocation& allocation, Effects& out);
  // Gives a run back that has not started, or one whose lease is out.
  void give_back(Now now, const RunKey& run, ReturnReason reason, const std::string& text, Effects& out);

  // --- What the backend and staging say.
  void step(Now now, const RunStarted& event, Effects& out);
  void step(Now now, const StartFailed& event, Effects& out);
  void step(Now now, const RunEnded& event, Effects& out);
  void step(Now now, const ClaimDecided& event, Effects& out);
  void step(Now now, const RunFound& event, Effects& out);
  void step(Now now, const InputsReady& event, Effects& out);
  void step(Now now, const InputsFailed& event, Effects& out);
  void step(Now now, const InputsProgress& event, Effects& out);
  void step(Now now, const OutputsCollected& event, Effects& out);

  // --- What membership says.
  void origin_reachable(Now now, const SiteName& origin, Effects& out);
  void origin_store_changed(Now now, const SiteName& origin, const StoreId& store, Effects& out);

  void tick(Now now, Effects& out);
  std::optional<Instant> deadline() const;

  // --- Views.
  const Run* find(const RunKey& key) const;
  const Runs& runs() const { return runs_; }
  // Waits for its turn: accepted or confirmed, nothing started, nothing decided against it.
  static bool waits(const Run& run);
  // … and may start when its turn comes.
  bool is_ready(const Run& run, Instant now) const;
  // Holds its units: started and not over, or being stopped.
  static bool occupies(const Run& run);
  // Something of this job may be alive here, or its answer is still owed.
  bool has_business_with(const JobId& job) const;
  // Runs that changed since the last call, in order and once each; with the bid that became the run, if one did.
  struct Change {
    RunKey run;
    std::optional<BidId> bid;
  };
  std::vector<Change> take_changed();

  bool operator==(const Host&) const;

 private:
  friend struct InsideView;  // tests/model tells states apart by all that a machine knows
  SiteName self_;
  DaemonId daemon_;
  BootId boot_;
  HostOptions options_;
  Bidder bidder_;
  Runs runs_;
  std::uint64_t last_number_ = 0;
  struct Grant {
    SiteName origin;
    Instant left{};
    bool operator==(const Grant&) const = default;
  };
  std::map<std::uint64_t, Grant> grants_;  // requests of this daemon that may still be answered
  Timers<RunKey> timers_;
  Timers<SiteName> renewals_;
  std::map<RunKey, std::optional<BidId>> changed_;

  Run* find_run(const RunKey& key);
  Run* find_of(const SiteName& origin, const RunKey& key);
  void save(const Run& run, Effects& out);
  void touch(const RunKey& key, std::optional<BidId> bid = std::nullopt);
  void arm(Now now, const Run& run);
  void repeat(Now now, const RunKey& key, Effects& out);
  GrantNumber number(const SiteName& origin, Instant now);

  void accept(Now now, const SiteName& from, const AwardTask& task, Effects& out);
  bool clear_lower_epochs(Now now, const RunKey& key, Effects& out);
  void answer_award(Now now, Run& run, Effects& out);
  void say_accepted(Now now, Run& run, Effects& out);
  void say_end(const Run& run, Effects& out);
  void say_progress(Now now, const Run& run, Effects& out) const;

  void revoke_waiting(Now now, Run& run, Effects& out);
  void stop(Now now, Run& run, StopReason reason, Effects& out);
  void to_revoked(Now now, Run& run, Effects& out);
  void to_returned(Now now, Run& run, Effects& out);
  void command_start(const Run& run, Effects& out) const;
  void resume_start(Now now, Run& run, Effects& out);
  void to_started(Now now, Run& run, Effects& out);
  void ended(Now now, Run& run, const Outcome& outcome, Effects& out);
  void lease_ended(Now now, Run& run, Effects& out);
  void settle(Now now, Run& run, Effects& out);
  void drop(const RunKey& key, Effects& out);

  void grant(Now now, Run& run, Instant left, Effects& out);
  bool leased(const Run& run) const { return run.record.request->on_partition == OnPartition::rerun; }
  bool lease_allows_start(const Run& run, Instant now) const;
  void renew(Now now, const SiteName& origin, Effects& out);
};

RunPhase phase_of(const Host::Run& run);

}  // namespace hansa
