#include <cmath>

#include "src/config/tables.hpp"
#include "src/config/units.hpp"

namespace hansa {
namespace {

// The value as the short form has it, or nothing when it can't be written there.
std::optional<std::string> short_form(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) {
    if (text->find_first_of(",=\n") != std::string::npos) return std::nullopt;
    return *text;
  }
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto real = node.value_exact<double>(); real && std::isfinite(*real)) return format_real(*real);
  return std::nullopt;
}

}  // namespace

// A table has the keys of `--pool`'s short form, so that one reader knows what is allowed.
std::variant<Pool, TableMistake> read_pool(const toml::table& table) {
  std::string text;
  for (const auto& [key, node] : table) {
    const auto value = short_form(node);
    if (!value) {
      return TableMistake{"pool: " + std::string(key.str()) + " must be a number, or a text without ',' and '='",
                          node.source().begin};
    }
    text += (text.empty() ? "" : ",") + std::string(key.str()) + "=" + *value;
    // Each key is first tried with everything else in order, so that a mistake is reported at its own line.
    const std::string sound = "name=p,model=m,nodes=1,cpus=1,";
    if (const auto alone = parse_pool(sound + std::string(key.str()) + "=" + *value); !alone) {
      return TableMistake{alone.error().text, node.source().begin};
    }
  }
  auto pool = parse_pool(text);
  if (!pool) return TableMistake{pool.error().text, table.source().begin};
  return *pool;
}

std::string write_pool(const Pool& pool) {
  std::string text = "[[pool]]\nname = " + toml_text(pool.name) + '\n';
  if (!pool.model.empty()) text += "model = " + toml_text(pool.model) + '\n';
  text += "nodes = " + std::to_string(pool.nodes) + '\n';
  if (pool.has_accelerators()) text += "accelerators = " + std::to_string(pool.per_node.accelerators) + '\n';
  text += "cpus = " + std::to_string(pool.per_node.cores) + '\n';
  text += "memory_gb = " + std::to_string(pool.per_node.memory_mib / 1024) + '\n';
  if (pool.tflops_per_unit > 0) text += "tflops = " + format_real(pool.tflops_per_unit) + '\n';
  if (pool.price_per_unit_hour > 0) text += "price = " + format_real(pool.price_per_unit_hour) + '\n';
  return text;
}

}  // namespace hansa
