#include "src/config/check.hpp"

#include <set>

#include "src/config/addresses.hpp"

namespace hansa {
namespace {

Status derive_bulk_listen(SiteConfig& config) {
  if (config.listen.empty()) return success();
  auto endpoint = parse_endpoint(config.listen);
  if (!endpoint) return endpoint.error();
  if (endpoint->port == 65'535) {
    return usage_error("bulk_listen is left out and there is no port after 65535: say where files and logs go");
  }
  ++endpoint->port;
  config.bulk_listen = endpoint->text();
  return success();
}

// What others dial is what we listen on, unless that names no address at all.
Status derive_advertised(const char* key, const std::string& listen, std::vector<std::string>& advertised) {
  if (listen.empty()) return success();
  const auto endpoint = parse_endpoint(listen);
  if (!endpoint) return endpoint.error();
  if (endpoint->is_wildcard()) {
    return usage_error(std::string(key) + " must be given, because '" + listen +
                       "' names no address that others could dial; write [] if this site shall only dial out");
  }
  advertised = {listen};
  return success();
}

Status complete(SiteConfig& config, const LeftOut& left_out) {
  if (left_out.bulk_listen) {
    if (auto status = derive_bulk_listen(config); !status) return status;
  }
  if (left_out.advertise) {
    if (auto status = derive_advertised("advertise", config.listen, config.advertise); !status) return status;
  }
  if (left_out.bulk_advertise) {
    return derive_advertised("bulk_advertise", config.bulk_listen, config.bulk_advertise);
  }
  return success();
}

Status check_addresses(const SiteConfig& config) {
  if (config.listen.empty() != config.bulk_listen.empty()) {
    return usage_error("bulk_listen and listen must both be given or both be empty");
  }
  if (!config.listen.empty() && config.listen == config.bulk_listen) {
    return usage_error("bulk_listen must not be the endpoint of listen (" + config.listen + ")");
  }
  const auto http = "tcp://" + config.http;
  if (!config.http.empty() && (http == config.listen || http == config.bulk_listen)) {
    return usage_error("http must not be an endpoint on which other sites connect (" + config.http + ")");
  }
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return usage_error("tls_certificate and tls_key must both be given or both be empty");
  }
  const bool in_the_clear = config.tls_certificate.empty() && !config.serve_http_without_tls;
  if (!config.http.empty() && !is_loopback_address(config.http) && in_the_clear) {
    return usage_error("http is " + config.http +
                       ", which is not loopback, and there is no TLS: give tls_certificate and tls_key, or set "
                       "serve_http_without_tls if tokens may be read on the way");
  }
  // As the kernel has it: sun_path.
  if (config.socket.size() > 107) {
    return usage_error("socket is " + std::to_string(config.socket.size()) +
                       " bytes long, but a Unix socket's path has at most 107: choose a shorter one");
  }
  return success();
}

Status check_times(const SiteConfig& config) {
  if (config.link.silence_max <= config.link.heartbeat) {
    return usage_error("link.silence_max_ms must be longer than link.heartbeat_ms: else every idle link is lost");
  }
  if (config.placement.bid_valid < config.placement.answer_by) {
    return usage_error("placement.bid_valid_ms must not be shorter than placement.answer_by_ms: bids would die unread");
  }
  return success();
}

Status check_tables(const SiteConfig& config) {
  std::set<std::string> pools;
  for (const auto& pool : config.pools) {
    if (!pools.insert(pool.name).second) return usage_error("pool '" + pool.name + "' is declared twice");
  }
  std::set<SiteName> names;
  std::set<TransportKey> keys;
  for (const auto& peer : config.peers) {
    const auto& address = peer.address;
    if (address.site == config.site) return usage_error("peer '" + address.site.value + "' is this site itself");
    if (!names.insert(address.site).second) return usage_error("peer '" + address.site.value + "' is declared twice");
    if (!keys.insert(address.key).second) {
      return usage_error("peer '" + address.site.value + "' has the transport_key of another peer");
    }
  }
  return success();
}

}  // namespace

Status complete_and_check(SiteConfig& config, const LeftOut& left_out) {
  if (config.site.empty()) return usage_error("site is missing: every site needs a name");
  if (auto status = complete(config, left_out); !status) return status;
  if (auto status = check_addresses(config); !status) return status;
  if (auto status = check_times(config); !status) return status;
  return check_tables(config);
}

}  // namespace hansa
