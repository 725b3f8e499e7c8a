// Keys as people and configuration files write them.
//
// Hex is what we print: it survives every shell, editor and telephone. Base64 and ZeroMQ's Z85 are read as well, told
// apart by their length (64, 43 or 44, 40 characters).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"

namespace hansa {

using KeyBytes = std::array<std::uint8_t, 32>;

std::string to_base64(const KeyBytes& bytes);  // URL-safe alphabet, no padding
std::string to_z85(const KeyBytes& bytes);

Result<KeyBytes> parse_key_bytes(std::string_view text);

// For an IdentityKey, TransportKey or ContentHash.
template <class Tag>
std::string key_text(const Blob<Tag, 32>& key) {
  return to_hex(key.bytes.data(), key.bytes.size());
}
template <class Key>
Result<Key> parse_key(std::string_view text) {
  auto bytes = parse_key_bytes(text);
  if (!bytes) return bytes.error();
  return Key{*bytes};
}

// Short enough to compare by voice, long enough (80 bits of its BLAKE2b) not to be met by trying:
// "3f2a-90b1-77c4-05de-a1c3".
std::string fingerprint(const IdentityKey& key);

}  // namespace hansa
