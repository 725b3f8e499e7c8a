// Small words for the planner's tests: pools, requests and runs in one line each.
#pragma once

#include <string>
#include <vector>

#include "src/planner/easy_planner.hpp"

namespace hansa::planner_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline Instant at(std::int64_t s) {
  return Instant{seconds(1'000 + s)};
}

inline Pool gpu_pool(std::uint32_t nodes, std::string name = "a100") {
  return {.name = name,
          .model = "nvidia-" + name,
          .nodes = nodes,
          .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 512 << 10},
          .tflops_per_unit = 312,
          .price_per_unit_hour = 6.8};
}

inline Pool cpu_pool(std::uint32_t nodes, std::uint32_t cores = 64) {
  return {.name = "cpu", .nodes = nodes, .per_node = {.cores = cores, .memory_mib = 256 << 10}};
}

inline Shape gpus(std::uint32_t nodes, std::uint32_t count) {
  return {nodes, {.accelerators = count, .cores = 1}};
}

struct Ask {
  std::uint32_t nodes = 1;
  std::uint32_t gpus = 0;
  std::uint32_t cores = 1;
  Duration limit = hours(1);
  std::vector<std::string> models;
};

inline Shared<JobRequest> ask(const Ask& wanted) {
  return JobRequest{.resources = {.nodes = wanted.nodes,
                                  .per_node = {.accelerators = wanted.gpus, .cores = wanted.cores},
                                  .models = wanted.models,
                                  .time_limit = wanted.limit}};
}

inline RunKey run(std::uint64_t number) {
  return {.job = {.number = number}, .epoch = {1}};
}

inline BidId bid(std::uint8_t number) {
  BidId id;
  id.bytes[0] = number;
  return id;
}

inline QueueEntry ready(std::uint64_t number, const Ask& wanted, Instant queued = at(0)) {
  return {run(number), ask(wanted), queued, true};
}

inline QueueEntry unready(std::uint64_t number, const Ask& wanted, Instant queued = at(0)) {
  return {run(number), ask(wanted), queued, false};
}

inline std::vector<std::uint64_t> numbers(const std::vector<StartDecision>& starts) {
  std::vector<std::uint64_t> out;
  for (const auto& start : starts) out.push_back(start.run.job.number);
  return out;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace hansa::planner_test
