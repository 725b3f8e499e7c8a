// Origin: the side of the handoff that owns a job and answers its user.
//
// A job is Pending, Awarding, Delegated or Ended. Awarding is left at will, because the host starts nothing before our
// Confirm; Delegated is left only on the host's answer, a human's word, or a lease that is surely out. Whoever may
// still have something of an epoch that is over owes us a word: that is a duty, and we repeat Revoke until it comes.
//
// Invariants: (1) Confirm leaves only when Delegated(host, epoch) is on disk; (2) no message names an epoch that is not
// on disk; (3) Ended never changes; (4) an answer counts only from the host of its epoch; (5) every request that must
// take effect is repeated until it is answered.
// Contract: docs/protocol/04-handoff.md, "The origin's side of one job".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/types/records.hpp"
#include "protocol/effects.hpp"
#include "protocol/handoff/by_id.hpp"
#include "protocol/handoff/timers.hpp"

namespace hansa {

struct OriginOptions {
  // How often Award and Revoke are repeated. Shorter heals a loss sooner and costs messages.
  Backoff resend;
  // An award that was not accepted for this long is given up. At least a few round trips.
  Duration award_patience = std::chrono::seconds(10);
  // How much two sites' clock rates may differ, and what is added for good measure before a lease counts as out.
  double drift_bound = 0.001;
  Duration lease_margin = std::chrono::seconds(10);
  // How many tasks of one array are split off ahead of their start. More places them sooner and takes more memory.
  std::size_t array_window = 256;
  // How long a final job can be asked for.
  Duration history = std::chrono::hours(24 * 7);
};

// A bid that was taken.
struct AwardTarget {
  SiteName host;
  StoreId store;
  BidId bid;
};

class Origin {
 public:
  // What is remembered of dealings with other sites about a job; jobs that stay at home have none.
  struct Dealings {
    std::uint32_t tries = 0;                   // of the message that is being repeated
    Instant last_grant{};                      // rerun jobs: the lease counts from here
    std::optional<Shared<Progress>> progress;  // of the current epoch
    Instant heard{};                           // when
    std::vector<SiteName> known_at{};          // other sites that have something of it, as the index has it
    bool operator==(const Dealings&) const = default;
  };
  // What is known of a job: its record, and what its host last said.
  struct Job {
    JobRecord record;
    Instant since{};  // of the current state, in this daemon's life
    Rare<Dealings> dealings{};
    bool counted_active = false;  // as the counts of all jobs have it
    bool counted_running = false;

    void first_try() {
      if (auto* known = dealings.if_set()) known->tries = 0;
    }
    void forget_progress() {
      if (auto* known = dealings.if_set()) known->progress.reset();
    }
    bool operator==(const Job&) const = default;
  };
  struct JobTraits {
    using Id = JobId;
    static JobId& id(Job& job) { return job.record.id; }
  };
  using Jobs = ById<Job, JobTraits>;

  Origin(SiteName self, StoreId store, OriginOptions options);

  // --- At the start, from the store.
  void restore(Now now, std::vector<JobRecord> records, std::uint64_t number_floor, Effects& out);

  // --- What users want. The record is on disk before anyone is answered: replies go with the same effects.
  Result<JobId> submit(Now now, const Submission& submission, Effects& out);
  // The job that this submission made when it came before, under the same key of the same user.
  std::optional<JobId> submitted_before(const Submission& submission) const;
  // Whether every job that this one depends on is known here.
  Status check_dependencies(const JobRequest& request) const;
  Status cancel(Now now, const JobId& id, Effects& out);
  Status hold(Now now, const JobId& id, Effects& out);
  Status release(Now now, const JobId& id, Effects& out);
  // Gives the epoch up by a human's word, though the run may be alive, and places the job again.
  Status rerun(Now now, const JobId& id, Effects& out);

  // --- What was decided about a pending job.
  void award(Now now, const JobId& id, const AwardTarget& target, Effects& out);
  // One commit with the run's record, which the caller adds: the own host's part of the same step.
  std::optional<RunKey> delegate_to_self(Now now, const JobId& id, Effects& out);
  // Leaves Awarding at will.
  void give_up(Now now, const JobId& id, const std::string& why, Effects& out);
  // Take it back from where it waits, if it has not started.
  void move(Now now, const JobId& id, Effects& out);
  void set_reason(const JobId& id, std::string reason);
  // Reports the job as changed, so that whoever places jobs looks at it again.
  void look_again(const JobId& id) { touch(id); }

  // --- What hosts say. `from` is who sent it.
  void step(Now now, const SiteName& from, const Accepted& message, Effects& out);
  void step(Now now, const SiteName& from, const Refused& message, Effects& out);
  void step(Now now, const SiteName& from, const Progress& message, Effects& out);
  void step(Now now, const SiteName& from, const Finished& message, Effects& out);
  void step(Now now, const SiteName& from, const Revoked& message, Effects& out);
  void step(Now now, const SiteName& from, const Return& message, Effects& out);
  void step(Now now, const SiteName& from, const Renew& message, Effects& out);

  // --- What membership says.
  void host_suspect(Now now, const SiteName& host, Effects& out);
  void host_reachable(Now now, const SiteName& host);
  void host_store_changed(Now now, const SiteName& host, const StoreId& store, Effects& out);

  // --- Outputs of a final job are home.
  void outputs_home(Now now, const RunKey& run, const std::string& problem, Effects& out);

  void tick(Now now, Effects& out);
  std::optional<Instant> deadline() const;

  // --- Views.
  const Job* find(const JobId& id) const;
  const Jobs& jobs() const { return jobs_; }
  std::optional<JobId> resolve(std::uint64_t number, std::int32_t task) const;
  // Pending, not held, its dependencies met, its array's limit not reached: may be placed.
  bool is_placeable(const JobId& id) const;
  // Why a pending job is not placeable, in Slurm's word; empty when it is.
  std::string waiting_reason(const JobId& id) const;
  // Jobs that changed since the last call, in order and once each.
  std::vector<JobId> take_changed();
  // Whether tasks of this array were split off and are still known.
  bool has_tasks(const JobId& array) const;
  std::size_t active_count() const { return active_; }    // not final
  std::size_t running_count() const { return running_; }  // of them, those whose host said that they run

  bool operator==(const Origin&) const;

 private:
  friend struct InsideView;  // tests/model tells states apart by all that a machine knows
  SiteName self_;
  StoreId store_;
  OriginOptions options_;
  Shared<JobRequest> last_request_;  // people submit the same again and again: one copy for all of a row
  Jobs jobs_;
  std::uint64_t last_number_ = 0;
  Timers<JobId> timers_;                                 // repeats, patience, leases
  std::map<std::string, JobId> by_key_;                  // "user\nkey" of idempotent submissions
  std::map<JobId, std::set<JobId>> dependents_;          // whom to look at again when a job ends
  std::set<std::pair<std::uint64_t, JobId>> namesakes_;  // hash of user and name → not final; once a singleton is known
  std::set<std::pair<std::uint64_t, JobId>> singletons_;  // of them, those that wait for their namesakes
  bool knows_singletons_ = false;
  std::map<JobId, std::size_t> array_active_;     // tasks split off and not final
  std::map<SiteName, std::set<JobId>> known_at_;  // other sites → jobs that they have something of
  std::size_t active_ = 0;
  std::size_t running_ = 0;
  std::set<JobId> changed_;

  Job* find_own(const JobId& id);
  void save(Job& job, Effects& out);
  void recount(Job& job);
  std::vector<JobId> known_at(const SiteName& site) const;
  void touch(const JobId& id) { changed_.insert(id); }
  void index(Job& job);
  void index_dependencies(const Job& job);
  void index_namesake(const Job& job);
  void know_singletons();
  bool is_depended_on(const JobId& id) const;
  void wake(const JobId& id);
  void wake_dependents(const JobId& id);
  void wake_namesakes(const Job& job);

  // Transitions; each saves.
  void to_pending(Now now, Job& job, std::string reason, Effects& out);
  void to_ended(Now now, Job& job, Outcome outcome, const SiteName& host, Effects& out);
  void to_cancelled(Now now, Job& job, Effects& out);
  // After the host's word that this epoch does not run there.
  void back(Now now, Job& job, std::string reason, Effects& out);
  void add_duty(Job& job);
  // Ends the duty that this answer was waited for; false when there was none.
  bool end_duty(Job& job, const RunKey& run, const SiteName& from, Effects& out);

  void arm(Now now, Job& job);
  void repeat(Now now, Job& job, Effects& out);
  void send_award(const Job& job, Effects& out);
  void send_revoke(const Job& job, Effects& out);
  void send_duties(const Job& job, Effects& out);
  void pull_outputs(const Job& job, Effects& out);
  bool lease_is_out(const Job& job, Now now) const;
  Instant lease_end(const Job& job) const;
  void expire(Now now, const JobId& id, Effects& out);
  void announce(Now now, const Job& job, std::string kind, std::string text, Effects& out) const;

  enum class DependencyState : std::uint8_t { met, waiting, never };
  DependencyState dependency_state(const Job& job) const;
  bool is_first_of_its_name(const JobRecord& record) const;
  DependencyState state_of(const JobRecord& record, const Dependency& dependency) const;
  void ended_changes_others(const Job& job);

  bool is_array(const Job& job) const { return !job.record.array->empty() || has_tasks(job.record.id); }
  void hold_one(Now now, Job& job, Effects& out);
  void release_one(Now now, Job& job, Effects& out);
  template <class Deed>
  std::size_t for_tasks(const JobId& array, Deed deed);
  void split_arrays(Now now, Effects& out);
  void split(Now now, const JobId& array, Effects& out);
  std::set<JobId> arrays_;  // with tasks not yet split off
};

const SiteName* host_of(const JobState& state);

}  // namespace hansa
