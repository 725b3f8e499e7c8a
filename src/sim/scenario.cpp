#include "src/sim/scenario.hpp"

#include "src/sim/chaos.hpp"
#include "src/sim/federation.hpp"
#include "src/sim/workload.hpp"

namespace hansa::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The site's pools: cores everywhere, accelerators at the first site and at some others, so that every request fits
// somewhere.
std::vector<Pool> draw_pools(std::size_t index, Rng& rng) {
  std::vector<Pool> pools{{.name = "cpu",
                           .nodes = static_cast<std::uint32_t>(2 + rng.below(3)),
                           .per_node = {.cores = static_cast<std::uint32_t>(4 + rng.below(5)), .memory_mib = 1u << 20},
                           .price_per_unit_hour = 0.1}};
  if (index > 0 && rng.below(2) == 0) return pools;
  const bool old = index == 0 || rng.below(2) == 0;
  pools.push_back({.name = old ? "a100" : "h800",
                   .model = old ? "nvidia-a100" : "nvidia-h800",
                   .nodes = static_cast<std::uint32_t>(1 + rng.below(2)),
                   .per_node = {.accelerators = 4, .cores = 16, .memory_mib = 1u << 20},
                   .tflops_per_unit = old ? 312.0 : 990.0,
                   .price_per_unit_hour = old ? 6.8 : 12.0});
  return pools;
}

// site-a … site-z, site-aa …
SiteName name_of(std::size_t index) {
  const std::string last(1, static_cast<char>('a' + index % 26));
  return SiteName{"site-" + (index < 26 ? last : static_cast<char>('a' + index / 26 - 1) + last)};
}

// As a daemon's, with times short enough that every end of a time is met.
ControllerOptions draw_options(std::size_t index, Rng& rng) {
  ControllerOptions options{
      .site = name_of(index), .region = index % 2 == 0 ? "cn/east" : "cn/north", .version = "sim", .backend = "sim"};
  options.membership = MembershipOptions::with_period(seconds(2));
  options.origin.resend = {.first = seconds(1), .last = seconds(8)};
  options.origin.lease_margin = seconds(3);
  options.origin.array_window = 4;
  options.host.resend = {.first = seconds(1), .last = seconds(8)};
  options.host.stop_time = seconds(5);
  options.host.retention = rng.below(2) == 0 ? Duration(minutes(1)) : Duration(std::chrono::hours(24));
  options.origin.history = rng.below(3) == 0 ? Duration(minutes(1)) : Duration(std::chrono::hours(24));
  return options;
}

// A fork, a loaded machine, a batch system that is asked over a network.
Duration draw_backend_delay(Rng& rng) {
  constexpr Duration delays[] = {std::chrono::microseconds(50), milliseconds(5), seconds(2)};
  return delays[rng.below(3)];
}

// What a run would do depends on the job alone, wherever and whenever it runs; whether it can start, on the attempt.
RunPlan plan_of(std::uint64_t seed, const RunKey& run) {
  const auto task = static_cast<std::uint64_t>(run.job.task + 1);
  Rng job(seed ^ (run.job.number << 20) ^ (task << 40) ^ run.job.store.bytes[0]);
  RunPlan plan{.duration = milliseconds(static_cast<std::int64_t>(job.below(20'000)))};
  if (job.below(5) == 0) plan.duration = seconds(static_cast<std::int64_t>(job.below(120)));
  if (job.below(8) == 0) plan.exit_code = 1;
  plan.ignores_term = job.below(5) == 0;
  Rng attempt(job.next() ^ run.epoch.value);
  plan.cannot_start = attempt.below(40) == 0;
  plan.wrapper_delay = milliseconds(static_cast<std::int64_t>(attempt.below(attempt.below(4) == 0 ? 3'000 : 50)));
  return plan;
}

class Run {
 public:
  explicit Run(const ScenarioOptions& options)
      : options_(options),
        rng_(Rng(options.seed).next()),  // hashed: neighbours must not share their draws
        federation_({.seed = rng_.next(),
                     .trace = options.trace,
                     .signatures = options.signatures,
                     .plan = [seed = rng_.next()](const RunKey& run) { return plan_of(seed, run); }}),
        workload_(federation_, Rng{rng_.next()}),
        chaos_(federation_, Rng{rng_.next()}) {}

  ScenarioResult run() {
    // Small ones are soon run and strike everything; now and then a large one shows that size changes nothing.
    const bool large = rng_.below(40) == 0;
    const auto sites = large ? 10 + rng_.below(21) : 3 + rng_.below(4);
    const auto jobs = large ? 100 + rng_.below(301) : 20 + rng_.below(41);
    for (std::size_t i = 0; i < sites; ++i) {
      federation_.add({.controller = draw_options(i, rng_),
                       .pools = draw_pools(i, rng_),
                       .seed = rng_.next(),
                       .backend_delay = draw_backend_delay(rng_)});
    }
    for (auto& site : federation_.sites()) federation_.start(*site);
    const auto trouble = seconds(90 + static_cast<std::int64_t>(rng_.below(150)));
    workload_.plan(jobs, trouble * 3 / 4);
    if (options_.faults) chaos_.reign(Instant{trouble});
    federation_.run_until(Instant{trouble});
    come_to_rest();
    return result();
  }

 private:
  // Liveness: no fault any more, and all must settle.
  void come_to_rest() {
    const auto healed = federation_.timeline().now();
    federation_.log().line("everything heals");
    chaos_.end();
    const Instant patience = healed + std::chrono::hours(2);
    while (!federation_.judge().violation() && federation_.timeline().now() < patience) {
      federation_.run_until(federation_.timeline().now() + seconds(5));
      workload_.wind_up();
      if (federation_.unrest().empty()) break;
    }
    rest_s_ = hansa::seconds(federation_.timeline().now() - healed);
  }

  ScenarioResult result() {
    ScenarioResult result{.seed = options_.seed,
                          .hash = federation_.log().hash(),
                          .lines = federation_.log().lines(),
                          .coverage = federation_.coverage(),
                          .seen = federation_.judge().seen(),
                          .jobs = federation_.judge().promised(),
                          .rest_s = rest_s_};
    if (const auto& violation = federation_.judge().violation()) {
      result.problems.push_back(*violation);
    } else {
      result.problems = federation_.unrest();
    }
    return result;
  }

  ScenarioOptions options_;
  Rng rng_;
  Federation federation_;
  Workload workload_;
  Chaos chaos_;
  double rest_s_ = 0;
};

}  // namespace

ScenarioResult run_scenario(const ScenarioOptions& options) {
  return Run(options).run();
}

}  // namespace hansa::sim
