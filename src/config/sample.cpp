// The commented file, written from the same description that reads it.
#include <sstream>

#include "src/config/setting.hpp"
#include "src/config/tables.hpp"

namespace hansa {
namespace {

constexpr std::size_t line_width = 110;

constexpr std::string_view head =
    "# A site of a Hansa federation: run it with 'hansad --config' and this file.\n"
    "# Keys that begin with '#' show their defaults. An unknown key or a bad value stops the start and is named.\n"
    "# SIGHUP reads [[peer]] tables, log_level and the policy again; everything else needs a restart.\n";

constexpr std::string_view pool_words =
    "\n# Pools of equal nodes, one [[pool]] each: name, model (of the accelerators), nodes, and for each node\n"
    "# accelerators, cpus, memory_gb; tflops (FP16) and price an hour are for one accelerator, or one core of a CPU\n"
    "# pool. The process backend takes them at their word; a site without pools submits and runs nothing itself. "
    "Under\n"
    "# Slurm each partition is a pool when none is declared.\n";

constexpr std::string_view dataset_words =
    "\n# Data sets that lie at this site, which jobs ask for by name (--dataset imagenet): a path that jobs can read, "
    "and\n"
    "# a size for people. Other sites are told the names.\n"
    "# imagenet = { path = \"/data/imagenet\", size = \"150GiB\" }\n"
    "[datasets]\n";

constexpr std::string_view peer_words =
    "\n# Sites known beforehand, one [[peer]] each: name, endpoints, bulk_endpoints (both empty when it only dials\n"
    "# out), transport_key, identity_key. 'hansa init' printed this site's own line for the other operator.\n";

std::string table_words(const std::string& table) {
  if (table == "backend") return "\n# What runs jobs here.\n[backend]\n";
  if (table == "slurm") return "\n# For backend.kind \"slurm\" alone.\n[slurm]\n";
  if (table == "gossip") return "\n# How sites learn of each other.\n[gossip]\n";
  if (table == "link") return "\n# Connections to other sites.\n[link]\n";
  if (table == "placement") return "\n# Where jobs of this site go, and how bids are made here.\n[placement]\n";
  return "\n# How much this site takes on, and how long it keeps what is over.\n[" + table + "]\n";
}

// `text` as comment lines of a readable width.
std::string comment(const std::string& text) {
  std::istringstream words(text);
  std::string made;
  std::string line = "#";
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > line_width) {
      made += line + '\n';
      line.resize(1);  // the mark alone
    }
    line += ' ' + word;
  }
  return made + line + '\n';
}

std::string written(const Setting& setting, const SiteConfig& config, const SiteConfig& defaults) {
  const auto value = setting.write(config);
  const bool is_default = !setting.always_written && value == setting.write(defaults);
  auto text = comment(setting.meaning + " It is " + setting.allowed + '.');
  if (is_default) text += '#';
  text += setting.key;
  text += " = ";
  text += value;
  text += '\n';
  return text;
}

}  // namespace

std::string sample_config(const SiteConfig& config) {
  const auto defaults = default_config(config.folder);
  std::string text(head);
  std::string table;
  for (const auto& setting : all_settings()) {
    if (setting.table != table) {
      text += table_words(setting.table);
    } else {
      text += '\n';
    }
    text += written(setting, config, defaults);
    table = setting.table;
  }
  text += pool_words;
  for (const auto& pool : config.pools) text += '\n' + write_pool(pool);
  text += dataset_words;
  for (const auto& dataset : config.datasets) text += write_dataset(dataset);
  text += peer_words;
  for (const auto& peer : config.peers) text += '\n' + peer_table(peer);
  return text;
}

}  // namespace hansa
