// sim_seeds: runs seeds of the simulated federation, each twice if asked, and says which fail and how to repeat them;
// and what the faults of all of them struck.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
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
  bool fresh = false;
  bool coverage = false;
  bool no_gaps = false;
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

// Seeds that nobody ran before, as far as a clock can promise that.
std::uint64_t fresh_seed() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) * 1'000;
}

struct Sum {
  std::map<std::string, std::uint64_t> seen;
  sim::Coverage coverage;
  std::uint64_t failed = 0, jobs = 0, lines = 0;
  double rest_max_s = 0;

  void add(const sim::ScenarioResult& result) {
    jobs += result.jobs;
    lines += result.lines;
    rest_max_s = std::max(rest_max_s, result.rest_s);
    coverage.add(result.coverage);
    for (const auto& [what, count] : result.seen) seen[what] += count;
  }
};

void print(const Asked& asked, const Sum& sum, double took_s, double cpu_s) {
  std::printf(
      "%llu seeds from %llu, %llu failed; %llu jobs, %llu events, at most %.0f s to rest; %.1f s, %.0f seeds a "
      "CPU-minute\n",
      static_cast<unsigned long long>(asked.seeds), static_cast<unsigned long long>(asked.from),
      static_cast<unsigned long long>(sum.failed), static_cast<unsigned long long>(sum.jobs),
      static_cast<unsigned long long>(sum.lines), sum.rest_max_s, took_s,
      60 * static_cast<double>(asked.seeds) / cpu_s);
  for (const auto& [what, count] : sum.seen)
    std::printf("  %s: %llu\n", what.c_str(), static_cast<unsigned long long>(count));
  if (asked.coverage) std::printf("\n%s", sum.coverage.table().c_str());
}

// A state that no fault struck is a question that nobody asked.
bool has_gaps(const sim::Coverage& coverage) {
  const auto open = coverage.open_questions();
  const auto wrong = coverage.wrong_reasons();
  for (const auto& cell : open) std::printf("never struck, and no reason given: %s\n", cell.c_str());
  for (const auto& cell : wrong) std::printf("struck: %s\n", cell.c_str());
  return !open.empty() || !wrong.empty();
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
  app.add_flag("--fresh", asked.fresh, "begins at a seed that nobody ran before");
  app.add_flag("--coverage", asked.coverage, "prints how often each fault struck each state");
  app.add_flag("--no-gaps", asked.no_gaps, "fails when a fault never struck a state, unless a reason is known");
  CLI11_PARSE(app, argc, argv);
  if (asked.fresh) asked.from = fresh_seed();

  Sum sum;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t seed = asked.from; seed < asked.from + asked.seeds; ++seed) {
    auto result = run(asked, seed, asked.trace);
    check_repeats(asked, result);
    sum.add(result);
    if (result.passed()) continue;
    ++sum.failed;
    tell(asked, result);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  print(asked, sum, took.count(), static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
  const bool gaps = asked.no_gaps && has_gaps(sum.coverage);
  return sum.failed == 0 && !gaps ? 0 : 1;
}
