#include <algorithm>
#include <charconv>

#include "hansa/types/job.hpp"

namespace hansa {
namespace {

constexpr std::int32_t task_index_max = 4'000'000;

Error bad_array(std::string_view text, std::string_view why) {
  return usage_error("array '" + std::string(text.substr(0, 80)) + "': " + std::string(why) +
                     "; write it as in 1-100, 0,3,7-9 or 1-9:2, with %10 behind it for at most ten at once");
}

bool parse_index(std::string_view text, std::int32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() && number >= 0 &&
         number <= task_index_max;
}

// What stands before `mark`; `text` keeps what stands behind it.
std::string_view cut(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const auto head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return head;
}

// "7", "7-9" or "1-9:2". False when it is none of them, or too many.
bool add_range(std::string_view item, std::vector<std::int32_t>& tasks) {
  std::int32_t first = 0;
  std::int32_t step = 1;
  const bool ranged = item.find('-') != std::string_view::npos;
  if (!parse_index(cut(item, '-'), first)) return false;
  std::int32_t last = first;
  if (ranged) {
    const bool stepped = item.find(':') != std::string_view::npos;
    if (!parse_index(cut(item, ':'), last) || last < first) return false;
    if (stepped && (!parse_index(item, step) || step == 0)) return false;
  }
  for (auto task = first; task <= last; task += step) {
    if (tasks.size() > array_tasks_max) return false;
    tasks.push_back(task);
  }
  return true;
}

}  // namespace

Result<ArraySpec> parse_array(std::string_view text) {
  ArraySpec array;
  auto rest = text;
  auto ranges = cut(rest, '%');
  if (text.find('%') != std::string_view::npos) {
    std::int32_t at_once = 0;
    if (!parse_index(rest, at_once) || at_once == 0) return bad_array(text, "behind % stands no number of 1 or more");
    array.parallel_max = static_cast<std::uint32_t>(at_once);
  }
  if (ranges.empty() || ranges.back() == ',') return bad_array(text, "an index is missing");
  while (!ranges.empty()) {
    const auto item = cut(ranges, ',');
    if (!add_range(item, array.tasks)) {
      return bad_array(text, "'" + std::string(item.substr(0, 40)) +
                                 "' is no index or range of 0 to 4000000, or has more than 65536 tasks");
    }
  }
  std::sort(array.tasks.begin(), array.tasks.end());
  array.tasks.erase(std::unique(array.tasks.begin(), array.tasks.end()), array.tasks.end());
  if (array.tasks.size() > array_tasks_max) return bad_array(text, "it has more than 65536 tasks");
  return array;
}

std::string format_array(const ArraySpec& array) {
  const auto& tasks = array.tasks;
  std::string text;
  for (std::size_t first = 0; first < tasks.size();) {
    std::size_t last = first;
    while (last + 1 < tasks.size() && tasks[last + 1] == tasks[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(tasks[first]);
    if (last > first) text += "-" + std::to_string(tasks[last]);
    first = last + 1;
  }
  if (array.parallel_max > 0 && !text.empty()) text += "%" + std::to_string(array.parallel_max);
  return text;
}

}  // namespace hansa
