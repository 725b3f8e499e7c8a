// [[pool]], [[peer]] and the lines of [datasets]: what a site may have many of.
#pragma once

#include <toml++/toml.h>

#include <string>
#include <vector>

#include "src/config/site_config.hpp"

namespace hansa {

// A mistake in a table, and the line of what is wrong.
struct TableMistake {
  std::string text;
  toml::source_position at;
};

std::variant<Pool, TableMistake> read_pool(const toml::table& table);
std::string write_pool(const Pool& pool);

// `imagenet = { path = "/data/imagenet", size = "150GiB" }`, or the path alone.
std::variant<DatasetConfig, TableMistake> read_dataset(std::string_view name, const toml::node& node);
std::string write_dataset(const DatasetConfig& dataset);

std::variant<PeerConfig, TableMistake> read_peer(const toml::table& table);

}  // namespace hansa
