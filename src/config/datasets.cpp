#include "hansa/types/datasets.hpp"

#include "src/config/tables.hpp"
#include "src/config/units.hpp"

namespace hansa {
namespace {

Status put_dataset_path(const toml::node& node, DatasetConfig& dataset) {
  const auto path = node.value_exact<std::string>();
  if (!path || !path->starts_with('/')) return usage_error("must be an absolute path");
  dataset.path = *path;
  return success();
}

Status put_dataset_size(const toml::node& node, DatasetConfig& dataset) {
  const auto text = node.value_exact<std::string>();
  const auto size = text ? parse_size(*text) : std::nullopt;
  if (!size) return usage_error("must be a size as in \"150GiB\"");
  dataset.size_bytes = *size;
  return success();
}

}  // namespace

std::variant<DatasetConfig, TableMistake> read_dataset(std::string_view name, const toml::node& node) {
  DatasetConfig dataset{.name = std::string(name)};
  const auto begins = "datasets." + dataset.name;
  const auto mistake = [](const toml::node& at, const std::string& text) {
    return TableMistake{text, at.source().begin};
  };
  if (!is_dataset_name(name)) return mistake(node, begins + ": a name is 1 to 63 of a-z, 0-9, '-', '_' and '.'");
  if (!node.is_table()) {
    const auto put = put_dataset_path(node, dataset);
    if (!put) return mistake(node, begins + " must be { path = \"/data/...\", size = \"150GiB\" }, or the path alone");
    return dataset;
  }
  for (const auto& [key, value] : *node.as_table()) {
    const auto put = key.str() == "path"   ? put_dataset_path(value, dataset)
                     : key.str() == "size" ? put_dataset_size(value, dataset)
                                           : Status(usage_error("is not known; known are path and size"));
    if (!put) return mistake(value, begins + "." + std::string(key.str()) + " " + put.error().text);
  }
  if (dataset.path.empty()) return mistake(node, begins + ".path is missing");
  return dataset;
}

std::string write_dataset(const DatasetConfig& dataset) {
  const auto name = dataset.name.find('.') == std::string::npos ? dataset.name : toml_text(dataset.name);
  return name + " = { path = " + toml_text(dataset.path) +
         (dataset.size_bytes > 0 ? ", size = " + toml_text(format_size(dataset.size_bytes)) : "") + " }\n";
}

}  // namespace hansa
