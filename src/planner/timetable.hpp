// Timetable: when each of the first runs of the line is expected to start, and what is left for one that joins its end.
//
// Problem: with 100,000 waiting runs an exact plan costs too much, and it is wrong anyway, since runs end before their
// limits. Idea: the first few hundred of each pool's line are placed one by one, each in the earliest gap that delays
// nobody before it (conservative backfilling). The rest is a mass of work that drains through the pool behind them.
// The mass is read live from the line, so that a timetable that is some milliseconds old still knows what joined since.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "src/planner/options.hpp"
#include "src/planner/pool_ledger.hpp"
#include "src/planner/profile.hpp"
#include "src/planner/waiting_line.hpp"

namespace hansa {

class Timetable {
 public:
  Timetable(const std::vector<PoolLedger>& ledgers, const WaitingLine& line, const EasyOptions& options, Instant now);

  // Of a run that waits.
  Instant start_of(const WaitingRun& run, const WaitingLine& line) const;
  // Of a request that joins the line's end.
  Instant start_at_end(const PoolLedger& ledger, const Choice& choice, Duration limit, const WaitingLine& line) const;

  Instant built_at() const { return built_at_; }
  // What building it took.
  std::uint64_t steps() const { return steps_; }

 private:
  struct PoolTable {
    Profile profile;
    std::size_t placed = 0;
    std::uint64_t unit_seconds_placed = 0;
    Instant last_start;  // of those placed
    std::uint64_t last_arrival = 0;
  };
  void place(const std::vector<PoolLedger>& ledgers, const Queued& queued, const std::vector<char>& open);
  // How long the whole pool needs for so much work.
  Duration drain_time(std::size_t pool, std::uint64_t unit_seconds) const;

  Instant built_at_;
  std::uint64_t steps_ = 0;
  std::vector<PoolTable> pools_;
  std::vector<std::uint64_t> units_;
  std::map<RunKey, Instant> starts_;
};

}  // namespace hansa
