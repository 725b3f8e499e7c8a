#include "src/audit/seal.hpp"

#include <sodium.h>

#include <string>

#include "src/identity/sodium.hpp"

namespace hansa::audit {
namespace {

// No bytes that are signed as anything else begin like this.
std::string words_of(const SealedPoint& point) {
  return "hansa/audit-seal/1:" + point.site.value + ":" + std::to_string(point.number) + ":" +
         to_hex(point.before.bytes.data(), point.before.bytes.size()) + ":" + point.at;
}

const unsigned char* raw(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Signature sign_seal(const IdentitySecret& secret, const SealedPoint& point) {
  ensure_sodium();
  IdentityKey identity;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> expanded{};
  crypto_sign_seed_keypair(identity.bytes.data(), expanded.data(), secret.bytes.data());
  const auto words = words_of(point);
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, raw(words), words.size(), expanded.data());
  sodium_memzero(expanded.data(), expanded.size());
  return signature;
}

bool check_seal(const IdentityKey& key, const SealedPoint& point, const Signature& signature) {
  ensure_sodium();
  const auto words = words_of(point);
  return crypto_sign_verify_detached(signature.bytes.data(), raw(words), words.size(), key.bytes.data()) == 0;
}

}  // namespace hansa::audit
