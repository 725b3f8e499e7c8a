// The brain alone: steps a second of a Controller whose disk, machine and files answer at once and cost nothing.
//
// What is left when the sync, the wire and the threads are taken away; the ceiling of every other figure. One round is
// one job's whole life at its own site: submitted, placed, started, ended, its outputs collected and home.
#include <benchmark/benchmark.h>

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "protocol/controller/controller.hpp"
#include "src/placement/registry.hpp"
#include "src/planner/easy_planner.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hansa::bench {
namespace {

class CountedIds final : public IdSource {
 public:
  std::array<std::uint8_t, 16> draw() override {
    std::array<std::uint8_t, 16> bytes{};
    ++count_;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(count_ >> (8 * i));
    return bytes;
  }

 private:
  std::uint64_t count_ = 0;
};

class CoreSite {
 public:
  explicit CoreSite(std::uint32_t cores) {
    StoredState stored{.store = StoreId{ids_.draw()}};
    std::vector<Pool> pools{{.name = "cpu", .nodes = 1, .per_node = {.cores = cores, .memory_mib = 1 << 20}}};
    ControllerParts parts{.planner = std::make_unique<EasyPlanner>(std::move(pools)),
                          .score = *find_score(default_score),
                          .signatures = &signatures_,
                          .ids = &ids_,
                          .daemon = DaemonId{ids_.draw()},
                          .boot = BootId{ids_.draw()},
                          .abilities = {.holds_leases = true},
                          .seed = 1};
    controller_ = std::make_unique<Controller>(ControllerOptions{.site = name_}, std::move(parts), stored);
    run([&](Effects& out) { controller_->start(now(), std::move(stored), out); });
  }

  void submit(bool runs) {
    JobRequest request{.name = "bench", .user = "ana"};
    request.resources.time_limit = std::chrono::minutes(5);
    runs_end_ = runs;
    run([&](Effects& out) {
      SubmitJobs call{.jobs = {{.request = request, .payload = std::string("#!/bin/sh\ntrue\n")}}};
      controller_->call(now(), Ticket{++tickets_}, {.user = "ana"}, call, out);
    });
    time_ += std::chrono::microseconds(100);
    if (controller_->deadline() && *controller_->deadline() <= time_) {
      run([&](Effects& out) { controller_->tick(now(), out); });
    }
  }
  std::size_t steps() const { return steps_; }
  const Controller& controller() const { return *controller_; }

 private:
  using Step = std::function<void(Effects&)>;

  Now now() const { return {.instant = time_, .wall = WallTime{1'700'000'000'000}}; }

  // A step and all that follows from it.
  void run(Step first) {
    waiting_.push_back(std::move(first));
    while (!waiting_.empty()) {
      const auto step = std::move(waiting_.front());
      waiting_.pop_front();
      Effects out;
      step(out);
      ++steps_;
      for (auto* sends : {&out.send, &out.send_durable}) {
        for (auto& send : *sends) hear(std::move(send));
      }
      for (const auto& command : out.backend) std::visit([this](const auto& c) { answer(c); }, command);
      for (const auto& command : out.staging) std::visit([this](const auto& c) { answer(c); }, command);
    }
  }

  void hear(Send send) {
    if (send.to != name_) return;
    waiting_.push_back(
        [this, message = std::move(send.message)](Effects& out) { controller_->step(now(), name_, message, out); });
  }
  template <class Event>
  void tell(Event event) {
    waiting_.push_back([this, event = std::move(event)](Effects& out) {
      if constexpr (requires(BackendEvent e) { e = event; }) {
        controller_->step(now(), BackendEvent(event), out);
      } else {
        controller_->step(now(), StagingEvent(event), out);
      }
    });
  }
  void answer(const StartRun& start) {
    tell(RunStarted{.run = start.run});
    if (runs_end_) tell(RunEnded{.run = start.run});
  }
  void answer(const StopStrayRuns&) { tell(StrayRunsStopped{}); }
  void answer(const CollectOutputs& collect) { tell(OutputsCollected{.run = collect.run}); }
  void answer(const PullOutputs& pull) { tell(OutputsHome{.run = pull.run}); }
  template <class Command>
  void answer(const Command&) {}

  SiteName name_{"bench"};
  CountedIds ids_;
  test::FakeSignatures signatures_{"bench"};
  Instant time_{std::chrono::hours(1)};
  bool runs_end_ = true;
  std::uint64_t tickets_ = 0;
  std::size_t steps_ = 0;
  std::deque<Step> waiting_;
  std::unique_ptr<Controller> controller_;
};

void whole_lives(benchmark::State& state) {
  CoreSite site(64);
  const auto before = site.steps();
  for (auto _ : state) site.submit(true);
  state.counters["steps/s"] =
      benchmark::Counter(static_cast<double>(site.steps() - before), benchmark::Counter::kIsRate);
  if (site.controller().origin().active_count() != 0) state.SkipWithError("a job did not end");
}
BENCHMARK(whole_lives);

void submissions_to_a_full_site(benchmark::State& state) {
  CoreSite site(1);
  site.submit(false);
  for (int i = 0; i < state.range(0); ++i) site.submit(false);
  for (auto _ : state) site.submit(false);
  state.counters["jobs/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(submissions_to_a_full_site)->Arg(0)->Arg(100'000);

}  // namespace
}  // namespace hansa::bench

BENCHMARK_MAIN();
