#include "tests/model/whole/scene.hpp"

#include <charconv>

namespace hansa::model {
namespace {

using std::chrono::seconds;

Submission job(std::uint32_t cores, Duration lease = Duration{0}) {
  JobRequest request{.name = "x", .user = "mei"};
  request.resources.per_node.cores = cores;
  request.resources.time_limit = seconds(60);
  if (lease > Duration{0}) {
    request.on_partition = OnPartition::rerun;
    request.lease = lease;
  }
  return {.request = std::move(request)};
}

Submission with_files(Submission submission) {
  submission.request.edit().bundle_bytes = 1;
  return submission;
}

Submission array_of(std::int32_t tasks, std::uint32_t parallel, Submission submission) {
  for (std::int32_t task = 0; task < tasks; ++task) submission.array.tasks.push_back(task);
  submission.array.parallel_max = parallel;
  return submission;
}

bool take_number(std::string_view& text, std::uint32_t& value) {
  if (text.empty() || text.front() != ':') return false;
  text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

std::string to_text(const Twist& twist) {
  return std::string(to_word(twist.kind)) + ":" + std::to_string(twist.site) + ":" + std::to_string(twist.at);
}

std::optional<Twist> twist_from(std::string_view text) {
  for (std::size_t kind = 0; kind < twist_kinds; ++kind) {
    Twist twist{.kind = static_cast<TwistKind>(kind)};
    const auto word = to_word(twist.kind);
    if (!text.starts_with(word) || text.substr(word.size(), 1) != ":") continue;
    text.remove_prefix(word.size());
    std::uint32_t site = 0;
    if (!take_number(text, site) || !take_number(text, twist.at) || !text.empty()) return std::nullopt;
    twist.site = static_cast<std::uint8_t>(site);
    return twist;
  }
  return std::nullopt;
}

const std::vector<Scene>& all_scenes() {
  static const std::vector<Scene> scenes = {
      {.name = "away", .about = "a job that fits at the other site only", .cores = {1, 4}, .story = {job(4)}},
      {.name = "home", .about = "a job that runs at home", .cores = {4, 4}, .story = {with_files(job(4))}},
      {.name = "overflow",
       .about = "two jobs, and room for one at each site",
       .cores = {4, 4},
       .story = {job(4), with_files(job(4))}},
      {.name = "array",
       .about = "an array of three tasks, two at a time, that fits at the other site only",
       .cores = {1, 4},
       .story = {array_of(3, 2, job(2))}},
      {.name = "lease",
       .about = "a job under a lease that fits at the other site only",
       .cores = {1, 4},
       .story = {job(4, seconds(20))}},
  };
  return scenes;
}

}  // namespace hansa::model
