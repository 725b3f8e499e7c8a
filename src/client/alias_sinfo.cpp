#include <algorithm>
#include <set>

#include "src/client/aliases.hpp"
#include "src/client/formats.hpp"
#include "src/client/json_read.hpp"
#include "src/client/slurm_format.hpp"

namespace hansa::client {
namespace {

constexpr FormatName sinfo_names[] = {
    {'P', "PARTITION", "partition"},
    {'R', "PARTITION", "partitionname"},
    {'a', "AVAIL", "available"},
    {'l', "TIMELIMIT", "time"},
    {'D', "NODES", "nodes"},
    {'F', "NODES(A/I/O/T)", "nodeaiot"},
    {'C', "CPUS(A/I/O/T)", "cpusstate"},
    {'t', "STATE", "statecompact"},
    {'T', "STATE", "statelong"},
    {'N', "NODELIST", "nodelist"},
    {'n', "HOSTNAMES", "nodehost"},
    {'c', "CPUS", "cpus"},
    {'m', "MEMORY", "memory"},
    {'G', "GRES", "gres"},
    {'f', "AVAIL_FEATURES", "features"},
    {'b', "ACTIVE_FEATURES", "features_act"},
    {'V', "CLUSTER", "cluster"},
    {'w', "WEIGHT", "weight"},
    {'E', "REASON", "reason"},
    {'e', "FREE_MEM", "freemem"},
    {'O', "CPU_LOAD", "cpusload"},
    {'s', "JOB_SIZE", "size"},
    {'r', "ROOT", "root"},
    {'h', "OVERSUBS", "oversubscribe"},
    {'g', "GROUPS", "groups"},
};

// Nodes of one pool that are in one state.
struct NodeGroup {
  nlohmann::json pool;
  std::uint64_t nodes = 0;
  std::string_view state;  // in full
};

std::uint64_t count_in(const nlohmann::json& pool, const char* field) {
  return static_cast<std::uint64_t>(std::max(0.0, number_of(pool, field)));
}

std::uint64_t units_per_node(const nlohmann::json& pool) {
  return std::max<std::uint64_t>(1, count_in(pool, "units") / std::max<std::uint64_t>(1, count_in(pool, "nodes")));
}

// A site's digest tells how many nodes are wholly free and how many units in all: the rest are mixed or allocated.
std::vector<NodeGroup> groups_of(const nlohmann::json& pool) {
  const auto nodes = count_in(pool, "nodes");
  const auto state = text_of(pool, "state");
  if (state == "failed" || state == "left") return {{pool, nodes, "down"}};
  if (state == "suspect" || text_of(pool, "units_free").empty()) return {{pool, nodes, "unknown"}};
  if (flag_of(pool, "draining")) return {{pool, nodes, "drained"}};
  const auto idle = std::min(nodes, count_in(pool, "nodes_free"));
  const auto units_free = count_in(pool, "units_free");
  const bool partly = units_free > idle * units_per_node(pool);
  std::vector<NodeGroup> groups;
  if (idle < nodes) groups.push_back({pool, nodes - idle, partly ? "mixed" : "allocated"});
  if (idle > 0 || nodes == 0) groups.push_back({pool, idle, "idle"});
  return groups;
}

std::string_view compact_node_state(std::string_view state) {
  if (state == "allocated") return "alloc";
  if (state == "mixed") return "mix";
  if (state == "drained") return "drain";
  if (state == "unknown") return "unk";
  return state;
}

std::string shares(std::uint64_t taken, std::uint64_t idle, std::uint64_t other) {
  return std::to_string(taken) + "/" + std::to_string(idle) + "/" + std::to_string(other) + "/" +
         std::to_string(taken + idle + other);
}

// Taken, idle, other, of all nodes of the pool that are in this line.
std::string shares_of(const NodeGroup& group, std::uint64_t per_node) {
  const auto all = group.nodes * per_node;
  if (group.state == "idle") return shares(0, all, 0);
  if (group.state == "allocated") return shares(all, 0, 0);
  if (group.state != "mixed") return shares(0, 0, all);
  if (per_node == 1) return shares(all, 0, 0);
  const auto idle_nodes = count_in(group.pool, "nodes_free");
  const auto unit_share =
      static_cast<double>(count_in(group.pool, "units_free") - idle_nodes * units_per_node(group.pool)) /
      static_cast<double>(group.nodes * units_per_node(group.pool));
  const auto idle = std::min(all, static_cast<std::uint64_t>(unit_share * static_cast<double>(all)));
  return shares(all - idle, idle, 0);
}

std::string accelerators_of(const nlohmann::json& pool) {
  const auto count = count_in(pool, "accelerators_per_node");
  const auto model = text_of(pool, "model");
  return count == 0 ? "(null)" : "gpu:" + (model.empty() ? "" : model + ":") + std::to_string(count);
}

std::string sinfo_value(char letter, const NodeGroup& group) {
  const auto& pool = group.pool;
  switch (letter) {
    case 'P':
    case 'R':
      return text_of(pool, "pool");
    case 'a':
      return group.state == "down" ? "down" : "up";
    case 'l':
      return "infinite";
    case 'D':
      return std::to_string(group.nodes);
    case 'F':
      return shares_of(group, 1);
    case 'C':
      return shares_of(group, count_in(pool, "cores_per_node"));
    case 't':
      return std::string(compact_node_state(group.state));
    case 'T':
      return std::string(group.state);
    case 'N':
    case 'n':
      return text_of(pool, "site") + ":" + text_of(pool, "pool");
    case 'c':
      return std::to_string(count_in(pool, "cores_per_node"));
    case 'm':
      return std::to_string(count_in(pool, "memory_bytes_per_node") >> 20);
    case 'G':
      return accelerators_of(pool);
    case 'f':
    case 'b':
      return text_of(pool, "model").empty() ? "(null)" : text_of(pool, "model");
    case 'V':
      return text_of(pool, "site");
    default:
      return "N/A";
  }
}

Result<LineFormat> format_of_sinfo(const Args& args) {
  if (const auto format = args.last("format")) return parse_format(*format);
  if (const auto format = args.last("Format")) return parse_long_format(*format, sinfo_names);
  if (args.has("summarize")) return parse_format("%9P %.5a %.10l %.16F %N");
  if (args.has("Node")) return parse_format("%20N %.6D %.9P %6t");
  if (args.has("long")) return parse_format("%9P %.5a %.10l %.10s %.4r %.8h %.10g %.6D %.11T %N");
  return parse_format("%9P %.5a %.10l %.6D %.6t %N");
}

std::set<std::string> set_of(const Args& args, std::string_view name) {
  const auto list = split(args.last(name).value_or(""), ',');
  return {list.begin(), list.end()};
}

void summarize(std::vector<NodeGroup>& groups, const nlohmann::json& pool) {
  groups.push_back({pool, count_in(pool, "nodes"), groups_of(pool).front().state});
}

std::string summary_shares(const nlohmann::json& pool) {
  std::uint64_t taken = 0, idle = 0, other = 0;
  for (const auto& group : groups_of(pool)) {
    auto& sum = group.state == "idle" ? idle : group.state == "mixed" || group.state == "allocated" ? taken : other;
    sum += group.nodes;
  }
  return shares(taken, idle, other);
}

}  // namespace

Outcome alias_sinfo(Context& context, const Args& args) {
  if (!args.words.empty()) return usage_error("'" + args.words.front() + "' is no option");
  const auto format = format_of_sinfo(args);
  if (!format) return format.error();
  const auto reply = context.daemon.ask({.target = "/v1/capacity"});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  const auto sites = set_of(args, "clusters");
  const auto pools = set_of(args, "partition");
  const auto states = set_of(args, args.has("states") ? "states" : "state");
  std::vector<NodeGroup> groups;
  for (const auto& pool : list_of(*answer, "pools")) {
    if (!sites.empty() && !sites.contains("all") && !sites.contains(text_of(pool, "site"))) continue;
    if (!pools.empty() && !pools.contains(text_of(pool, "pool"))) continue;
    if (args.has("summarize")) {
      summarize(groups, pool);
      continue;
    }
    for (auto& group : groups_of(pool)) groups.push_back(std::move(group));
  }
  if (!args.has("noheader")) print(format_header(*format, sinfo_names));
  for (const auto& group : groups) {
    const bool meant = states.empty() || states.contains(std::string(group.state)) ||
                       states.contains(std::string(compact_node_state(group.state)));
    if (!meant) continue;
    print(format_line(*format, [&](char letter) {
      return letter == 'F' && args.has("summarize") ? summary_shares(group.pool) : sinfo_value(letter, group);
    }));
  }
  return 0;
}

}  // namespace hansa::client
