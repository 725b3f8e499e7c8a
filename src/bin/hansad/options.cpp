#include "src/bin/hansad/options.hpp"

#include <pwd.h>
#include <unistd.h>

#include "src/config/addresses.hpp"

namespace hansa {
namespace {

// Whom a run's files belong to: the user that jobs run as.
std::optional<staging::Owner> owner_of_jobs(const SiteConfig& config) {
  if (geteuid() != 0) return std::nullopt;
  const auto name = config.backend.run_as.empty() ? std::string("nobody") : config.backend.run_as;
  const auto* account = getpwnam(name.c_str());
  if (!account) return std::nullopt;
  return staging::Owner{account->pw_uid, account->pw_gid};
}

std::vector<std::string> or_else(const std::vector<std::string>& said, const std::string& otherwise) {
  if (!said.empty() || otherwise.empty()) return said;
  return {otherwise};
}

}  // namespace

ProtocolRange spoken_by(const SiteConfig& config) {
  return {.oldest = spoken_versions.oldest, .newest = config.link.protocol_max};
}

ControllerOptions controller_options(const SiteConfig& config, const SiteKeys& keys) {
  ControllerOptions options;
  options.site = config.site;
  options.region = config.region;
  options.version = hansa_version;
  options.backend = config.backend.kind;
  options.labels = config.labels;
  for (const auto& dataset : config.datasets) options.datasets.push_back(dataset.name);
  options.endpoints = or_else(config.advertise, config.listen);
  options.bulk_endpoints = or_else(config.bulk_advertise, config.bulk_listen);
  options.transport_key = keys.transport;
  options.protocol = spoken_by(config);
  options.membership = MembershipOptions::with_period(config.gossip.protocol_period);
  options.membership.helpers = config.gossip.helpers;
  options.membership.suspicion_periods = config.gossip.suspicion_periods;
  options.membership.gossip_fanout = config.gossip.fan_out;
  options.membership.message_bytes_max = config.gossip.message_bytes_max;
  options.host.stop_time = config.backend.grace + std::chrono::seconds(2);
  options.host.retention = config.limits.retention;
  options.origin.history = config.limits.history;
  options.publisher.interval_min = config.gossip.digest_interval_min;
  options.market.fanout = config.placement.fan_out;
  options.market.answer_by = config.placement.answer_by;
  options.market.margin = config.placement.margin;
  options.market.call_interval = config.placement.call_again;
  options.bid_hold = config.placement.bid_hold;
  options.bid_valid = config.placement.bid_valid;
  options.jobs_max = config.limits.queue_length_max;
  return options;
}

BackendSettings backend_settings(const SiteConfig& config, BackendHandler& handler) {
  BackendSettings settings;
  settings.state_folder = config.state;
  settings.site = config.site;
  settings.pools = config.pools;
  for (const auto& dataset : config.datasets) settings.datasets[dataset.name] = dataset.path;
  settings.handler = &handler;
  settings.shim_path = config.backend.shim;
  settings.run_as = config.backend.run_as;
  settings.nice = config.backend.nice;
  settings.grace = config.backend.grace;
  settings.limits = config.backend.limits;
  settings.processes_max = config.backend.processes_max;
  settings.cpu_quota = config.backend.cpu_quota;
  settings.private_view = config.backend.private_view;
  settings.hidden = {config.folder, config.keys.identity, config.keys.transport, config.api_token,
                     config.tokens, config.audit,         config.tls_key,        config.socket};
  const auto& slurm = config.slurm;
  settings.slurm = {.ssh = config.backend.ssh,
                    .conf = slurm.conf,
                    .bin = slurm.bin,
                    .runs = slurm.runs,
                    .partitions = slurm.partitions,
                    .account = slurm.account,
                    .qos = slurm.qos,
                    .reservation = slurm.reservation,
                    .arguments = slurm.arguments,
                    .origin_arguments = slurm.origin_arguments,
                    .poll_min = slurm.poll_min,
                    .poll_max = slurm.poll_max,
                    .command_time = slurm.command_time,
                    .pulse = slurm.pulse,
                    .clock_skew = slurm.clock_skew,
                    .give_up = slurm.give_up};
  return settings;
}

staging::StagingOptions staging_options(const SiteConfig& config) {
  staging::StagingOptions options;
  options.self = config.site;
  options.state_folder = config.state;
  options.owner = owner_of_jobs(config);
  options.chunks.bytes_max = config.limits.chunk_store_bytes_max;
  options.input_limits.bytes_max = config.limits.bundle_bytes_max;
  options.input_limits.entries_max = config.limits.bundle_files_max;
  options.output_limits.bytes_max = config.limits.output_bytes_max;
  options.output_limits.entries_max = config.limits.bundle_files_max;
  return options;
}

ZmqTransportOptions transport_options(const SiteConfig& config, const SiteKeys& keys) {
  ZmqTransportOptions options;
  options.public_key = keys.transport;
  options.secret_key = keys.transport_secret.bytes;
  if (!config.listen.empty()) options.listen = {config.listen};
  if (!config.bulk_listen.empty()) options.bulk_listen = {config.bulk_listen};
  const auto ms = [](Duration time) { return std::chrono::duration_cast<std::chrono::milliseconds>(time); };
  options.handshake_time = ms(config.link.handshake);
  options.heartbeat_interval = ms(config.link.heartbeat);
  options.silence_max = ms(config.link.silence_max);
  return options;
}

GatewayOptions gateway_options(const SiteConfig& config, const StoreId& store, const std::string& token) {
  GatewayOptions options;
  options.site = config.site;
  options.store = store;
  options.version = hansa_version;
  options.socket_path = config.socket;
  options.http_address = config.http;
  options.token = token;
  options.tls_certificate = config.tls_certificate;
  options.tls_key = config.tls_key;
  options.serve_http_without_tls = config.serve_http_without_tls;
  options.script_bytes_max = config.limits.script_bytes_max;
  return options;
}

EnrolmentEndpoints enrolment_endpoints(const SiteConfig& config) {
  EnrolmentEndpoints made{.listen = config.enrol_listen, .advertise = config.enrol_advertise};
  constexpr std::uint16_t above = 2;  // listen, bulk_listen, and then this
  const auto listen = parse_endpoint(config.listen);
  if (made.listen.empty() && listen && listen->port < 65'535 - above) {
    made.listen = Endpoint{listen->host, static_cast<std::uint16_t>(listen->port + above)}.text();
  }
  const auto desk = parse_endpoint(made.listen);
  if (!desk || !made.advertise.empty()) return made;
  for (const auto& outside : config.advertise) {
    const auto endpoint = parse_endpoint(outside);
    if (endpoint) made.advertise.push_back(Endpoint{endpoint->host, desk->port}.text());
  }
  return made;
}

std::vector<KnownSite> known_sites(const std::vector<PeerConfig>& peers) {
  std::vector<KnownSite> known;
  for (const auto& peer : peers) known.push_back({peer.address.site, peer.identity, peer.address});
  return known;
}

}  // namespace hansa
