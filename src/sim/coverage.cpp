#include "src/sim/coverage.hpp"

#include <variant>

#include "protocol/wire/codec.hpp"

namespace hansa::sim {
namespace {

using Of = Coverage::Row::Of;

constexpr const char* fault_names[] = {"killed",
                                       "killed, write landed",
                                       "killed, write torn",
                                       "power cut",
                                       "disk lost",
                                       "disk error",
                                       "disk full",
                                       "low space",
                                       "disk slow",
                                       "clock rate",
                                       "wall clock",
                                       "drained",
                                       "goodbye",
                                       "cut off",
                                       "deaf",
                                       "slow way",
                                       "lost",
                                       "repeated",
                                       "late"};
constexpr const char* job_names[] = {"pending",
                                     "pending, held",
                                     "array with tasks to split off",
                                     "awarding",
                                     "delegated to itself",
                                     "delegated to itself, started",
                                     "delegated",
                                     "delegated, started",
                                     "delegated, wished back",
                                     "delegated, revoke wished",
                                     "ended, outputs not home",
                                     "ended",
                                     "a duty open"};
constexpr const char* run_names[] = {"accepted",
                                     "confirmed, inputs on their way",
                                     "confirmed, queued",
                                     "start under way",
                                     "started",
                                     "being stopped",
                                     "start claim asked",
                                     "ended, outputs being named",
                                     "finished, not acknowledged",
                                     "finished, outputs not fetched",
                                     "finished",
                                     "revoked",
                                     "returned, not acknowledged",
                                     "returned",
                                     "not yet looked for"};
constexpr const char* held_names[] = {"a bid out", "a call open", "a bid held for a move"};
static_assert(std::size(fault_names) == fault_count && std::size(job_names) == job_rows);
static_assert(std::size(run_names) == run_rows && std::size(held_names) == held_rows);

template <std::size_t... kinds>
std::vector<std::string> message_names(std::index_sequence<kinds...>) {
  return {std::string(hansa::name_of(Message(std::variant_alternative_t<kinds, Message>{})))...};
}

// Whether the other half of it is elsewhere.
bool has_two_sides(JobRow row) {
  return row == JobRow::awarding || row == JobRow::duty || (row >= JobRow::away_waiting && row < JobRow::ended);
}

// What lives in memory only is never being written.
bool is_recorded(const Coverage::Row& row) {
  if (row.of == Of::held) return false;
  if (row.of == Of::job) return true;
  const auto state = static_cast<RunRow>(row.state);
  return state != RunRow::claiming && state != RunRow::collecting && state != RunRow::not_looked_for;
}

bool is_of_site(Fault fault) {
  return static_cast<std::size_t>(fault) < site_fault_count;
}
bool is_of_message(Fault fault) {
  return fault == Fault::lost || fault == Fault::repeated || fault == Fault::late;
}

}  // namespace

const char* name_of(Fault fault) {
  return fault_names[static_cast<std::size_t>(fault)];
}

const std::vector<Coverage::Row>& Coverage::rows() {
  static const auto all = [] {
    std::vector<Row> list;
    for (const auto side : {Side::own, Side::other, Side::message}) {
      const auto add = [&](Of of, std::size_t count) {
        for (std::uint8_t state = 0; state < count; ++state) list.push_back({side, of, state});
      };
      add(Of::job, job_rows);
      add(Of::run, run_rows);
      add(Of::held, held_rows);
      if (side == Side::message) add(Of::message, message_kinds);
    }
    for (std::size_t i = 0, count = list.size(); i < count; ++i) {
      auto row = list[i];
      row.being_written = true;
      if (row.side == Side::own) list.push_back(row);
    }
    return list;
  }();
  return all;
}

std::size_t Coverage::index_of(const Row& row) {
  if (row.of == Of::message) return 4 * things + row.state;
  const auto side = row.being_written ? 3u : static_cast<std::size_t>(row.side);
  const auto first = row.of == Of::job ? 0 : row.of == Of::run ? job_rows : job_rows + run_rows;
  return side * things + first + row.state;
}

std::string Coverage::name_of(const Row& row) {
  static_assert(message_kinds == std::variant_size_v<Message>);
  static const auto messages = message_names(std::make_index_sequence<message_kinds>());
  if (row.of == Of::message) return messages[row.state];
  if (row.of == Of::held) return held_names[row.state];
  return row.of == Of::job ? std::string("job: ") + job_names[row.state] : std::string("run: ") + run_names[row.state];
}

bool Coverage::is_a_cell(const Row& row, Fault fault) {
  if (row.being_written && !is_recorded(row)) return false;
  if (row.side == Side::message) {
    const bool spoken_of = row.of == Of::run || (row.of == Of::job && has_two_sides(static_cast<JobRow>(row.state)));
    return is_of_message(fault) && (spoken_of || row.of == Of::message);
  }
  if (is_of_message(fault)) return false;
  if (row.side == Side::own) return is_of_site(fault);
  if (row.of == Of::job) return has_two_sides(static_cast<JobRow>(row.state));
  return row.of == Of::run || static_cast<HeldRow>(row.state) == HeldRow::bid;
}

void Coverage::count(Fault fault, Side side, JobRow state, bool being_written) {
  count(fault, {side, Of::job, static_cast<std::uint8_t>(state), being_written});
}
void Coverage::count(Fault fault, Side side, RunRow state, bool being_written) {
  count(fault, {side, Of::run, static_cast<std::uint8_t>(state), being_written});
}
void Coverage::count(Fault fault, Side side, HeldRow state) {
  count(fault, {side, Of::held, static_cast<std::uint8_t>(state)});
}
void Coverage::count_message(Fault fault, std::size_t kind) {
  count(fault, {Side::message, Of::message, static_cast<std::uint8_t>(kind)});
}

void Coverage::add(const Coverage& other) {
  for (std::size_t row = 0; row < counts_.size(); ++row) {
    for (std::size_t fault = 0; fault < fault_count; ++fault) counts_[row][fault] += other.counts_[row][fault];
  }
}

void Coverage::add(const Coverage& other, Fault from, Fault as) {
  for (std::size_t row = 0; row < counts_.size(); ++row) {
    counts_[row][static_cast<std::size_t>(as)] += other.counts_[row][static_cast<std::size_t>(from)];
  }
}

}  // namespace hansa::sim
