// The keys of a site: an Ed25519 pair says who it is, a Curve25519 pair whose connection this is.
//
// Two pairs, so that the transport's can be replaced while the site stays who it is. The transport pair is what
// ZeroMQ's CURVE wants, as 32 raw bytes each.
#pragma once

#include <string>

#include "hansa/types/crypto.hpp"
#include "hansa/types/result.hpp"

namespace hansa {

using IdentitySecret = Blob<struct IdentitySecretTag, 32>;  // the seed, from which the pair is made
using TransportSecret = Blob<struct TransportSecretTag, 32>;

struct SiteKeys {
  IdentityKey identity;
  IdentitySecret identity_secret;
  TransportKey transport;
  TransportSecret transport_secret;

  bool operator==(const SiteKeys&) const = default;
};

SiteKeys generate_keys();

// Files hold the secret halves only, 0600; the public ones follow from them.
struct KeyFiles {
  std::string identity;
  std::string transport;

  bool operator==(const KeyFiles&) const = default;
};
Status save_keys(const SiteKeys& keys, const KeyFiles& files);
Result<SiteKeys> load_keys(const KeyFiles& files);
// A new transport pair in a new file; its public half.
Result<TransportKey> make_transport_key(const std::string& path);

}  // namespace hansa
