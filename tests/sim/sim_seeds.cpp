// sim_seeds: runs seeds of the simulated federation, each twice if asked, and says which fail and how to repeat them.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "src/sim/scenario.hpp"
#include "tests/support/fake_signatures.hpp"

namespace {

using namespace hansa;

struct Asked {
  std::uint64_t from = 1;
  std::uint64_t seeds = 100;
  std::uint64_t check_every = 10;
  bool trace = false;
  bool calm = false;
};

sim::ScenarioResult run(const Asked& asked, std::uint64_t seed, bool trace) {
  return sim::run_scenario(
      {.seed = seed, .faults = !asked.calm, .trace = trace, .signatures = [](const SiteName& site) {
         return std::make_unique<test::FakeSignatures>(site.value);
       }});
}

// One seed is one run: the same again must end in the same number.
void check_repeats(const Asked& asked, sim::ScenarioResult& result) {
  if (asked.check_every == 0 || result.seed % asked.check_every != 0) return;
  const auto again = run(asked, result.seed, false);
  if (again.hash != result.hash) result.problems.push_back("run twice, it ended in two different numbers");
}

void tell(const Asked& asked, const sim::ScenarioResult& result) {
  std::printf("seed %llu FAILED\n", static_cast<unsigned long long>(result.seed));
  for (const auto& problem : result.problems) std::printf("  %s\n", problem.c_str());
  std::printf("  to see it again: build/tests/sim_seeds --seeds 1 --from %llu --trace%s\n",
              static_cast<unsigned long long>(result.seed), asked.calm ? " --calm" : "");
}

}  // namespace

int main(int argc, char** argv) {
  Asked asked;
  CLI::App app("Runs seeds of the simulated federation.");
  app.add_option("--from", asked.from, "the first seed");
  app.add_option("--seeds", asked.seeds, "how many");
  app.add_option("--check-every", asked.check_every, "runs every n-th seed twice and compares; 0: none");
  app.add_flag("--trace", asked.trace, "prints all that happens");
  app.add_flag("--calm", asked.calm, "without faults");
  CLI11_PARSE(app, argc, argv);

  std::map<std::string, std::uint64_t> seen;
  std::uint64_t failed = 0, jobs = 0, lines = 0;
  double rest_max_s = 0;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t seed = asked.from; seed < asked.from + asked.seeds; ++seed) {
    auto result = run(asked, seed, asked.trace);
    check_repeats(asked, result);
    jobs += result.jobs;
    lines += result.lines;
    rest_max_s = std::max(rest_max_s, result.rest_s);
    for (const auto& [what, count] : result.seen) seen[what] += count;
    if (result.passed()) continue;
    ++failed;
    tell(asked, result);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%llu seeds, %llu failed; %llu jobs, %llu events, at most %.0f s to rest; %.1f s\n",
              static_cast<unsigned long long>(asked.seeds), static_cast<unsigned long long>(failed),
              static_cast<unsigned long long>(jobs), static_cast<unsigned long long>(lines), rest_max_s, took.count());
  for (const auto& [what, count] : seen)
    std::printf("  %s: %llu\n", what.c_str(), static_cast<unsigned long long>(count));
  return failed == 0 ? 0 : 1;
}
