// One key of hansad.toml: what it means, what it may be, where its value lives.
#pragma once

#include <toml++/toml.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "src/config/addresses.hpp"
#include "src/config/site_config.hpp"
#include "src/config/units.hpp"

namespace hansa {

struct Setting {
  std::string table;  // "": the top of the file
  std::string key;
  std::string allowed;  // completes "must be …"
  std::string meaning;  // sentences, without line breaks
  // Takes the value when it is allowed.
  std::function<bool(const toml::node&, SiteConfig&)> read;
  // The value in TOML.
  std::function<std::string(const SiteConfig&)> write;
  // In the sample it is never commented out: leaving it out is a mistake, or means something else than its default.
  bool always_written = false;

  std::string name() const { return table.empty() ? key : table + '.' + key; }
};

// In the order of the sample.
const std::vector<Setting>& all_settings();
std::vector<Setting> site_settings();
std::vector<Setting> slurm_settings();
std::vector<Setting> tuning_settings();
std::vector<Setting> limit_settings();

// Where a setting stands and what it means; `allowed` and the rest come from its kind.
struct About {
  const char* table;
  const char* key;
  const char* meaning;
};

// --- Kinds. `access` is a generic lambda from a config, const or not, to the field. ----------------------------------

template <class Access>
Setting number_setting(const About& about, Access access, std::uint64_t min, std::uint64_t max) {
  using Number = std::decay_t<decltype(access(std::declval<SiteConfig&>()))>;
  return {.table = about.table,
          .key = about.key,
          .allowed = "a whole number from " + std::to_string(min) + " to " + std::to_string(max),
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                const auto value = node.value_exact<std::int64_t>();
                if (!value || *value < 0) return false;
                if (static_cast<std::uint64_t>(*value) < min || static_cast<std::uint64_t>(*value) > max) return false;
                access(config) = static_cast<Number>(*value);
                return true;
              },
          .write = [=](const SiteConfig& config) { return std::to_string(access(config)); }};
}

template <class Access>
Setting real_setting(const About& about, Access access, double min, double max) {
  return {.table = about.table,
          .key = about.key,
          .allowed = "a number from " + format_real(min) + " to " + format_real(max),
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                const auto value = node.value<double>();
                if (!node.is_number() || !value || !(*value >= min && *value <= max)) return false;
                access(config) = *value;
                return true;
              },
          .write = [=](const SiteConfig& config) { return format_real(access(config)); }};
}

// In whole `Unit`s, which the key's ending names.
template <class Unit, class Access>
Setting duration_setting(const About& about, Access access, Unit min, Unit max) {
  return {.table = about.table,
          .key = about.key,
          .allowed = "a whole number from " + std::to_string(min.count()) + " to " + std::to_string(max.count()) +
                     (std::is_same_v<Unit, std::chrono::seconds> ? " (seconds)" : " (milliseconds)"),
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                const auto value = node.value_exact<std::int64_t>();
                if (!value || *value < min.count() || *value > max.count()) return false;
                access(config) = Unit(*value);
                return true;
              },
          .write =
              [=](const SiteConfig& config) {
                return std::to_string(std::chrono::duration_cast<Unit>(access(config)).count());
              }};
}

template <class Access>
Setting size_setting(const About& about, Access access, std::uint64_t min, std::uint64_t max) {
  return {.table = about.table,
          .key = about.key,
          .allowed = "a size from " + format_size(min) + " to " + format_size(max) +
                     ", as a number of bytes or as in \"512MiB\"",
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                std::optional<std::uint64_t> size;
                if (const auto bytes = node.value_exact<std::int64_t>(); bytes && *bytes >= 0) size = *bytes;
                if (const auto text = node.value_exact<std::string_view>()) size = parse_size(*text);
                if (!size || *size < min || *size > max) return false;
                access(config) = *size;
                return true;
              },
          .write = [=](const SiteConfig& config) { return toml_text(format_size(access(config))); }};
}

template <class Access>
Setting switch_setting(const About& about, Access access) {
  return {.table = about.table,
          .key = about.key,
          .allowed = "true or false",
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                const auto value = node.value_exact<bool>();
                if (value) access(config) = *value;
                return value.has_value();
              },
          .write = [=](const SiteConfig& config) { return access(config) ? "true" : "false"; }};
}

template <class Access>
Setting text_setting(const About& about, Access access, std::string allowed, bool (*is_allowed)(std::string_view)) {
  return {.table = about.table,
          .key = about.key,
          .allowed = std::move(allowed),
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                const auto value = node.value_exact<std::string>();
                if (!value || !is_allowed(*value)) return false;
                access(config) = *value;
                return true;
              },
          .write = [=](const SiteConfig& config) { return toml_text(access(config)); }};
}

template <class Access>
Setting list_setting(const About& about, Access access, std::string allowed, bool (*is_allowed)(std::string_view)) {
  return {.table = about.table,
          .key = about.key,
          .allowed = std::move(allowed),
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                if (!node.is_array()) return false;
                std::vector<std::string> values;
                for (const auto& item : *node.as_array()) {
                  const auto value = item.value_exact<std::string>();
                  if (!value || !is_allowed(*value)) return false;
                  values.push_back(*value);
                }
                access(config) = std::move(values);
                return true;
              },
          .write = [=](const SiteConfig& config) { return toml_list(access(config)); }};
}

// Absolute in the config; in the file relative to its folder where it lies below it.
std::string resolve_path(const std::string& folder, std::string_view path);
std::string shorten_path(const std::string& folder, const std::string& path);

template <class Access>
Setting path_setting(const About& about, Access access) {
  return {.table = about.table,
          .key = about.key,
          .allowed = "a path, absolute or relative to this file's folder",
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                const auto value = node.value_exact<std::string>();
                if (!value || value->empty() || value->find('\0') != std::string::npos) return false;
                access(config) = resolve_path(config.folder, *value);
                return true;
              },
          .write = [=](const SiteConfig& config) { return toml_text(shorten_path(config.folder, access(config))); }};
}

}  // namespace hansa
