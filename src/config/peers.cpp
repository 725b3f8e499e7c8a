#include <utility>

#include "src/config/addresses.hpp"
#include "src/config/tables.hpp"
#include "src/config/units.hpp"
#include "src/identity/key_text.hpp"

namespace hansa {
namespace {

constexpr std::string_view known_keys = "name, endpoints, bulk_endpoints, transport_key, identity_key";

Status put_endpoint(std::vector<std::string>& endpoints, const std::string& text) {
  const auto endpoint = parse_endpoint(text);
  if (!endpoint) return endpoint.error();
  if (endpoint->is_wildcard()) return usage_error("'" + text + "' can't be dialled: write the peer's own address");
  endpoints.push_back(text);
  return success();
}

template <class Key>
Status put_key(Key& key, const std::string& text) {
  const auto read = parse_key<Key>(text);
  if (!read) return read.error();
  key = *read;
  return success();
}

// One fact of a peer, by its key in the table.
Status put(PeerConfig& peer, std::string_view key, const std::string& value) {
  if (key == "endpoints") return put_endpoint(peer.address.endpoints, value);
  if (key == "bulk_endpoints") return put_endpoint(peer.address.bulk_endpoints, value);
  if (key == "transport_key") return put_key(peer.address.key, value);
  if (key == "identity_key") return put_key(peer.identity, value);
  if (key != "name") return usage_error("unknown key '" + std::string(key) + "'; known are " + std::string(known_keys));
  auto name = parse_site_name(value);
  if (!name) return name.error();
  peer.address.site = *name;
  return success();
}

Status check_whole(const PeerConfig& peer) {
  if (peer.address.site.empty()) return usage_error("name is missing");
  if (peer.address.key == TransportKey{}) return usage_error("transport_key is missing");
  if (peer.identity == IdentityKey{}) return usage_error("identity_key is missing");
  return success();
}

std::string prefixed(const PeerConfig& peer, const Error& error) {
  const auto& name = peer.address.site.value;
  return (name.empty() ? "peer: " : "peer " + name + ": ") + error.text;
}

bool is_list(std::string_view key) {
  return key == "endpoints" || key == "bulk_endpoints";
}

Status put_node(PeerConfig& peer, std::string_view key, const toml::node& node) {
  if (!is_list(key)) {
    const auto text = node.value_exact<std::string>();
    return text ? put(peer, key, *text) : usage_error(std::string(key) + " must be a text");
  }
  if (!node.is_array()) return usage_error(std::string(key) + " must be a list of endpoints");
  for (const auto& item : *node.as_array()) {
    const auto text = item.value_exact<std::string>();
    if (!text) return usage_error(std::string(key) + " must be a list of endpoints");
    if (auto status = put(peer, key, *text); !status) return status;
  }
  return success();
}

std::string_view long_key(std::string_view key) {
  if (key == "endpoint") return "endpoints";
  if (key == "bulk") return "bulk_endpoints";
  return key;
}

}  // namespace

std::variant<PeerConfig, TableMistake> read_peer(const toml::table& table) {
  PeerConfig peer;
  // Tables are walked in the order of their keys; the name comes first all the same, so that mistakes can name it.
  if (const auto* name = table.get("name"); name != nullptr && name->is_string()) {
    (void)put(peer, "name", name->ref<std::string>());
  }
  for (const auto& [key, node] : table) {
    if (auto status = put_node(peer, key.str(), node); !status) {
      return TableMistake{prefixed(peer, status.error()), node.source().begin};
    }
  }
  if (auto status = check_whole(peer); !status)
    return TableMistake{prefixed(peer, status.error()), table.source().begin};
  return peer;
}

std::string peer_table(const PeerConfig& peer) {
  return "[[peer]]\nname = " + toml_text(peer.address.site.value) +
         "\nendpoints = " + toml_list(peer.address.endpoints) +
         "\nbulk_endpoints = " + toml_list(peer.address.bulk_endpoints) +
         "\ntransport_key = " + toml_text(key_text(peer.address.key)) +
         "\nidentity_key = " + toml_text(key_text(peer.identity)) + '\n';
}

Result<PeerConfig> parse_peer(std::string_view text) {
  PeerConfig peer;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find(','));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return usage_error("peer: '" + std::string(pair) +
                         "' is not KEY=VALUE; known are name, endpoint, bulk, transport_key, identity_key");
    }
    auto status = put(peer, long_key(pair.substr(0, equals)), std::string(pair.substr(equals + 1)));
    if (!status) return usage_error(prefixed(peer, status.error()));
  }
  if (auto status = check_whole(peer); !status) return usage_error(prefixed(peer, status.error()));
  return peer;
}

std::string peer_line(const PeerConfig& peer) {
  std::string text = "name=" + peer.address.site.value;
  for (const auto& endpoint : peer.address.endpoints) text += ",endpoint=" + endpoint;
  for (const auto& endpoint : peer.address.bulk_endpoints) text += ",bulk=" + endpoint;
  return text + ",transport_key=" + key_text(peer.address.key) + ",identity_key=" + key_text(peer.identity);
}

PeerConfig as_peer(const SiteConfig& config, const SiteKeys& keys) {
  return {.address = {.site = config.site,
                      .key = keys.transport,
                      .endpoints = config.advertise,
                      .bulk_endpoints = config.bulk_advertise},
          .identity = keys.identity};
}

}  // namespace hansa
