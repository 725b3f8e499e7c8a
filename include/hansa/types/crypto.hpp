// Keys, hashes and signatures as plain bytes; what makes and checks them is a port (ports/signatures.hpp).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "hansa/types/fields.hpp"

namespace hansa {

template <class Tag, std::size_t Size>
struct Blob {
  std::array<std::uint8_t, Size> bytes{};

  bool is_zero() const { return bytes == std::array<std::uint8_t, Size>{}; }
  auto operator<=>(const Blob&) const = default;
};

using IdentityKey = Blob<struct IdentityKeyTag, 32>;    // Ed25519 public key: who a site is
using TransportKey = Blob<struct TransportKeyTag, 32>;  // Curve25519 public key: whose connection this is
using Signature = Blob<struct SignatureTag, 64>;        // Ed25519
using ContentHash = Blob<struct ContentHashTag, 32>;    // BLAKE2b-256 of uncompressed bytes

}  // namespace hansa
