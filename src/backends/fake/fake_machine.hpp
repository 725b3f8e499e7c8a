// FakeMachine: what the fake backend's runs live on, and what survives a restart of the daemon.
//
// It has no clock of its own: advance() says what time it is, and all that was due by then happens, in order. Events go
// to the handler that is attached, as a real daemon's; while none is, they are lost, and found again by looking.
// Deterministic: the same commands and advances give the same events in the same order.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "src/backends/fake/fake_run.hpp"
#include "src/backends/process/run_folders.hpp"
#include "src/backends/settings.hpp"

namespace hansa {

// What goes wrong on purpose. A job may ask for its own trouble by its environment: HANSA_FAKE_FAIL_START=why,
// HANSA_FAKE_START_DELAY_MS=n.
struct FakeFaults {
  std::string fail_starts;           // not empty: every start fails, with this text
  Duration start_delay{0};           // from StartRun to RunStarted
  std::uint32_t events_to_lose = 0;  // the next so many are never told
  bool forget_on_restart = false;    // a machine that was reset: it knows of no run after attach()
};

class FakeMachine {
 public:
  // With `keep` its runs are written to the state folder and read back.
  FakeMachine(const BackendSettings& settings, bool keep);

  FakeFaults faults;  // changed between calls only

  void attach(BackendHandler* handler);  // nullptr: the daemon is down
  void perform(const BackendCommand& command);
  void advance(Instant now);
  Instant deadline() const;  // when something is due next; end_of_time for never

  const RunFolders& folders() const { return folders_; }
  bool keeps_files() const { return !settings_.state_folder.empty(); }

 private:
  struct Hunt {
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

  FakeRun plan(const StartRun& command) const;
  void run_due();
  void schedule(const RunKey& key);  // as its due time is now
  void schedule_all();
  void step(const RunKey& key, FakeRun& run);
  void tell(BackendEvent event);
  void tell_end(const RunKey& key, const FakeRun& run);
  bool claim_for_host(const RunKey& key);
  void ask_to_stop(const RunKey& key, FakeRun& run, StopReason reason);
  void end_hunts(const RunKey& key);
  void save(const RunKey& key, const FakeRun& run) const;
  void write_output(const RunKey& key, const FakeRun& run) const;
  void load();
  void deliver(std::unique_lock<std::mutex>& lock);

  BackendSettings settings_;
  RunFolders folders_;
  bool keep_;
  mutable std::mutex mutex_;
  BackendHandler* handler_ = nullptr;
  Instant now_{};
  std::map<RunKey, FakeRun> runs_;
  std::map<RunKey, Instant> due_;  // of those for which something is due at all
  std::set<std::pair<Instant, RunKey>> agenda_;
  std::vector<Hunt> hunts_;
  std::deque<BackendEvent> outbox_;
  bool delivering_ = false;  // one thread at a time tells events, so that they stay in order
};

}  // namespace hansa
