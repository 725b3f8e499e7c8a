// Machine: what simulated runs live on, and what survives a crash of the daemon.
//
// It keeps to the contract of ports/backend.hpp. A start makes a wrapper, which takes its time and then tries for the
// run's marker; the host's claim tries for the same; whoever comes first decides, for good. Wrappers, runs and markers
// know nothing of daemons: while none is there, what they have to tell is lost, and found again by looking.
//
// On a full disk it does what the process backend does: a start fails and a claim is decided once there is room again;
// a lease stays as short as it was; a run that ends can't leave its end, so its wrapper stays until it can.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "src/sim/clock.hpp"

namespace hansa::sim {

// What a run would do, left alone.
struct RunPlan {
  Duration wrapper_delay{0};  // from the command to the try for the marker
  Duration duration{0};
  std::int32_t exit_code = 0;
  bool ignores_term = false;
  bool cannot_start = false;  // the machine refuses it
};

class Machine {
 public:
  // Who looks on: the world's truth, whatever any daemon believes.
  struct Witness {
    std::function<void(const StartRun& command)> started;
    std::function<void(const RunKey& run)> ended;
  };
  using Plan = std::function<RunPlan(const RunKey& run)>;
  using Tell = std::function<void(BackendEvent event)>;

  static constexpr Duration grace = std::chrono::seconds(2);
  static constexpr Duration lease_margin = std::chrono::milliseconds(500);
  static constexpr Duration retry_when_full = std::chrono::seconds(1);

  Machine(SiteClock& clock, Plan plan, Tell tell, Witness witness);

  void perform(const BackendCommand& command);
  // The power goes: nothing of any run is alive, and what had started is found ended.
  void reboot();
  // Its backend is gone with the daemon: what it would have tried again is not.
  void daemon_ended() { ++daemon_; }
  void set_full(bool full) { full_ = full; }

  std::size_t alive() const;

 private:
  // unsaved: ended, and there is no room to write that down.
  enum class Stage : std::uint8_t { starting, claimed, refused, running, unsaved, ended };
  struct Run {
    Stage stage = Stage::starting;
    RunPlan plan;
    StartRun command;
    Instant lease_until = end_of_time;
    WallTime started;
    Instant started_at{};
    std::optional<Instant> stop_at;
    bool stopped_by_lease = false;
    Outcome outcome;
    bool by_lease = false;
    std::uint64_t version = 0;  // raised by what changes when it ends
  };
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

  void try_for_marker(const RunKey& key);
  bool claim_for_host(const RunKey& key);
  bool finds_no_room(const RunKey& key);
  void fail_start(const RunKey& key);
  void save_end(const RunKey& key);
  void stop(const RunKey& key, Run& run, bool by_lease);
  void expect_end(const RunKey& key, Run& run);
  void end(const RunKey& key, Run& run, FinalState state, bool by_lease);
  void tell_end(const RunKey& key, const Run& run);
  void end_hunts(const RunKey& key);

  SiteClock& clock_;
  Plan plan_;
  Tell tell_;
  Witness witness_;
  std::map<RunKey, Run> runs_;
  std::vector<Hunt> hunts_;
  bool full_ = false;
  std::uint64_t daemon_ = 0;
};

}  // namespace hansa::sim
