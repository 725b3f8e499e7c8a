// What Slurm says of its load and of when something would start, for the planner.
#include <algorithm>

#include "src/backends/slurm/slurm_keeper.hpp"

namespace hansa {
namespace {

// sbatch --test-only costs Slurm a look at its whole schedule.
constexpr Duration outlook_interval = std::chrono::seconds(30);

// One unit, a quarter of the pool, all of it.
Shape shape_of(const Pool& pool, int size) {
  const auto per_node = std::max(1u, pool.units_per_node());
  const auto all = std::max<std::uint64_t>(1, pool.units());
  const auto units = size == 0 ? 1 : size == 1 ? std::max<std::uint64_t>(1, all / 4) : all;
  const auto nodes = static_cast<std::uint32_t>((units + per_node - 1) / per_node);
  const auto each = static_cast<std::uint32_t>((units + nodes - 1) / nodes);
  return {nodes,
          pool.has_accelerators() ? NodeResources{.accelerators = each, .cores = 1} : NodeResources{.cores = each}};
}

}  // namespace

void SlurmKeeper::report_load() {
  if (std::all_of(pools_.partitions.begin(), pools_.partitions.end(), [](const auto& p) { return p.nodes.empty(); }))
    pools_.partitions = see_pools(settings_.pools, round_.nodes, settings_.slurm).partitions;
  std::set<RunKey> ours;
  for (const auto& [key, run] : runs_) ours.insert(key);
  clock_.update(boottime_us(), wall_ms());
  auto report = load_of(pools_, round_.nodes, round_.jobs, ours, clock_);
  for (std::size_t i = 0; i < report.pools.size() && i < outlooks_.size(); ++i) {
    report.pools[i].small = outlooks_[i].small;
    report.pools[i].middle = outlooks_[i].middle;
    report.pools[i].large = outlooks_[i].large;
  }
  if (load_told_ && report == load_) return;
  load_ = report;
  load_told_ = true;
  settings_.handler->on_event(std::move(report));
}

// Only of pools where somebody waits: in an idle one our own timetable knows.
void SlurmKeeper::ask_outlook() {
  outlooks_.resize(load_.pools.size());
  std::vector<std::pair<std::size_t, int>> questions;
  for (std::size_t pool = 0; pool < load_.pools.size(); ++pool) {
    if (!load_.pools[pool].others_wait || load_.pools[pool].nodes_usable == 0) {
      outlooks_[pool] = {};
      continue;
    }
    for (const int size : {0, 1, 2}) questions.emplace_back(pool, size);
  }
  if (questions.empty() || asking_outlook_ || now() < outlook_at_) return;
  asking_outlook_ = true;
  ask_next_outlook(std::move(questions));
}

void SlurmKeeper::ask_next_outlook(std::vector<std::pair<std::size_t, int>> questions) {
  if (questions.empty()) {
    asking_outlook_ = false;
    outlook_at_ = now() + outlook_interval;
    return;
  }
  const auto [pool, size] = questions.back();
  questions.pop_back();
  if (pool >= pools_.pools.size()) return ask_next_outlook(std::move(questions));
  runner_.run(commands_.when(pools_.partitions[pool], shape_of(pools_.pools[pool], size)),
              [this, pool = pool, size = size, rest = std::move(questions)](const CommandResult& result) {
                const auto start = slurm::parse_test_only(result.err + result.out);
                auto& outlook = outlooks_.at(pool);
                auto& place = size == 0 ? outlook.small : size == 1 ? outlook.middle : outlook.large;
                place = start ? clock_.instant_of(*start) : Instant{};
                ask_next_outlook(rest);
              });
}

}  // namespace hansa
