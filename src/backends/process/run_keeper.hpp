// RunKeeper: starts, stops, watches and finds again the runs of one site.
//
// Problem: a run must neither start twice nor be lost while hansad, its wrapper, or the machine may go at any moment.
// Idea: everything that decides is in the run's folder (run_files.hpp), and every command begins by looking there; what
// is kept in memory are only handles of wrappers, to be told at once when one ends.
// Invariants: (1) all of this happens in the loop's one thread, so commands of a run are carried out in order, and its
// events come in order; (2) a run that is reported as failed to start has a claim that keeps it from ever starting;
// (3) RunEnded is told only after the wrapper is gone and nothing of the job is alive.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "src/backends/process/account.hpp"
#include "src/backends/process/cgroup_probe.hpp"
#include "src/backends/process/event_loop.hpp"
#include "src/backends/process/run_folders.hpp"
#include "src/backends/process/run_sight.hpp"
#include "src/backends/process/stop_request.hpp"
#include "src/backends/process/sweeper.hpp"
#include "src/backends/settings.hpp"

namespace hansa {

class RunKeeper {
 public:
  RunKeeper(BackendSettings settings, Account account, Cgroups cgroups, RunFolders folders);
  ~RunKeeper();  // wrappers and their jobs go on

  void perform(BackendCommand command);

 private:
  // A wrapper that is alive, ours or an earlier daemon's.
  struct LiveRun {
    std::uint64_t token = 0;
    Fd wrapper;
    Fd notify;  // valid until it has said that the job runs
    bool told_started = false;
    WallTime started;
    StopRequest stop = StopRequest::by_hand;  // asked of it; by_hand: nothing was
    bool forget = false;                      // its record is gone: so is its folder once it has ended
  };
  using LiveRuns = std::map<RunKey, LiveRun>;

  // Runs of a lost store that are being stopped.
  struct StrayHunt {
    std::set<RunKey> alive;
    std::vector<RunKey> found;
  };

  void on(const StartRun& command);
  void on(const StopRun& command);
  void on(const ClaimRun& command);
  void on(const LookForRun& command);
  void on(const ExtendLease& command);
  void on(const ForgetRun& command);
  void on(const StopStrayRuns& command);

  // run_start.cpp
  void start_untouched(const StartRun& command);
  Result<RunSpec> specify(const StartRun& command);
  Result<Account> account_of(const StartRun& command);
  Status lay_out(const StartRun& command, RunSpec& spec) const;
  void fail_start(const RunKey& run, const std::string& why);

  // run_keeper.cpp: what lives
  void keep(const RunKey& run, LiveRun live);
  void adopt(const RunKey& run, RunSight sight);
  void on_ready(std::uint64_t token);
  void on_notify(const RunKey& run, LiveRun& live);
  void on_wrapper_end(const RunKey& run);

  // run_ends.cpp
  void settle(const RunKey& run, int exit_code);
  bool claim_for_host(const RunKey& run);  // whether it is the host's now, by this call or an earlier one
  void ask_to_stop(const RunKey& run, StopRequest request);
  RunSight look(const RunKey& run);  // as see_run(), but orphans are buried first
  void bury(const RunKey& run, RunSight& sight);
  void tell_end(const RunKey& run, const RunStatus& status);
  void tell_never_started(const RunKey& run);
  void tell(BackendEvent event) { settings_.handler->on_event(std::move(event)); }
  void run_is_over(const RunKey& run);  // for hunts that wait for it
  void drop_folder(const RunKey& run);

  BackendSettings settings_;
  Account account_;
  std::map<std::string, Account> mapped_;  // others that policy named, looked up once
  Cgroups cgroups_;
  RunFolders folders_;
  std::string boot_;
  LiveRuns live_;
  std::unordered_map<std::uint64_t, RunKey> by_token_;
  std::uint64_t next_token_ = 2;  // even: the wrapper's handle; odd: its notify pipe
  std::vector<StrayHunt> hunts_;
  Sweeper sweeper_;
  EventLoop loop_;  // last: its thread ends before anything above goes
};

}  // namespace hansa
