// Case: a small world to exhaust. Who is in it, what may happen, and how often.
//
// Deliveries, timers, flushes, starts and ends may come in any order and number; what stands in `faults` is what may
// strike, so many times at most. Instants are not compared in a case without `lease`: there a timer is one that repeats
// something, one that loses patience, or one that forgets, and may fire at any moment.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/time.hpp"

namespace hansa::model {

inline constexpr std::size_t sites_max = 3;
inline constexpr std::size_t jobs_max = 2;
inline constexpr std::size_t epochs_max = 4;

enum class Fault : std::uint8_t {
  origin_crash,
  host_crash,
  loss,       // of everything in transit
  disk_loss,  // of a host
  freeze,     // of a host, for ever; its runs run on
  refusal,
  return_,
  no_start,  // the machine refuses a run
  reboot,    // of a host's machine, with leases: its runs die, its clock begins anew
  cancel,
  move,
  rerun,
  give_up,  // of an award that is already delegated, which must not work
  forget,   // by the origin's operator, of a host; for good when that is frozen
  origin_disk_loss,
  origin_freeze,  // for ever
  let_go,         // by a host's operator, of what it has for the origin
  node_failure,   // of the node that a run is on
  count,
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::count);

constexpr std::string_view to_word(Fault fault) {
  constexpr std::array<std::string_view, fault_count> words = {
      "origin crash",     "host crash",    "loss",   "disk loss",   "freeze", "refusal", "return",
      "no start",         "reboot",        "cancel", "move",        "rerun",  "give up", "forget",
      "origin disk loss", "origin freeze", "let go", "node failure"};
  return words[static_cast<std::size_t>(fault)];
}

struct Budget {
  Fault fault;
  unsigned times = 1;
};

// Time in steps: every site's clock moves by its own rate at each.
struct LeaseTimes {
  unsigned steps = 0;
  Duration lease{0};
  std::array<Duration, sites_max> rates{};
  double drift_bound = 0;
};

struct Case {
  std::string name;
  std::string about;
  std::size_t sites = 2;  // site 0 is the origin; the others are hosts
  std::size_t jobs = 1;
  unsigned epochs = 2;     // places that are tried for one job
  bool own_queue = false;  // the origin is a host as well
  bool outputs = false;    // runs leave files that are pulled home
  bool requeue = false;    // jobs are placed again when their node fails, with what the run left
  bool is_long = false;    // for a long run only
  std::vector<Budget> faults;
  LeaseTimes times;

  bool leased() const { return times.steps > 0; }
  // An origin that lost its disk is given a new job, under the number of the first.
  std::size_t job_count() const { return jobs + (may_strike(Fault::origin_disk_loss) ? 1 : 0); }
  bool may_strike(Fault fault) const {
    for (const auto& budget : faults) {
      if (budget.fault == fault) return true;
    }
    return false;
  }
};

// Those that ctest exhausts, and larger ones for a long run.
const std::vector<Case>& all_cases();
const Case* find_case(std::string_view name);

}  // namespace hansa::model
