#include "hansa/types/resources.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace hansa {
namespace {

// A node of a pool without accelerators is filled core by core, one with them accelerator by accelerator.
std::optional<Shape> spread(const Pool& pool, const ResourceRequest& request) {
  if (pool.tflops_per_unit <= 0 || pool.units_per_node() == 0) return std::nullopt;
  const auto wanted = std::ceil(request.pflops * 1000 / pool.tflops_per_unit - 1e-9);
  if (!(wanted >= 1 && wanted <= static_cast<double>(pool.units()))) return std::nullopt;  // also what is no number
  const auto units = static_cast<std::uint64_t>(wanted);
  const auto nodes = (units + pool.units_per_node() - 1) / pool.units_per_node();
  const auto share = static_cast<std::uint32_t>((units + nodes - 1) / nodes);
  Shape shape{.nodes = static_cast<std::uint32_t>(nodes), .per_node = request.per_node};
  if (pool.has_accelerators()) {
    shape.per_node.accelerators = share;
  } else {
    shape.per_node.cores = std::max(share, request.per_node.cores);
  }
  return shape;
}

std::size_t place_among_models(const Pool& pool, const ResourceRequest& request) {
  const auto& models = request.models;
  const auto named =
      std::find_if(models.begin(), models.end(), [&](const auto& word) { return names_model(word, pool); });
  return static_cast<std::size_t>(named - models.begin());
}

std::size_t place_among_pools(const Pool& pool, const ResourceRequest& request) {
  const auto named = std::find(request.pools.begin(), request.pools.end(), pool.name);
  return static_cast<std::size_t>(named - request.pools.begin());
}

bool wants_accelerators(const ResourceRequest& request) {
  return request.per_node.accelerators > 0 || request.pflops > 0;
}

struct Label {
  std::string_view name;
  std::string_view relation;  // "", "=", ">=", "<=", ">", "<"
  std::string_view version;
};

Label split_label(std::string_view text) {
  const auto at = text.find_first_of("<>=");
  if (at == std::string_view::npos) return {text, "", ""};
  const auto length = at + 1 < text.size() && text[at] != '=' && text[at + 1] == '=' ? 2 : 1;
  return {text.substr(0, at), text.substr(at, length), text.substr(at + length)};
}

// Dotted numbers by number, everything else by letter: 12.10 is above 12.9.
int compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const auto part = [](std::string_view& text) {
      const auto dot = text.find('.');
      const auto head = text.substr(0, dot);
      text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
      return head;
    };
    const auto left = part(a);
    const auto right = part(b);
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    const bool numbers =
        std::from_chars(left.data(), left.data() + left.size(), x).ptr == left.data() + left.size() &&
        std::from_chars(right.data(), right.data() + right.size(), y).ptr == right.data() + right.size();
    const int order = numbers ? (x < y ? -1 : x > y ? 1 : 0) : left.compare(right);
    if (order != 0) return order;
  }
  return 0;
}

bool label_meets(std::string_view have, std::string_view want) {
  const auto site = split_label(have);
  const auto job = split_label(want);
  if (site.name != job.name) return false;
  if (job.relation.empty()) return true;
  if (site.relation != "=") return false;
  const int order = compare_versions(site.version, job.version);
  if (job.relation == "=") return order == 0;
  if (job.relation == ">=") return order >= 0;
  if (job.relation == "<=") return order <= 0;
  if (job.relation == ">") return order > 0;
  return order < 0;
}

template <class Number>
bool parse_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

Result<std::map<std::string, std::string>> split_pairs(std::string_view text) {
  std::map<std::string, std::string> pairs;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto item = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) {
      return usage_error("pool: '" + std::string(item) + "' is not KEY=VALUE");
    }
    pairs[std::string(item.substr(0, equals))] = std::string(item.substr(equals + 1));
  }
  return pairs;
}

}  // namespace

NodeResources& NodeResources::operator+=(const NodeResources& other) {
  accelerators += other.accelerators;
  cores += other.cores;
  memory_mib += other.memory_mib;
  return *this;
}

NodeResources& NodeResources::operator-=(const NodeResources& other) {
  accelerators -= std::min(accelerators, other.accelerators);
  cores -= std::min(cores, other.cores);
  memory_mib -= std::min(memory_mib, other.memory_mib);
  return *this;
}

bool names_model(std::string_view word, const Pool& pool) {
  if (word == pool.name) return true;
  if (pool.model.empty()) return word == "none" || word == "cpu";
  if (word == pool.model) return true;
  const auto dash = pool.model.find('-');
  return dash != std::string::npos && word == std::string_view(pool.model).substr(dash + 1);
}

std::size_t preference_of(const Pool& pool, const ResourceRequest& request) {
  return place_among_models(pool, request) + place_among_pools(pool, request);
}

std::optional<Shape> shape_in(const Pool& pool, const ResourceRequest& request) {
  const bool model_named = place_among_models(pool, request) < request.models.size();
  if (!request.models.empty() && !model_named) return std::nullopt;
  const bool named = model_named || place_among_pools(pool, request) < request.pools.size();
  if (!named && wants_accelerators(request) != pool.has_accelerators()) return std::nullopt;
  std::optional<Shape> shape = Shape{.nodes = std::max(1u, request.nodes), .per_node = request.per_node};
  if (request.pflops > 0) shape = spread(pool, request);
  if (!shape || shape->nodes > pool.nodes || !pool.per_node.covers(shape->per_node)) return std::nullopt;
  if (request.exclusive) shape->per_node = pool.per_node;
  return shape;
}

bool labels_meet(const std::vector<std::string>& site, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& want) {
    return std::any_of(site.begin(), site.end(), [&](const auto& have) { return label_meets(have, want); });
  });
}

Result<Pool> parse_pool(std::string_view text) {
  auto pairs = split_pairs(text);
  if (!pairs) return pairs.error();
  Pool pool;
  std::uint64_t memory_gb = 0;
  for (const auto& [key, value] : *pairs) {
    bool good = true;
    if (key == "name") {
      pool.name = value;
    } else if (key == "model") {
      pool.model = value == "none" ? "" : value;
    } else if (key == "nodes") {
      good = parse_number(value, pool.nodes);
    } else if (key == "accelerators") {
      good = parse_number(value, pool.per_node.accelerators);
    } else if (key == "cpus") {
      good = parse_number(value, pool.per_node.cores);
    } else if (key == "memory_gb") {
      good = parse_number(value, memory_gb) && memory_gb < (1u << 24);
    } else if (key == "tflops") {
      good = parse_number(value, pool.tflops_per_unit) && pool.tflops_per_unit >= 0;
    } else if (key == "price") {
      good = parse_number(value, pool.price_per_unit_hour) && pool.price_per_unit_hour >= 0;
    } else {
      return usage_error("pool: unknown key '" + key +
                         "'; known are name, model, nodes, accelerators, cpus, memory_gb, tflops, price");
    }
    if (!good) return usage_error("pool: '" + value + "' is no value for " + key);
  }
  pool.per_node.memory_mib = memory_gb * 1024;
  if (pool.name.empty()) return usage_error("pool: name is missing");
  if (pool.nodes == 0) return usage_error("pool " + pool.name + ": nodes must be at least 1");
  if (pool.per_node.cores == 0) return usage_error("pool " + pool.name + ": cpus must be at least 1");
  if (pool.has_accelerators() && pool.model.empty()) {
    return usage_error("pool " + pool.name + ": accelerators need a model, as in model=nvidia-a100");
  }
  return pool;
}

std::string describe(const ResourceRequest& request) {
  std::string text;
  if (request.pflops > 0) {
    auto number = std::to_string(request.pflops);
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
    text = number + " PFLOPS";
  } else if (request.per_node.accelerators > 0) {
    text = std::to_string(request.per_node.accelerators) + " accelerators";
  }
  if (!request.models.empty()) {
    std::string models;
    for (const auto& model : request.models) models += (models.empty() ? "" : " or ") + model;
    text += (text.empty() ? "" : " of ") + models;
  }
  if (request.per_node.cores > 0) {
    text += (text.empty() ? "" : ", ") + std::to_string(request.per_node.cores) +
            (request.per_node.cores == 1 ? " core" : " cores");
  }
  if (request.per_node.memory_mib > 0) {
    const auto mib = request.per_node.memory_mib;
    text += ", " + (mib % 1024 == 0 ? std::to_string(mib / 1024) + " GiB" : std::to_string(mib) + " MiB");
  }
  if (request.nodes > 1) text += " on each of " + std::to_string(request.nodes) + " nodes";
  if (request.exclusive) text += ", exclusively";
  return text;
}

}  // namespace hansa
