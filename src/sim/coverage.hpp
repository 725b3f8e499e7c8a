// Coverage: how often each kind of fault struck each state of the protocol.
//
// Problem: ten thousand seeds prove little if no disk was ever full while a revocation was being written. Idea: at the
// moment of a fault everything that it strikes is looked at, and each thing is counted under the state that it was in:
// the jobs and runs of the site itself, those elsewhere whose other half is there, and of a message that is lost the
// job and the run that it speaks of. A count of nothing is an open question; coverage_gaps.cpp answers those that can't
// be closed.
//
// A fault that lasts is counted when it begins and at every second of it.
//
// Invariant: counting draws nothing and changes nothing; a run is the same with and without it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hansa::sim {

enum class Fault : std::uint8_t {
  // Of a site.
  crash,         // the daemon is killed
  landed_write,  // … while a commit is written, which is on the disk, and nobody was told
  torn_write,    // … and which is not
  power_cut,     // the machine with all its runs
  lost_disk,
  failed_write,  // an error of the disk: the daemon ends itself
  full_disk,
  low_space,  // nothing is full yet, but the daemon takes nothing new
  slow_disk,
  clock_rate,  // it gains or loses from now on
  wall_clock,  // it is set wrong
  drain,
  goodbye,
  // Of a pair of sites.
  cut,
  deaf,      // one way: nothing arrives
  slow_way,  // one way: all arrives late
  // Of a message.
  lost,
  repeated,
  late,
};
inline constexpr std::size_t fault_count = 19;
inline constexpr std::size_t site_fault_count = 13;

const char* name_of(Fault fault);

// A job, as its origin has it.
enum class JobRow : std::uint8_t {
  pending,
  held,
  array_waiting,
  awarding,
  home_queued,
  home_started,
  away_waiting,
  away_started,
  move_wished,
  revoke_wished,
  outputs_away,
  ended,
  duty,
};
// A run, as its host has it.
enum class RunRow : std::uint8_t {
  accepted,
  staging,
  queued,
  starting,
  running,
  stopping,
  claiming,
  collecting,
  finished,          // not acknowledged
  finished_outputs,  // acknowledged, its outputs not yet fetched
  finished_done,
  revoked,
  returned,
  returned_done,
  not_looked_for,
};
// What is held for others, or asked of them: a bid that is out, a call that is open, a bid held for a move.
enum class HeldRow : std::uint8_t { bid, call, move };
inline constexpr std::size_t job_rows = 13, run_rows = 15, held_rows = 3;

enum class Side : std::uint8_t {
  own,      // the fault struck the site that has it
  other,    // … the site that has the other half of it, or the way there
  message,  // … a message that speaks of it
};

class Coverage {
 public:
  // Rows, from the first: jobs, runs, what is held; each of `own` twice, the second time for what is not on disk yet.
  struct Row {
    Side side;
    enum class Of : std::uint8_t { job, run, held, message } of;
    std::uint8_t state;
    bool being_written = false;
  };
  void count(Fault fault, Side side, JobRow state, bool being_written = false);
  void count(Fault fault, Side side, RunRow state, bool being_written = false);
  void count(Fault fault, Side side, HeldRow state);
  void count_message(Fault fault, std::size_t kind);
  void add(const Coverage& other);
  // What `other` counted for one fault, as another one.
  void add(const Coverage& other, Fault from, Fault as);

  static std::string name_of(const Row& row);
  // Whether this fault strikes such things at all: a message strikes what it speaks of, a crash the site's own.
  static bool is_a_cell(const Row& row, Fault fault);
  std::uint64_t at(const Row& row, Fault fault) const {
    return counts_[index_of(row)][static_cast<std::size_t>(fault)];
  }

  // Cells that nothing struck and for which no reason is given; and cells of which a reason says that nothing can.
  std::vector<std::string> open_questions() const;
  std::vector<std::string> wrong_reasons() const;
  // As a table of Markdown; 0 with a reason is shown as the reason's letter.
  std::string table() const;

 private:
  static const std::vector<Row>& rows();
  static std::size_t index_of(const Row& row);
  void count(Fault fault, const Row& row) { ++counts_[index_of(row)][static_cast<std::size_t>(fault)]; }
  std::string cell(const Row& row, Fault fault) const;
  std::string section(Side side, const std::vector<Fault>& columns) const;

  static constexpr std::size_t message_kinds = 26;
  static constexpr std::size_t things = job_rows + run_rows + held_rows;
  std::array<std::array<std::uint64_t, fault_count>, 4 * things + message_kinds> counts_{};
};

// Why a cell can't but be empty; null when it should not be.
struct Gap {
  char letter;
  const char* reason;
};
const Gap* gap_of(const Coverage::Row& row, Fault fault);
const std::vector<Gap>& gaps();

}  // namespace hansa::sim
