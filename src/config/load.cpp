// Reading hansad.toml, and saying where it is wrong.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/config/check.hpp"
#include "src/config/setting.hpp"
#include "src/config/tables.hpp"

namespace hansa {
namespace {

namespace fs = std::filesystem;

class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  Result<SiteConfig> read(const toml::table& root) {
    config_ = default_config(fs::path(path_).parent_path().string());
    if (auto status = read_table(root, ""); !status) return status.error();
    const LeftOut left_out{.bulk_listen = !root.contains("bulk_listen"),
                           .advertise = !root.contains("advertise"),
                           .bulk_advertise = !root.contains("bulk_advertise")};
    if (auto status = complete_and_check(config_, left_out); !status) {
      return usage_error(path_ + ": " + status.error().text);
    }
    return std::move(config_);
  }

 private:
  Status read_table(const toml::table& table, const std::string& name) {
    for (const auto& [key, node] : table) {
      if (auto status = read_node(name, key, node); !status) return status;
    }
    return success();
  }

  Status read_node(const std::string& table, const toml::key& key, const toml::node& node) {
    const auto word = std::string(key.str());
    if (table.empty() && word == "pool") return read_many(node, word, config_.pools, read_pool);
    if (table.empty() && word == "datasets") return read_datasets(node);
    if (table.empty() && word == "peer") return read_many(node, word, config_.peers, read_peer);
    if (table.empty() && is_table(word)) {
      if (!node.is_table()) return wrong(node.source().begin, "'" + word + "' must be a table: write [" + word + "]");
      return read_table(*node.as_table(), word);
    }
    const auto& settings = all_settings();
    const auto known = std::find_if(settings.begin(), settings.end(), [&](const Setting& setting) {
      return setting.table == table && setting.key == word;
    });
    if (known == settings.end()) return unknown(table, key);
    if (known->read(node, config_)) return success();
    return wrong(node.source().begin, "'" + known->name() + "' is " + shown(node) + " but must be " + known->allowed);
  }

  Status read_datasets(const toml::node& node) {
    if (!node.is_table()) return wrong(node.source().begin, "'datasets' must be a table: write [datasets]");
    for (const auto& [key, value] : *node.as_table()) {
      auto dataset = read_dataset(key.str(), value);
      if (const auto* mistake = std::get_if<TableMistake>(&dataset)) return wrong(mistake->at, mistake->text);
      config_.datasets.push_back(std::get<DatasetConfig>(std::move(dataset)));
    }
    return success();
  }

  template <class Value>
  Status read_many(const toml::node& node, const std::string& word, std::vector<Value>& values,
                   std::variant<Value, TableMistake> (*read_one)(const toml::table&)) {
    const auto* tables = node.as_array();
    if (tables == nullptr || !tables->is_homogeneous(toml::node_type::table)) {
      return wrong(node.source().begin, "'" + word + "' must be a table of its own for each: write [[" + word + "]]");
    }
    for (const auto& item : *tables) {
      auto value = read_one(*item.as_table());
      if (const auto* mistake = std::get_if<TableMistake>(&value)) return wrong(mistake->at, mistake->text);
      values.push_back(std::get<Value>(std::move(value)));
    }
    return success();
  }

  static bool is_table(const std::string& word) {
    const auto& settings = all_settings();
    return std::any_of(settings.begin(), settings.end(), [&](const Setting& each) { return each.table == word; });
  }

  Status unknown(const std::string& table, const toml::key& key) {
    std::string known;
    std::string last_table;
    for (const auto& setting : all_settings()) {
      if (setting.table == table) known += (known.empty() ? "" : ", ") + setting.key;
      if (table.empty() && !setting.table.empty() && setting.table != last_table) known += ", [" + setting.table + "]";
      last_table = setting.table;
    }
    if (table.empty()) known += ", [datasets], [[pool]], [[peer]]";
    const auto name = (table.empty() ? "" : table + '.') + std::string(key.str());
    return wrong(key.source().begin, "unknown key '" + name + "'; known are " + known);
  }

  static std::string shown(const toml::node& node) {
    if (node.is_table()) return "a table";
    std::ostringstream text;
    node.visit([&](const auto& value) { text << value; });
    auto words = text.str();
    if (words.size() > 80) words = words.substr(0, 77) + "...";
    return words;
  }

  Status wrong(const toml::source_position& at, const std::string& what) const {
    return usage_error(path_ + ':' + std::to_string(at.line) + ": " + what);
  }

  std::string path_;
  SiteConfig config_;
};

}  // namespace

SiteConfig default_config(std::string folder) {
  SiteConfig config;
  config.folder = std::move(folder);
  config.socket = resolve_path(config.folder, "hansa.sock");
  config.state = resolve_path(config.folder, "state");
  config.keys = {.identity = resolve_path(config.folder, "identity.key"),
                 .transport = resolve_path(config.folder, "transport.key")};
  config.api_token = resolve_path(config.folder, "api.token");
  config.tokens = resolve_path(config.folder, "tokens");
  config.audit = resolve_path(config.folder, "audit");
  config.policy = resolve_path(config.folder, "policy.toml");
  return config;
}

Result<SiteConfig> parse_config(std::string_view text, const std::string& path) {
  try {
    return Reader(path).read(toml::parse(text));
  } catch (const toml::parse_error& problem) {
    return usage_error(path + ':' + std::to_string(problem.source().begin.line) + ": " +
                       std::string(problem.description()));
  } catch (const std::exception& problem) {
    return internal_error("can't read " + path + ": " + problem.what());
  }
}

Result<SiteConfig> load_config(const std::string& path) {
  std::error_code error;
  const auto whole = fs::absolute(path, error).lexically_normal().string();
  if (error || !fs::exists(whole, error)) {
    return not_found("there is no configuration " + path + ": 'hansa init DIR' writes one");
  }
  if (!fs::is_regular_file(whole, error)) return usage_error(path + " is not a file: name the hansad.toml in it");
  std::ifstream file(whole, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return internal_error("can't read " + whole + ": give this user the right to it");
  return parse_config(text.str(), whole);
}

}  // namespace hansa
