// Coverage: what the counts say, for people and for the test that demands that no cell is empty.
#include "src/sim/coverage.hpp"

namespace hansa::sim {
namespace {

using Of = Coverage::Row::Of;

std::vector<Fault> range(Fault first, Fault last) {
  std::vector<Fault> list;
  for (auto i = static_cast<int>(first); i <= static_cast<int>(last); ++i) list.push_back(static_cast<Fault>(i));
  return list;
}

std::string short_number(std::uint64_t count) {
  if (count < 10'000) return std::to_string(count);
  return count < 10'000'000 ? std::to_string(count / 1'000) + "k" : std::to_string(count / 1'000'000) + "M";
}

std::string where(const Coverage::Row& row, Fault fault) {
  static constexpr const char* sides[] = {"at its own site", "at the other site", "in transit"};
  return Coverage::name_of(row) + (row.being_written ? ", being written" : "") + " × " + name_of(fault) + " " +
         sides[static_cast<std::size_t>(row.side)];
}

}  // namespace

std::vector<std::string> Coverage::open_questions() const {
  std::vector<std::string> found;
  for (const auto& row : rows()) {
    for (const auto fault : range(Fault::crash, Fault::late)) {
      if (is_a_cell(row, fault) && at(row, fault) == 0 && !gap_of(row, fault)) found.push_back(where(row, fault));
    }
  }
  return found;
}

std::vector<std::string> Coverage::wrong_reasons() const {
  std::vector<std::string> found;
  for (const auto& row : rows()) {
    for (const auto fault : range(Fault::crash, Fault::late)) {
      const auto* gap = is_a_cell(row, fault) ? gap_of(row, fault) : nullptr;
      if (gap && at(row, fault) > 0) found.push_back(where(row, fault) + ", though " + gap->reason);
    }
  }
  return found;
}

std::string Coverage::cell(const Row& row, Fault fault) const {
  const auto one = [&](const Row& each) -> std::string {
    if (!is_a_cell(each, fault)) return "";
    const auto* gap = gap_of(each, fault);
    return at(each, fault) == 0 && gap ? std::string(1, gap->letter) : short_number(at(each, fault));
  };
  auto text = one(row);
  if (row.side != Side::own) return text;
  auto written = row;
  written.being_written = true;
  const auto second = one(written);
  return second.empty() ? text : text + "/" + second;
}

std::string Coverage::section(Side side, const std::vector<Fault>& columns) const {
  std::string text = "| |";
  for (const auto fault : columns) text += std::string(" ") + sim::name_of(fault) + " |";
  text += "\n|---|";
  for (std::size_t i = 0; i < columns.size(); ++i) text += "--:|";
  text += "\n";
  for (const auto& row : rows()) {
    if (row.side != side || row.being_written || !is_a_cell(row, columns.front())) continue;
    text += "| " + name_of(row) + " |";
    for (const auto fault : columns) text += " " + cell(row, fault) + " |";
    text += "\n";
  }
  return text + "\n";
}

std::string Coverage::table() const {
  auto text = "Struck at its own site (on disk / being written):\n\n" +
              section(Side::own, range(Fault::crash, Fault::goodbye)) +
              "Struck at the site that has the other half of it, or on the way there:\n\n" +
              section(Side::other, range(Fault::crash, Fault::slow_way)) +
              "A message struck that speaks of it, and messages by kind:\n\n" +
              section(Side::message, range(Fault::lost, Fault::late));
  for (const auto& gap : gaps()) text += std::string(1, gap.letter) + ": " + gap.reason + "\n";
  return text;
}

}  // namespace hansa::sim
