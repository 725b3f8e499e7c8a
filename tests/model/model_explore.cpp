// model_explore: exhausts small worlds of real Origins and Hosts; see docs/reliability.md.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/model/explore.hpp"

using namespace hansa::model;

int main(int count, char** words) {
  Limits limits;
  limits.states_max = 20'000'000;
  std::string name;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string key = words[i];
    if (key == "--case") name = words[i + 1];
    if (key == "--budget") limits.states_max = static_cast<std::size_t>(std::atoll(words[i + 1]));
  }
  for (const auto& each : all_cases()) {
    if (!name.empty() && each.name != name) continue;
    const auto r = explore(each, limits);
    std::printf("%-12s %9zu states %10zu steps %7zu site states depth %3u %6.1f s %s\n", each.name.c_str(), r.states,
                r.steps, r.site_states, r.depth, r.seconds, r.complete ? "complete" : "cut short");
    if (r.broken.empty()) continue;
    int n = 0;
    for (const auto& step : r.run) std::printf("  %2d %s\n", ++n, step.c_str());
    std::printf("  => %s\n%s", r.broken.c_str(), r.end.c_str());
  }
}
