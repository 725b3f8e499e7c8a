#include "src/client/job_numbers.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/client/json_read.hpp"

namespace hansa::client {
namespace {

constexpr std::uint64_t task_numbers = 10'000'000;
constexpr const char* no_task = "4294967294";  // what Slurm says when there is none

std::string first_node(const nlohmann::json& job) {
  const auto where = text_of(job, "where");
  const auto bracket = where.find('[');
  if (bracket == std::string::npos) return text_of(job, "host");
  return where.substr(0, bracket) + "-" + where.substr(bracket + 1, where.find_first_of(",-]", bracket) - bracket - 1);
}

// A job's name is no path.
std::string without_slashes(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

std::string value_of(char letter, const nlohmann::json& job) {
  const auto task = text_of(job, "task");
  switch (letter) {
    case 'j':
    case 'J':
      return slurm_job_id(job);
    case 'A':
      return slurm_array_job_id(job);
    case 'a':
      return task.empty() ? no_task : task;
    case 'b':
      return task.empty() ? no_task : std::to_string(std::stoull(task) % 10);
    case 'x':
      return without_slashes(text_of(job, "name"));
    case 'u':
      return without_slashes(text_of(job, "user"));
    case 'N':
      return first_node(job);
    case 'n':
    case 't':
      return "0";
    case 's':
      return "batch";
    default:
      return std::string{'%', letter};
  }
}

std::string padded(std::string value, std::size_t width) {
  if (value.find_first_not_of("0123456789") != std::string::npos || value.size() >= width) return value;
  return std::string(width - value.size(), '0') + value;
}

}  // namespace

std::string slurm_job_id(const nlohmann::json& job) {
  const auto number = static_cast<std::uint64_t>(number_of(job, "number"));
  const auto task = number_of(job, "task", -1);
  return std::to_string(task < 0 ? number : number * task_numbers + static_cast<std::uint64_t>(task));
}

std::string slurm_array_job_id(const nlohmann::json& job) {
  return text_of(job, "number");
}

std::string slurm_shown_id(const nlohmann::json& job) {
  const auto number = text_of(job, "number");
  const auto task = text_of(job, "task");
  if (!task.empty()) return number + "_" + task;
  const auto waiting = text_of(job, "array_waiting");
  return waiting.empty() ? number : number + "_[" + waiting + "]";
}

std::string expand_file_name(const std::string& pattern, const nlohmann::json& job) {
  if (pattern.find('\\') != std::string::npos) {  // as in Slurm: nothing is expanded, and the mark goes
    auto plain = pattern;
    std::erase(plain, '\\');
    return plain;
  }
  constexpr std::size_t width_max = 10;
  std::string name;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '%') {
      name += pattern[at];
      continue;
    }
    std::size_t width = 0;
    while (++at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9')
      width = std::min(width_max, width * 10 + static_cast<std::size_t>(pattern[at] - '0'));
    if (at == pattern.size()) break;
    name += pattern[at] == '%' ? "%" : padded(value_of(pattern[at], job), width);
  }
  return name;
}

}  // namespace hansa::client
