// What sites tell each other of themselves: a record that changes rarely and a digest that changes often, both signed
// by the site they speak of and forwarded verbatim (docs/protocol/03-gossip.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/crypto.hpp"
#include "hansa/types/fields.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/resources.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

using ProtocolVersion = std::uint16_t;

struct ProtocolRange {
  ProtocolVersion oldest = 1;
  ProtocolVersion newest = 1;

  HANSA_FIELDS(oldest, newest)
  bool operator==(const ProtocolRange&) const = default;
};

// Of two records of one site, the higher (incarnation, version) wins.
struct SiteRecord {
  SiteName site;
  Incarnation incarnation;
  std::uint64_t version = 0;
  StoreId store;
  std::string region;  // "cn/east/suzhou"
  IdentityKey identity;
  TransportKey transport;
  std::vector<std::string> endpoints;  // control lane, tried in order: "tcp://10.0.0.1:7700"; empty: dials out only
  std::vector<std::string> bulk_endpoints;  // bulk lane
  ProtocolRange protocol;
  std::vector<std::string> labels;    // "apptainer", "cuda=12.2"
  std::vector<Pool> pools;            // as declared: what could ever fit here
  std::string certificate;            // of admission; empty when known by configuration
  std::vector<std::string> datasets;  // what data lies there, by name

  HANSA_FIELDS(site, incarnation, version, store, region, identity, transport, endpoints, bulk_endpoints, protocol,
               labels, pools, certificate, datasets)
  bool operator==(const SiteRecord&) const = default;
};

// One pool's state. Waits are estimates for a request of one unit, a quarter of the pool, and the whole pool.
struct PoolDigest {
  std::string pool;
  std::uint64_t units_free = 0;
  std::uint32_t largest_nodes = 0;          // nodes that are wholly free now
  std::uint32_t largest_units_on_node = 0;  // most units free on one node
  std::uint64_t queued_unit_seconds = 0;
  std::uint32_t wait_small_s = 0;
  std::uint32_t wait_middle_s = 0;
  std::uint32_t wait_large_s = 0;

  HANSA_FIELDS(pool, units_free, largest_nodes, largest_units_on_node, queued_unit_seconds, wait_small_s, wait_middle_s,
               wait_large_s)
  bool operator==(const PoolDigest&) const = default;
};

// Of two digests of one site, the higher (incarnation, version) wins. Static facts of a pool (model, size, price,
// speed) are in the SiteRecord; a digest of three pools stays below 300 bytes.
struct CapacityDigest {
  SiteName site;
  Incarnation incarnation;
  DigestVersion version;
  bool draining = false;  // takes no guests now
  std::vector<PoolDigest> pools;

  HANSA_FIELDS(site, incarnation, version, draining, pools)
  bool operator==(const CapacityDigest&) const = default;
};

// A value with the very bytes that were signed. `value` is what `bytes` decode to; only bytes and signature travel.
template <class T>
struct Signed {
  T value;
  std::string bytes;
  Signature signature;

  bool operator==(const Signed&) const = default;
};

using SignedRecord = Signed<SiteRecord>;
using SignedDigest = Signed<CapacityDigest>;

// Whether `path` is `region` itself or lies below it: "cn/east/suzhou" lies within "cn/east".
bool within_region(std::string_view path, std::string_view region);

}  // namespace hansa
