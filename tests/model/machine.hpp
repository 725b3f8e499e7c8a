// Machine: the runs at one site, which live on when the daemon dies. A value.
//
// It keeps to the contract of ports/backend.hpp: a start makes a wrapper that tries for the run's marker at some later
// moment; the host's claim tries for the same; whoever comes first decides. What it has to tell waits in order until
// the daemon takes it, and is lost with the daemon.
#pragma once

#include <deque>
#include <map>
#include <variant>

#include "hansa/ports/backend.hpp"
#include "hansa/ports/staging.hpp"
#include "tests/model/names.hpp"

namespace hansa::model {

using MachineEvent = std::variant<BackendEvent, StagingEvent>;

class Machine {
 public:
  enum class Stage : std::uint8_t { starting, claimed, running, stopping, ended };
  struct Run {
    Stage stage = Stage::starting;
    bool stray = false;  // the hunt for strays waits for its end
    bool by_lease = false;
    FinalState outcome = FinalState::completed;
    Instant lease_until = end_of_time;
  };

  void perform(const BackendCommand& command);
  // What the daemon has not taken yet goes with it, and its hunt.
  void daemon_died();
  // Nothing of any run is alive; a wrapper that had not come to its marker leaves nothing.
  void power_lost();

  // --- What may happen by itself.
  void wrapper_starts(const RunKey& run);
  void wrapper_fails(const RunKey& run);
  void ends(const RunKey& run);      // left alone
  void fails(const RunKey& run);     // with its node
  void dies(const RunKey& run);      // of a stop
  void outlives(const RunKey& run);  // its lease, by which it must be dead

  static bool is_alive(const Run& run) { return run.stage == Stage::running || run.stage == Stage::stopping; }
  const std::map<RunKey, Run>& runs() const { return runs_; }
  std::deque<MachineEvent>& events() { return events_; }
  const std::deque<MachineEvent>& events() const { return events_; }
  bool hunts() const { return hunts_; }

 private:
  std::map<RunKey, Run> runs_;
  std::deque<MachineEvent> events_;
  bool hunts_ = false;

  void on(const StartRun& command);
  void on(const StopRun& command);
  void on(const ClaimRun& command);
  void on(const LookForRun& command);
  void on(const ExtendLease& command);
  void on(const ForgetRun& command);
  void on(const StopStrayRuns& command);

  void tell(BackendEvent event) { events_.emplace_back(std::move(event)); }
  void tell_end(const RunKey& key, const Run& run);
  bool claim(const RunKey& key);
  void end(const RunKey& key, FinalState outcome, bool by_lease);
  void end_hunt();
};

}  // namespace hansa::model
