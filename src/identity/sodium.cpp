#include "src/identity/sodium.hpp"

#include <sodium.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace hansa {

void ensure_sodium() {
  static const int status = sodium_init();
  if (status < 0) {
    std::fputs("hansa: libsodium finds no source of randomness on this machine\n", stderr);
    std::abort();
  }
}

ContentHash content_hash(std::string_view bytes) {
  ensure_sodium();
  ContentHash hash;
  crypto_generichash(hash.bytes.data(), hash.bytes.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  return hash;
}

void fill_random(std::uint8_t* bytes, std::size_t size) {
  ensure_sodium();
  randombytes_buf(bytes, size);
}

std::string random_token() {
  std::array<std::uint8_t, 32> bits{};
  fill_random(bits.data(), bits.size());
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<char, sodium_base64_ENCODED_LEN(bits.size(), variant)> text{};
  sodium_bin2base64(text.data(), text.size(), bits.data(), bits.size(), variant);
  return text.data();
}

}  // namespace hansa
