#include "src/backends/slurm/slurm_load.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace hansa {
namespace {

using Kind = std::tuple<std::string, std::uint32_t, std::uint32_t, std::uint64_t>;

Kind kind_of(const slurm::Node& node) {
  return {node.gres, node.accelerators, node.cpus, node.memory_mib};
}

// "gpu:a100" → "a100".
std::string model_of(const slurm::Node& node) {
  const auto colon = node.gres.find(':');
  if (colon == std::string::npos) return node.gres;
  auto model = node.gres.substr(colon + 1);
  std::transform(model.begin(), model.end(), model.begin(), [](unsigned char c) { return std::tolower(c); });
  return model;
}

std::string partition_of(const std::string& pool, const SlurmSettings& settings) {
  for (const auto& each : settings.partitions) {
    if (each.starts_with(pool + "=")) return each.substr(pool.size() + 1);
  }
  return pool;
}

std::string pool_for(const std::string& partition, const SlurmSettings& settings) {
  for (const auto& each : settings.partitions) {
    const auto equals = each.find('=');
    if (equals != std::string::npos && each.substr(equals + 1) == partition) return each.substr(0, equals);
  }
  return partition;
}

using Nodes = std::vector<const slurm::Node*>;

std::map<Kind, Nodes> kinds_in(const std::string& partition, const std::vector<slurm::Node>& nodes) {
  std::map<Kind, Nodes> kinds;
  for (const auto& node : nodes) {
    if (node.partition == partition) kinds[kind_of(node)].push_back(&node);
  }
  return kinds;
}

void add_pool(SlurmPools& out, Pool pool, const std::string& partition, const Nodes& nodes) {
  SlurmPool known{.pool = pool.name, .partition = partition, .gres = {}, .nodes = {}};
  if (!nodes.empty()) {
    const auto& first = *nodes.front();
    pool.nodes = static_cast<std::uint32_t>(nodes.size());
    pool.per_node = {.accelerators = first.accelerators, .cores = first.cpus, .memory_mib = first.memory_mib};
    known.gres = first.gres;
  }
  for (const auto* node : nodes) known.nodes.push_back(node->name);
  out.pools.push_back(std::move(pool));
  out.partitions.push_back(std::move(known));
}

// Of a partition's kinds of nodes, the one that has what was declared; among several, that with most nodes.
const Nodes* nodes_for(const Pool& pool, const std::map<Kind, Nodes>& kinds) {
  const Nodes* best = nullptr;
  bool best_named = false;
  for (const auto& [kind, nodes] : kinds) {
    if ((nodes.front()->accelerators > 0) != pool.has_accelerators() && kinds.size() > 1) continue;
    const bool named = !pool.model.empty() && names_model(model_of(*nodes.front()), pool);
    const bool better =
        best == nullptr || (named && !best_named) || (named == best_named && nodes.size() > best->size());
    if (!better) continue;
    best = &nodes;
    best_named = named;
  }
  return best;
}

void discover(SlurmPools& out, const std::vector<slurm::Node>& nodes, const SlurmSettings& settings) {
  std::vector<std::string> partitions;
  for (const auto& node : nodes) {
    if (std::find(partitions.begin(), partitions.end(), node.partition) == partitions.end())
      partitions.push_back(node.partition);
  }
  for (const auto& partition : partitions) {
    const auto kinds = kinds_in(partition, nodes);
    std::size_t number = 0;
    for (const auto& [kind, members] : kinds) {
      Pool pool{.name = pool_for(partition, settings), .model = model_of(*members.front())};
      if (++number > 1) pool.name += "-" + std::to_string(number);
      add_pool(out, std::move(pool), partition, members);
    }
  }
}

std::vector<std::string> common_features(const std::vector<slurm::Node>& nodes) {
  if (nodes.empty()) return {};
  auto common = nodes.front().features;
  for (const auto& node : nodes) {
    std::erase_if(common, [&](const auto& feature) {
      return std::find(node.features.begin(), node.features.end(), feature) == node.features.end();
    });
  }
  return common;
}

// A run key of no store, for what is not ours: never 0 in its upper bits, so that kinds do not meet.
RunKey foreign_key(std::uint64_t kind, std::size_t pool, std::uint64_t number) {
  return {.job = {.store = {}, .number = (kind << 62) | (std::uint64_t{pool} << 44) | number}, .epoch = {1}};
}

std::uint32_t share(std::uint64_t whole, std::uint32_t parts) {
  return static_cast<std::uint32_t>((whole + parts - 1) / std::max(1u, parts));
}

// Builds one report. Which accelerators a job has Slurm does not say in squeue; they are dealt out in the jobs' order.
class Builder {
 public:
  Builder(const SlurmPools& pools, const std::set<RunKey>& ours, WallOffset& clock)
      : pools_(pools), ours_(ours), clock_(clock), dealt_(pools.pools.size()) {
    for (std::size_t pool = 0; pool < pools.partitions.size(); ++pool) {
      report.pools.push_back({.pool = pools.pools[pool].name});
      const auto& names = pools.partitions[pool].nodes;
      dealt_[pool].resize(names.size());
      const auto count = std::min<std::size_t>(names.size(), pools.pools[pool].nodes);
      for (std::size_t node = 0; node < count; ++node) places_[names[node]].emplace_back(pool, node);
    }
  }

  void add(const slurm::Node& node, std::set<std::string>& seen) {
    if (!seen.insert(node.name).second) return;  // it is in several partitions
    for (const auto& [pool, number] : places_[node.name]) {
      if (node.usable()) {
        ++report.pools[pool].nodes_usable;
      } else {
        close(pool, number);
      }
    }
  }

  // What Slurm does not know any more takes nothing in.
  void close_missing(const std::set<std::string>& seen) {
    for (const auto& [name, places] : places_) {
      if (seen.contains(name)) continue;
      for (const auto& [pool, number] : places) close(pool, number);
    }
  }

  void add(const slurm::Job& job) {
    if (job.phase() == slurm::JobPhase::over) return;
    const auto run = run_of_slurm_job(job.name);
    const bool is_ours = run && ours_.contains(*run);
    if (job.phase() == slurm::JobPhase::waiting) {
      if (is_ours) report.waits.push_back({*run, job.start_s > 0 ? clock_.instant_of(job.start_s) : end_of_time});
      if (!is_ours && wants_nodes(job)) note_waiting(job.partition);
      return;
    }
    place(job, is_ours ? run : std::nullopt);
  }

  LoadReported report;

 private:
  void close(std::size_t pool, std::size_t number) {
    const auto& facts = pools_.pools[pool];
    NodeShare whole{.node = static_cast<std::uint32_t>(number)};
    for (std::uint32_t i = 0; i < facts.per_node.accelerators; ++i) whole.accelerators.push_back(i);
    report.uses.push_back({.run = foreign_key(2, pool, number),
                           .foreign = true,
                           .allocation = {.pool = facts.name, .per_node = facts.per_node, .nodes = {whole}}});
  }

  // A job that is held, or waits for another or for its time, stands in nobody's way.
  static bool wants_nodes(const slurm::Job& job) {
    for (const std::string_view word : {"Held", "Dependency", "BeginTime", "Assoc", "QOS", "Limit"}) {
      if (job.reason.find(word) != std::string::npos) return false;
    }
    return true;
  }

  void note_waiting(const std::string& partitions) {
    for (std::size_t pool = 0; pool < pools_.partitions.size(); ++pool) {
      if (("," + partitions + ",").find("," + pools_.partitions[pool].partition + ",") != std::string::npos)
        report.pools[pool].others_wait = true;
    }
  }

  NodeShare deal(std::size_t pool, std::size_t node, std::uint32_t accelerators) {
    NodeShare share{.node = static_cast<std::uint32_t>(node)};
    const auto there = pools_.pools[pool].per_node.accelerators;
    for (std::uint32_t i = 0; i < accelerators && there > 0; ++i)
      share.accelerators.push_back(dealt_[pool][node]++ % there);
    return share;
  }

  void place(const slurm::Job& job, std::optional<RunKey> run) {
    std::map<std::size_t, std::vector<std::size_t>> by_pool;
    for (const auto& name : job.nodes) {
      const auto found = places_.find(name);
      if (found == places_.end()) continue;
      for (const auto& [pool, node] : found->second) by_pool[pool].push_back(node);
    }
    for (const auto& [pool, nodes] : by_pool) {
      const NodeResources each{.accelerators = share(job.accelerators, job.node_count),
                               .cores = share(job.cpus, job.node_count),
                               .memory_mib = job.memory_mib / std::max(1u, job.node_count)};
      Allocation allocation{.pool = pools_.pools[pool].name, .per_node = each};
      for (const auto node : nodes) allocation.nodes.push_back(deal(pool, node, each.accelerators));
      report.uses.push_back({.run = run ? *run : foreign_key(1, pool, job.id),
                             .foreign = !run,
                             .allocation = std::move(allocation),
                             .end = job.end_s > 0 ? clock_.instant_of(job.end_s) : end_of_time});
      run.reset();  // in a second pool with the same nodes it only takes room
    }
  }

  const SlurmPools& pools_;
  const std::set<RunKey>& ours_;
  WallOffset& clock_;
  std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>> places_;  // node: pool, number in it
  std::vector<std::vector<std::uint32_t>> dealt_;
};

}  // namespace

const SlurmPool* SlurmPools::find(const std::string& pool) const {
  const auto found =
      std::find_if(partitions.begin(), partitions.end(), [&](const SlurmPool& each) { return each.pool == pool; });
  return found == partitions.end() ? nullptr : &*found;
}

SlurmPools see_pools(const std::vector<Pool>& declared, const std::vector<slurm::Node>& nodes,
                     const SlurmSettings& settings) {
  SlurmPools out;
  for (const auto& pool : declared) {
    const auto partition = partition_of(pool.name, settings);
    const auto kinds = kinds_in(partition, nodes);
    const auto* members = nodes_for(pool, kinds);
    add_pool(out, pool, partition, members != nullptr ? *members : Nodes{});
  }
  if (declared.empty()) discover(out, nodes, settings);
  out.labels = common_features(nodes);
  return out;
}

void WallOffset::update(std::int64_t boot_us, std::int64_t wall_ms) {
  const auto offset = boot_us - wall_ms * 1'000;
  if (std::llabs(offset - offset_us_) > 2'000'000) offset_us_ = offset;
}

Instant WallOffset::instant_of(std::int64_t unix_s) {
  return Instant{Duration(std::max<std::int64_t>(0, unix_s * 1'000'000 + offset_us_))};
}

LoadReported load_of(const SlurmPools& pools, const std::vector<slurm::Node>& nodes,
                     const std::vector<slurm::Job>& jobs, const std::set<RunKey>& ours, WallOffset& clock) {
  Builder builder(pools, ours, clock);
  std::set<std::string> seen;
  for (const auto& node : nodes) builder.add(node, seen);
  builder.close_missing(seen);
  for (const auto& job : jobs) builder.add(job);
  return std::move(builder.report);
}

}  // namespace hansa
