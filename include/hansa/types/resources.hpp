// Heterogeneous capacity: pools of equal nodes, and what a job asks of them.
//
// A *unit* is one accelerator of a pool that has them, else one core. A job fits within one site, in one pool, and a
// node's share within one node. Sizes: memory in MiB, speed in FP16 TFLOPS per unit, price per unit-hour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/fields.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// What one node has, or what a job takes of one node.
struct NodeResources {
  std::uint32_t accelerators = 0;
  std::uint32_t cores = 0;
  std::uint64_t memory_mib = 0;

  bool covers(const NodeResources& need) const {
    return accelerators >= need.accelerators && cores >= need.cores && memory_mib >= need.memory_mib;
  }
  NodeResources& operator+=(const NodeResources& other);
  NodeResources& operator-=(const NodeResources& other);

  HANSA_FIELDS(accelerators, cores, memory_mib)
  auto operator<=>(const NodeResources&) const = default;
};

struct Pool {
  std::string name;   // as the operator calls it, unique within the site: "a100"
  std::string model;  // "nvidia-a100", "huawei-ascend910b"; empty for a CPU pool
  std::uint32_t nodes = 0;
  NodeResources per_node;
  double tflops_per_unit = 0;  // 0 for unknown
  double price_per_unit_hour = 0;

  bool has_accelerators() const { return per_node.accelerators > 0; }
  std::uint32_t units_per_node() const { return has_accelerators() ? per_node.accelerators : per_node.cores; }
  std::uint64_t units() const { return std::uint64_t{nodes} * units_per_node(); }

  HANSA_FIELDS(name, model, nodes, per_node, tflops_per_unit, price_per_unit_hour)
  bool operator==(const Pool&) const = default;
};

// What a job asks for. Either nodes × per_node, or compute as such (pflops > 0): then accelerators (or cores) are
// counted from the pool's own speed.
struct ResourceRequest {
  std::uint32_t nodes = 1;
  NodeResources per_node{.accelerators = 0, .cores = 1, .memory_mib = 0};
  double pflops = 0;
  std::vector<std::string> models;  // acceptable ones, most preferred first; empty: any that has what is needed
  std::vector<std::string> labels;  // what the site must have: "apptainer", "cuda>=12"
  Duration time_limit = std::chrono::hours(1);
  bool exclusive = false;          // whole nodes: what else they have is taken as well
  std::vector<std::string> pools;  // preferred ones, by name, rather than needed; most preferred first

  HANSA_FIELDS(nodes, per_node, pflops, models, labels, time_limit, exclusive, pools)
  bool operator==(const ResourceRequest&) const = default;
};

// A request made concrete for one pool.
struct Shape {
  std::uint32_t nodes = 0;
  NodeResources per_node;

  std::uint64_t units(const Pool& pool) const {
    return std::uint64_t{nodes} * (pool.has_accelerators() ? per_node.accelerators : per_node.cores);
  }

  HANSA_FIELDS(nodes, per_node)
  auto operator<=>(const Shape&) const = default;
};

// How `request` would look in `pool`, or nothing if the pool could never hold it, even when empty.
// A job without accelerators takes a CPU pool; it enters an accelerator pool only if it names that pool or its model.
std::optional<Shape> shape_in(const Pool& pool, const ResourceRequest& request);

// Whether a user's word for a model ("a100", "nvidia-a100", the pool's own name) means this pool.
bool names_model(std::string_view word, const Pool& pool);

// 0 for the most preferred model, and so on; models.size() for a pool that is acceptable without being named. Beyond
// that, one more for each step down the list of preferred pools.
std::size_t preference_of(const Pool& pool, const ResourceRequest& request);

// Whether labels that a site has ("cuda=12.2", "apptainer") meet what a job asks ("cuda>=12", "apptainer").
bool labels_meet(const std::vector<std::string>& site, const std::vector<std::string>& wanted);

// "name=a100,model=nvidia-a100,nodes=48,accelerators=8,cpus=128,memory_gb=1024,tflops=312,price=6.8"
Result<Pool> parse_pool(std::string_view text);

// "8 accelerators of a100 or h800, 64 cores, 512 GiB on each of 2 nodes", for messages.
std::string describe(const ResourceRequest& request);

// Which nodes of which pool, and which accelerators on each, a run was given.
struct NodeShare {
  std::uint32_t node = 0;  // index within the pool
  std::vector<std::uint32_t> accelerators;

  HANSA_FIELDS(node, accelerators)
  bool operator==(const NodeShare&) const = default;
};

struct Allocation {
  std::string pool;
  NodeResources per_node;
  std::vector<NodeShare> nodes;

  HANSA_FIELDS(pool, per_node, nodes)
  bool operator==(const Allocation&) const = default;
};

}  // namespace hansa
