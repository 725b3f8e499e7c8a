// Everything that an operator may decide about a site, as hansad.toml says it.
//
// A key is described once, in settings*.cpp: name, meaning, default, what is allowed. Reading, checking, the messages
// about mistakes and the commented sample all come from that description. A key that is not known or a value that is
// not allowed stops the start with one sentence that names file, line and key: a typing error must never leave a
// default in force that nobody meant.
//
// Paths in the file are relative to its folder; here they are absolute.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hansa/ports/transport.hpp"
#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/resources.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"
#include "protocol/wire/versions.hpp"
#include "src/identity/site_keys.hpp"

namespace hansa {

// A site known beforehand.
struct PeerConfig {
  PeerAddress address;
  IdentityKey identity;

  bool operator==(const PeerConfig&) const = default;
};

struct BackendConfig {
  std::string kind = "process";
  std::string run_as;  // empty: nobody when started as root, else whoever started the daemon
  int nice = 10;
  Duration grace = std::chrono::seconds(10);
  std::string shim;  // empty: hansa-shim beside the daemon
  bool limits = true;
  std::uint32_t processes_max = 0;
  bool cpu_quota = false;
  bool private_view = true;
  std::string ssh;  // Slurm's commands are run there; empty: here

  bool operator==(const BackendConfig&) const = default;
};

// For backend.kind "slurm".
struct SlurmConfig {
  std::string conf;  // SLURM_CONF; empty: as the daemon's environment has it
  std::string bin;   // folder of Slurm's commands; empty: PATH
  std::string runs;  // folder that every node sees; empty: the state folder
  std::vector<std::string> partitions;
  std::string account, qos, reservation;
  std::vector<std::string> arguments;
  std::vector<std::string> origin_arguments;
  Duration poll_min = std::chrono::seconds(1);
  Duration poll_max = std::chrono::seconds(10);
  Duration command_time = std::chrono::seconds(30);
  Duration pulse = std::chrono::seconds(5);
  Duration clock_skew = std::chrono::seconds(30);
  Duration give_up = std::chrono::minutes(2);
  std::uint32_t ahead_max = 16;

  bool operator==(const SlurmConfig&) const = default;
};

struct GossipConfig {
  Duration protocol_period = std::chrono::seconds(1);
  std::uint32_t helpers = 3;
  double suspicion_periods = 4;
  std::uint32_t fan_out = 3;
  std::uint64_t message_bytes_max = 1'200;
  Duration digest_interval_min = std::chrono::milliseconds(200);

  bool operator==(const GossipConfig&) const = default;
};

struct LinkConfig {
  Duration handshake = std::chrono::seconds(5);
  Duration heartbeat = std::chrono::seconds(2);
  Duration silence_max = std::chrono::seconds(6);
  ProtocolVersion protocol_max = spoken_versions.newest;

  bool operator==(const LinkConfig&) const = default;
};

struct PlacementConfig {
  std::string score = "balanced";
  Duration margin = std::chrono::seconds(5);
  std::uint32_t fan_out = 8;
  Duration answer_by = std::chrono::milliseconds(200);
  Duration call_again = std::chrono::seconds(2);
  Duration bid_hold = std::chrono::seconds(2);
  Duration bid_valid = std::chrono::seconds(10);

  bool operator==(const PlacementConfig&) const = default;
};

struct LimitsConfig {
  std::uint64_t bundle_bytes_max = 10ull << 30;
  std::uint64_t bundle_files_max = 20'000;
  std::uint64_t output_bytes_max = 16ull << 30;
  std::uint64_t chunk_store_bytes_max = 100ull << 30;
  std::uint64_t script_bytes_max = 1ull << 20;
  std::uint64_t submissions_per_request_max = 10'000;
  std::uint64_t array_tasks_max = 100'000;
  std::uint64_t queue_length_max = 1'000'000;
  std::uint64_t disk_free_bytes_min = 1ull << 30;
  Duration retention = std::chrono::hours(24 * 7);
  Duration history = std::chrono::hours(24 * 30);
  Duration outputs_kept = std::chrono::hours(24 * 7);

  bool operator==(const LimitsConfig&) const = default;
};

// A data set that lies at this site; others learn its name alone.
struct DatasetConfig {
  std::string name;
  std::string path;
  std::uint64_t size_bytes = 0;  // 0: not said

  bool operator==(const DatasetConfig&) const = default;
};

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };

struct SiteConfig {
  std::string folder;  // where hansad.toml is

  SiteName site;
  std::string region;
  std::vector<std::string> labels;

  std::string listen;       // control lane; empty: dials out only
  std::string bulk_listen;  // default: the port after it
  std::vector<std::string> advertise;
  std::vector<std::string> bulk_advertise;
  std::string enrol_listen;  // empty: two ports above listen
  std::vector<std::string> enrol_advertise;
  std::string http;             // "127.0.0.1:7780"; empty: no TCP
  std::string tls_certificate;  // files; empty: no TLS
  std::string tls_key;
  bool serve_http_without_tls = false;  // also on an address that is not loopback
  std::string socket;

  std::string state;
  KeyFiles keys;
  std::string api_token;  // a file
  std::string tokens;     // a file
  std::string audit;      // a folder
  std::string policy;     // a file; when there is none, every guest is taken in
  LogLevel log_level = LogLevel::info;

  BackendConfig backend;
  SlurmConfig slurm;
  GossipConfig gossip;
  LinkConfig link;
  PlacementConfig placement;
  LimitsConfig limits;
  std::vector<Pool> pools;
  std::vector<DatasetConfig> datasets;
  std::vector<PeerConfig> peers;

  bool operator==(const SiteConfig&) const = default;
};

// What holds in `folder` (absolute) when nothing is said.
SiteConfig default_config(std::string folder);

// The whole file, checked.
Result<SiteConfig> load_config(const std::string& path);
// Its text, as if it stood at `path` (absolute). Any text gives a configuration or one mistake.
Result<SiteConfig> parse_config(std::string_view text, const std::string& path);

// The file that says `config`: every key with its meaning and what is allowed; keys at their default are commented out,
// so that a later release's better default takes effect.
std::string sample_config(const SiteConfig& config);

// "name=taihu,endpoint=tcp://10.0.0.2:7700,bulk=tcp://10.0.0.2:7701,transport_key=…,identity_key=…"; endpoint and bulk
// may come several times, or not at all for a peer that only dials out.
Result<PeerConfig> parse_peer(std::string_view text);
std::string peer_line(const PeerConfig& peer);
// The same as a [[peer]] table, to be added to another site's hansad.toml.
std::string peer_table(const PeerConfig& peer);
// This site as its peers should write it down: two operators exchange one line each.
PeerConfig as_peer(const SiteConfig& config, const SiteKeys& keys);

std::string_view to_word(LogLevel level);

}  // namespace hansa
