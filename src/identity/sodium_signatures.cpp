#include "src/identity/sodium_signatures.hpp"

#include <sodium.h>

#include <string>

#include "protocol/wire/codec.hpp"
#include "src/identity/sodium.hpp"

namespace hansa {
namespace {

constexpr std::string_view record_kind = "hansa/site-record/1:";
constexpr std::string_view digest_kind = "hansa/capacity-digest/1:";

std::string what_is_signed(std::string_view kind, std::string_view bytes) {
  std::string text;
  text.reserve(kind.size() + bytes.size());
  return text.append(kind).append(bytes);
}

const unsigned char* unsigned_bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool verify_bytes(std::string_view kind, std::string_view bytes, const Signature& signature, const IdentityKey& by) {
  const auto text = what_is_signed(kind, bytes);
  return crypto_sign_verify_detached(signature.bytes.data(), unsigned_bytes(text), text.size(), by.bytes.data()) == 0;
}

}  // namespace

SodiumSignatures::SodiumSignatures(const SiteKeys& keys) {
  ensure_sodium();
  crypto_sign_seed_keypair(identity_.bytes.data(), secret_.data(), keys.identity_secret.bytes.data());
}

SodiumSignatures::~SodiumSignatures() {
  sodium_memzero(secret_.data(), secret_.size());
}

template <class T>
Signed<T> SodiumSignatures::sign_value(std::string_view kind, T value) const {
  Signed<T> made{.value = std::move(value)};
  made.bytes = encode(made.value);
  made.signature = sign(kind, made.bytes);
  return made;
}

Signature SodiumSignatures::sign(std::string_view kind, std::string_view bytes) const {
  const auto text = what_is_signed(kind, bytes);
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, unsigned_bytes(text), text.size(), secret_.data());
  return signature;
}
bool SodiumSignatures::verify(std::string_view kind, std::string_view bytes, const Signature& signature,
                              const IdentityKey& by) const {
  return verify_bytes(kind, bytes, signature, by);
}
ContentHash SodiumSignatures::hash(std::string_view bytes) const {
  return content_hash(bytes);
}

SignedRecord SodiumSignatures::sign(SiteRecord record) const {
  return sign_value(record_kind, std::move(record));
}
SignedDigest SodiumSignatures::sign(CapacityDigest digest) const {
  return sign_value(digest_kind, std::move(digest));
}

bool SodiumSignatures::verify(const SignedRecord& record) const {
  return verify_bytes(record_kind, record.bytes, record.signature, record.value.identity);
}
bool SodiumSignatures::verify(const SignedDigest& digest, const IdentityKey& by) const {
  return verify_bytes(digest_kind, digest.bytes, digest.signature, by);
}

}  // namespace hansa
