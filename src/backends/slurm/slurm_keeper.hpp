// SlurmKeeper: sees to it that Slurm runs what it was given, once, and that its end is known.
//
// Problem: Slurm forgets jobs that it has acknowledged when its controller is killed, hands out their numbers again,
// may start one twice, and can be away for hours; sbatch may succeed without our hearing of it, or be carried out late;
// the nodes are other machines. Idea: what decides is in the run's folder, which the nodes see too (run_files.hpp,
// run_signs.hpp): the start claim, made by the wrapper on the node or by us; the wrapper's pulse; the status that it
// leaves. Slurm is asked for all jobs at once, by name, at an interval that follows what happens; its numbers are
// believed only together with the name. What Slurm does not know twice in a row, and nobody has claimed, is submitted
// again: of two submissions the claim lets one run.
//
// Invariants: (1) all of this happens in the loop's one thread, which never waits: commands are other processes;
// (2) a run that is said to have failed to start, or never to start, is claimed by us first; (3) RunEnded is told only
// when its wrapper has said that nothing of it is alive, and for several nodes Slurm too; or when Slurm does not run it
// and its pulse has stopped; (4) while Slurm does not answer, nothing is concluded from that.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "src/backends/process/account.hpp"
#include "src/backends/process/event_loop.hpp"
#include "src/backends/process/run_folders.hpp"
#include "src/backends/process/run_layout.hpp"
#include "src/backends/process/sweeper.hpp"
#include "src/backends/settings.hpp"
#include "src/backends/slurm/alarms.hpp"
#include "src/backends/slurm/command_runner.hpp"
#include "src/backends/slurm/slurm_commands.hpp"
#include "src/backends/slurm/slurm_load.hpp"
#include "src/backends/slurm/slurm_run.hpp"

namespace hansa {

class SlurmKeeper {
 public:
  SlurmKeeper(BackendSettings settings, Account account, RunFolders folders, SlurmPools pools);
  ~SlurmKeeper();  // what Slurm has goes on

  void perform(BackendCommand command);

 private:
  using Lines = std::vector<const slurm::Job*>;  // Slurm's jobs of one run
  struct StrayHunt {
    std::set<RunKey> alive;
    std::vector<RunKey> found;
  };

  // slurm_starts.cpp: from a command to a job in Slurm
  void on(const StartRun& command);
  void start_untouched(const StartRun& command);
  Result<Command> prepare(const StartRun& command);
  void submit(const RunKey& run);
  void submitted(const RunKey& run, const CommandResult& result);
  void remember_submission(const RunKey& run, std::uint64_t id);
  void fail_start(const RunKey& run, const std::string& why);
  void look_at_unclaimed(const RunKey& key, SlurmRun& run, const Lines& lines);
  void look_at_unlaunched(const RunKey& key, SlurmRun& run, const slurm::Job& job);
  void look_at_missing(const RunKey& key, SlurmRun& run);

  // slurm_ends.cpp: stops, claims, ends
  void on(const StopRun& command);
  void on(const ClaimRun& command);
  void on(const LookForRun& command);
  void on(const ExtendLease& command);
  void on(const ForgetRun& command);
  void on(const StopStrayRuns& command);
  bool claim_for_host(const RunKey& run);
  void ask_to_stop(const RunKey& run, StopRequest request);
  void say_stop(const RunKey& key, SlurmRun& run);
  void tell_end(const RunKey& run, const RunStatus& status);
  void tell_never_started(const RunKey& run);
  void drop_folder(const RunKey& run);
  void run_is_over(const RunKey& run);  // it is looked after no more
  SlurmSight see(const RunKey& run) const;
  Fd control_of(const RunKey& run) const { return open_folder(folders_.control_of(run)); }

  // slurm_keeper.cpp: asking Slurm, and what its answer means for each run
  void poll();
  void poll_soon();
  void poll_after(Duration delay);
  void polled();
  void glance();
  void glance_soon();
  void note_trouble(const std::string& what);
  void look_at(const RunKey& key, const Lines& lines);
  void look_at_claimed(const RunKey& key, SlurmRun& run, const SlurmSight& sight, const Lines& lines);
  void look_at_unsettled(const RunKey& key, SlurmRun& run, const SlurmSight& sight, const Lines& lines);
  void look_at_orphan(const RunKey& key, SlurmRun& run, const SlurmSight& sight, const Lines& lines);
  void ask_up_since(const RunKey& key, SlurmRun& run);
  void ask_accounting(const RunKey& key, SlurmRun& run, std::uint64_t id);
  void settle(const RunKey& key, SlurmRun& run, RunStatus status, const Lines& lines);
  void note_started(const RunKey& key, SlurmRun& run, const SlurmSight& sight);
  void cancel_unwanted();
  void report_load();
  void ask_outlook();
  void ask_next_outlook(std::vector<std::pair<std::size_t, int>> questions);
  void tell(BackendEvent event);
  Instant now() const { return Instant{Duration(boottime_us())}; }

  BackendSettings settings_;
  RunFolders folders_;
  RunLayout layout_;
  SlurmCommands commands_;
  SlurmPools pools_;
  std::map<RunKey, SlurmRun> runs_;
  std::vector<StrayHunt> hunts_;
  // Jobs of Slurm, each with its run, because numbers come to mean other jobs.
  using JobOfRun = std::pair<std::uint64_t, RunKey>;
  std::set<JobOfRun> unwanted_;   // to be cancelled with the next answer
  std::set<JobOfRun> cancelled_;  // by us: their end says nothing of their run

  // One round of questions: squeue and sinfo.
  struct Round {
    bool under_way = false;
    int open = 0;
    std::string trouble;
    Instant began{};
    std::vector<slurm::Job> jobs;
    std::vector<slurm::Node> nodes;
  };
  Round round_;
  bool poll_wanted_ = false;
  std::uint64_t poll_number_ = 0;  // alarms of earlier plans are void
  bool glancing_ = false;
  Duration interval_;
  bool eventful_ = false;  // something was told since the last round
  std::optional<Instant> trouble_since_;
  WallOffset clock_;
  LoadReported load_;
  bool load_told_ = false;
  std::vector<LoadReported::Outlook> outlooks_;
  bool asking_outlook_ = false;
  Instant outlook_at_{};

  Sweeper sweeper_;
  EventLoop loop_;
  Alarms alarms_{loop_};
  CommandRunner runner_{loop_, alarms_};
};

}  // namespace hansa
