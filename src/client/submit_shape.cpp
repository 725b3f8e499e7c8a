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
  return 1;
}

std::uint32_t tasks_on_node(const SubmitForm& form, std::uint32_t nodes) {
  if (form.tasks_per_node) return std::max(1u, *form.tasks_per_node);
  return std::max(1u, divided_up(form.tasks.value_or(nodes), nodes));
}

// What belongs to the user's session here, or would let a job speak to this daemon in the user's name, stays.
bool stays_here(std::string_view name) {
  constexpr std::array<std::string_view, 12> names = {"HANSA_TOKEN", "HANSA_SOCKET",    "HANSA_URL",  "PWD",
                                                      "OLDPWD",      "SHLVL",           "_",          "DISPLAY",
                                                      "TERM",        "WAYLAND_DISPLAY", "XAUTHORITY", "LS_COLORS"};
  constexpr std::array<std::string_view, 4> beginnings = {"SSH_", "DBUS_", "XDG_", "BASH_FUNC_"};
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
  const auto cores = std::uint64_t{tasks} * std::max(1u, form.cpus_per_task.value_or(1));
  const auto per_task = std::uint64_t{tasks} * form.gpus_per_task.value_or(0);
  if (cores > 1'000'000 || per_task > 1'000'000)
    return usage_error("more than 1000000 cores or accelerators a node are asked for");
  shape.cores = static_cast<std::uint32_t>(cores);
  shape.accelerators = form.gpus_per_node.value_or(static_cast<std::uint32_t>(per_task));
  if (form.gpus) {
    if (*form.gpus % shape.nodes != 0) {
      return usage_error("--gpus " + std::to_string(*form.gpus) + " can't be spread evenly over " +
                         std::to_string(shape.nodes) + " nodes: ask for a multiple of the nodes");
    }
    shape.accelerators = *form.gpus / shape.nodes;
  }
  shape.memory_bytes = form.memory_bytes.value_or(form.memory_bytes_per_cpu.value_or(0) * shape.cores);
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
