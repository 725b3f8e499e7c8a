#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "src/client/submit_form.hpp"

namespace hansa::client {
namespace {

std::uint32_t divided_up(std::uint32_t whole, std::uint32_t parts) {
  return (whole + parts - 1) / parts;
}

std::uint32_t nodes_of(const SubmitForm& form) {
  if (form.nodes) return *form.nodes;
  if (form.tasks && form.tasks_per_node && *form.tasks_per_node > 0)
    return divided_up(*form.tasks, *form.tasks_per_node);
  if (form.gpus && form.gpus_per_node && *form.gpus_per_node > 0) return divided_up(*form.gpus, *form.gpus_per_node);
  return 1;
}

// Of the whole job; 0 when nothing says how many.
std::uint32_t tasks_asked(const SubmitForm& form) {
  if (form.tasks) return *form.tasks;
  if (form.gpus && form.gpus_per_task && *form.gpus_per_task > 0) return divided_up(*form.gpus, *form.gpus_per_task);
  if (form.gpus && form.tasks_per_gpu) return *form.gpus * *form.tasks_per_gpu;
  return 0;
}

std::uint32_t tasks_on_node(const SubmitForm& form, std::uint32_t nodes) {
  if (form.tasks_per_node) return std::max(1u, *form.tasks_per_node);
  const auto asked = tasks_asked(form);
  return std::max(1u, divided_up(asked > 0 ? asked : nodes, nodes));
}

Result<std::uint32_t> accelerators_on_node(const SubmitForm& form, std::uint32_t nodes, std::uint32_t tasks) {
  const auto per_task = std::uint64_t{tasks} * form.gpus_per_task.value_or(0);
  if (per_task > 1'000'000) return usage_error("more than 1000000 accelerators a node are asked for");
  const auto per_node = form.gpus_per_node.value_or(static_cast<std::uint32_t>(per_task));
  if (!form.gpus) return per_node;
  if (*form.gpus % nodes != 0) {
    return usage_error("--gpus " + std::to_string(*form.gpus) + " can't be spread evenly over " +
                       std::to_string(nodes) + " nodes: ask for a multiple of the nodes");
  }
  if (form.gpus_per_node && *form.gpus / nodes != per_node) {
    return usage_error("--gpus " + std::to_string(*form.gpus) + " is not --gpus-per-node " + std::to_string(per_node) +
                       " on " + std::to_string(nodes) + " nodes: leave one of them out");
  }
  return *form.gpus / nodes;
}

std::uint64_t cores_on_node(const SubmitForm& form, std::uint32_t tasks, std::uint32_t accelerators) {
  auto cores = std::uint64_t{tasks} * std::max(1u, form.cpus_per_task.value_or(1));
  if (form.cpus_per_gpu && !form.cpus_per_task) cores = std::uint64_t{accelerators} * *form.cpus_per_gpu;
  return std::max<std::uint64_t>({cores, form.cpus_min.value_or(0), 1});
}

std::uint64_t memory_on_node(const SubmitForm& form, const NodeShape& shape) {
  if (form.memory_bytes_per_gpu) return *form.memory_bytes_per_gpu * shape.accelerators;
  return form.memory_bytes.value_or(form.memory_bytes_per_cpu.value_or(0) * shape.cores);
}

// What belongs to the user's session here, or would let a job speak to this daemon in the user's name, stays.
bool stays_here(std::string_view name) {
  constexpr std::array<std::string_view, 13> names = {
      "HANSA_TOKEN", "HANSA_SOCKET", "HANSA_URL", "HANSA_CA_FILE",   "PWD",        "OLDPWD",   "SHLVL",
      "_",           "DISPLAY",      "TERM",      "WAYLAND_DISPLAY", "XAUTHORITY", "LS_COLORS"};
  // What Slurm tells a job from within which another one is submitted is not true of that one.
  constexpr std::array<std::string_view, 7> beginnings = {"SSH_",   "DBUS_",   "XDG_",   "BASH_FUNC_",
                                                          "SLURM_", "SLURMD_", "SBATCH_"};
  return std::find(names.begin(), names.end(), name) != names.end() ||
         std::any_of(beginnings.begin(), beginnings.end(), [&](auto start) { return name.starts_with(start); });
}

// The API speaks JSON, which has no word for other bytes; such a variable stays here.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead < 0x80                   ? 0
                             : lead >= 0xc2 && lead < 0xe0 ? 1
                             : (lead & 0xf0) == 0xe0       ? 2
                             : lead >= 0xf0 && lead < 0xf5 ? 3
                                                           : 4;
    if (more == 4 || i + more >= text.size()) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    const auto second = more > 0 ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool overlong_or_surrogate = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
                                       (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90);
    if (overlong_or_surrogate) return false;
    i += more + 1;
  }
  return true;
}

void copy_all(const char* const* environment, std::map<std::string, std::string>& into) {
  for (; *environment; ++environment) {
    const std::string_view entry = *environment;
    const auto equals = entry.find('=');
    if (equals == 0 || equals == std::string_view::npos || stays_here(entry.substr(0, equals)) || !is_utf8(entry))
      continue;
    into[std::string(entry.substr(0, equals))] = entry.substr(equals + 1);
  }
}

void copy_one(const std::string& name, const char* const* environment, std::map<std::string, std::string>& into) {
  for (; *environment; ++environment) {
    const std::string_view entry = *environment;
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=' && is_utf8(entry)) {
      into[name] = entry.substr(name.size() + 1);
    }
  }
}

}  // namespace

Result<NodeShape> shape_of(const SubmitForm& form) {
  NodeShape shape{.nodes = nodes_of(form)};
  if (shape.nodes == 0) return usage_error("--nodes 0: a job needs at least one node");
  const auto tasks = tasks_on_node(form, shape.nodes);
  const auto accelerators = accelerators_on_node(form, shape.nodes, tasks);
  if (!accelerators) return accelerators.error();
  shape.accelerators = *accelerators;
  const auto cores = cores_on_node(form, tasks, shape.accelerators);
  if (cores > 1'000'000) return usage_error("more than 1000000 cores a node are asked for");
  shape.cores = static_cast<std::uint32_t>(cores);
  shape.memory_bytes = memory_on_node(form, shape);
  const auto asked = tasks_asked(form);
  shape.tasks = asked > 0 ? asked : tasks * shape.nodes;
  return shape;
}

std::map<std::string, std::string> exported(const std::string& words, const char* const* environment) {
  std::map<std::string, std::string> result;
  for (const auto& word : split(words, ',')) {
    const auto equals = word.find('=');
    if (word == "ALL") {
      copy_all(environment, result);
    } else if (word == "NONE" || word == "NIL") {
      continue;
    } else if (equals != std::string::npos && equals > 0) {
      result[word.substr(0, equals)] = word.substr(equals + 1);
    } else {
      copy_one(word, environment, result);
    }
  }
  return result;
}

}  // namespace hansa::client
