#include "src/config/init.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "src/config/check.hpp"
#include "src/config/policy_file.hpp"
#include "src/identity/secret_file.hpp"
#include "src/identity/sodium.hpp"

namespace hansa {
namespace {

namespace fs = std::filesystem;

// Takes away again what an init wrote that did not come to its end.
class Undo {
 public:
  ~Undo() {
    std::error_code ignored;
    for (auto path = written_.rbegin(); path != written_.rend(); ++path) fs::remove(*path, ignored);
  }
  void add(const fs::path& path) { written_.push_back(path); }
  void keep() { written_.clear(); }

 private:
  std::vector<fs::path> written_;
};

// This machine, as one node.
Pool pool_of_this_machine() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page_bytes = ::sysconf(_SC_PAGE_SIZE);
  const auto memory_gb =
      pages > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes) >> 30 : 0;
  Pool pool{.name = "cpu", .nodes = 1};
  pool.per_node.cores = std::max(1u, std::thread::hardware_concurrency());
  pool.per_node.memory_mib = std::max<std::uint64_t>(1, memory_gb) * 1024;
  return pool;
}

Status put_tables(SiteConfig& config, const InitOptions& options) {
  for (const auto& text : options.pools) {
    auto pool = parse_pool(text);
    if (!pool) return pool.error();
    config.pools.push_back(*pool);
  }
  // Under Slurm its partitions are the pools, unless others are declared.
  const bool sees_its_own = config.backend.kind == "slurm";
  if (config.pools.empty() && !sees_its_own) config.pools.push_back(pool_of_this_machine());
  for (const auto& text : options.peers) {
    auto peer = parse_peer(text);
    if (!peer) return peer.error();
    config.peers.push_back(*peer);
  }
  return success();
}

Result<SiteConfig> config_of(const InitOptions& options) {
  auto config = default_config(fs::absolute(options.folder).lexically_normal().string());
  while (config.folder.size() > 1 && config.folder.ends_with('/')) {
    config = default_config(config.folder.substr(0, config.folder.size() - 1));
  }
  auto name = parse_site_name(options.site);
  if (!name) return name.error();
  config.site = *name;
  config.region = options.region;
  config.listen = options.listen;
  config.bulk_listen = options.bulk_listen;
  config.advertise = options.advertise;
  config.bulk_advertise = options.bulk_advertise;
  config.http = options.http;
  config.labels = options.labels;
  if (!options.backend.empty()) config.backend.kind = options.backend;
  config.backend.run_as = options.run_as;
  if (auto status = put_tables(config, options); !status) return status.error();
  const LeftOut left_out{.bulk_listen = options.bulk_listen.empty(),
                         .advertise = options.advertise.empty(),
                         .bulk_advertise = options.bulk_advertise.empty()};
  if (auto status = complete_and_check(config, left_out); !status) return status.error();
  return config;
}

Status refuse_existing(const SiteConfig& config) {
  for (const auto& path : {config.folder + "/hansad.toml", config.policy, config.keys.identity, config.keys.transport,
                           config.api_token, config.state}) {
    if (fs::exists(path)) {
      return refusal(config.folder + " holds a site already (" + path +
                     " exists) and is left as it is: choose another folder");
    }
  }
  return success();
}

Status make_folder(const fs::path& path, mode_t mode, Undo& undo) {
  if (fs::is_directory(path)) return success();
  if (::mkdir(path.c_str(), mode) != 0) {
    return internal_error("can't make the folder " + path.string() + ": " + std::strerror(errno));
  }
  undo.add(path);
  return success();
}

Status make_folders(const SiteConfig& config, Undo& undo) {
  fs::path path;
  for (const auto& part : fs::path(config.folder)) {
    path /= part;
    if (auto status = make_folder(path, 0755, undo); !status) return status;
  }
  // Others may pass through to a job's own folder below it, and see nothing on the way.
  return make_folder(config.state, 0711, undo);
}

Status write_text(const std::string& path, std::string_view text, Undo& undo) {
  undo.add(path);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? success() : Status(internal_error("can't write " + path + ": " + std::strerror(errno)));
}

Status write_config(const SiteConfig& config, Undo& undo) {
  const auto path = config.folder + "/hansad.toml";
  if (auto status = write_text(path, sample_config(config), undo); !status) return status;
  if (auto status = write_text(config.policy, sample_policy(), undo); !status) return status;
  const auto loaded = load_config(path);
  if (!loaded) return loaded.error();
  if (*loaded != config) return internal_error(path + " does not say what was asked for");
  return success();
}

Status write_secrets(const SiteConfig& config, Undo& undo) {
  for (const auto& path : {config.keys.identity, config.keys.transport, config.api_token}) undo.add(path);
  if (auto status = save_keys(generate_keys(), config.keys); !status) return status;
  return write_secret_file(config.api_token, random_token() + '\n');
}

Status write_site(const SiteConfig& config) {
  if (auto status = refuse_existing(config); !status) return status;
  Undo undo;
  if (auto status = make_folders(config, undo); !status) return status;
  if (auto status = write_config(config, undo); !status) return status;
  if (auto status = write_secrets(config, undo); !status) return status;
  undo.keep();
  return success();
}

}  // namespace

Status init_site(const InitOptions& options) {
  if (options.folder.empty()) return usage_error("name a folder for the site, as in 'hansa init DIR --site taihu'");
  try {
    const auto config = config_of(options);
    if (!config) return config.error();
    return write_site(*config);
  } catch (const std::exception& problem) {
    return internal_error("can't write a site to " + options.folder + ": " + problem.what());
  }
}

}  // namespace hansa
