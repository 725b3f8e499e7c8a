#include "src/identity/key_text.hpp"

#include <sodium.h>

#include "src/identity/sodium.hpp"

namespace hansa {
namespace {

// ZeroMQ RFC 32.
constexpr std::string_view z85_digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

bool read_hex(std::string_view text, KeyBytes& bytes) {
  std::size_t size = 0;
  return sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, nullptr) == 0 &&
         size == bytes.size();
}

bool read_base64(std::string_view text, KeyBytes& bytes) {
  if (text.ends_with('=')) text.remove_suffix(1);
  const bool url_safe = text.find_first_of("+/") == std::string_view::npos;
  const int variant = url_safe ? sodium_base64_VARIANT_URLSAFE_NO_PADDING : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::size_t size = 0;
  return sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, nullptr, variant) ==
             0 &&
         size == bytes.size();
}

// Five digits of base 85 make four bytes, the most significant first.
bool read_z85(std::string_view text, KeyBytes& bytes) {
  for (std::size_t group = 0; group < bytes.size() / 4; ++group) {
    std::uint64_t value = 0;
    for (const char c : text.substr(group * 5, 5)) {
      const auto digit = z85_digits.find(c);
      if (digit == std::string_view::npos) return false;
      value = value * 85 + digit;
    }
    if (value > 0xffffffff) return false;
    for (int i = 0; i < 4; ++i) bytes[group * 4 + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  }
  return true;
}

bool read_any(std::string_view text, KeyBytes& bytes) {
  switch (text.size()) {
    case 64:
      return read_hex(text, bytes);
    case 43:
    case 44:
      return read_base64(text, bytes);
    case 40:
      return read_z85(text, bytes);
    default:
      return false;
  }
}

}  // namespace

std::string to_base64(const KeyBytes& bytes) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<char, sodium_base64_ENCODED_LEN(std::tuple_size_v<KeyBytes>, variant)> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  return text.data();
}

std::string to_z85(const KeyBytes& bytes) {
  std::string text;
  for (std::size_t group = 0; group < bytes.size() / 4; ++group) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | bytes[group * 4 + i];
    std::string digits(5, '0');
    for (int i = 4; i >= 0; --i, value /= 85) digits[i] = z85_digits[value % 85];
    text += digits;
  }
  return text;
}

Result<KeyBytes> parse_key_bytes(std::string_view text) {
  KeyBytes bytes{};
  if (read_any(text, bytes)) return bytes;
  return usage_error("'" + std::string(text.substr(0, 80)) +
                     "' is not a key: write its 32 bytes as 64 hex digits, as base64 or as Z85");
}

std::string fingerprint(const IdentityKey& key) {
  ensure_sodium();
  std::array<std::uint8_t, 16> hash{};
  crypto_generichash(hash.data(), hash.size(), key.bytes.data(), key.bytes.size(), nullptr, 0);
  std::string text;
  for (std::size_t at = 0; at < 10; at += 2) text += (at == 0 ? "" : "-") + to_hex(hash.data() + at, 2);
  return text;
}

}  // namespace hansa
