// [[pool]] and [[peer]]: the tables of which a site may have many.
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

std::variant<PeerConfig, TableMistake> read_peer(const toml::table& table);

}  // namespace hansa
