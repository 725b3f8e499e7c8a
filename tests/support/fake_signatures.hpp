// Signatures that cost nothing and repeat exactly, for tests and simulations of thousands of sites.
//
// A signature is a hash of the signer's key and the bytes: anybody could make one, and yet a value that was changed, or
// signed by another, is found out as with the real thing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "hansa/ports/signatures.hpp"
#include "protocol/wire/codec.hpp"

namespace hansa::test {

class FakeSignatures final : public Signatures {
 public:
  explicit FakeSignatures(std::string_view who) : identity_(identity_of(who)) {}

  // The key of a site of this name, so that tests can write it down.
  static IdentityKey identity_of(std::string_view who) {
    IdentityKey key;
    spread(mix(0xcbf29ce484222325, who), key.bytes);
    return key;
  }

  IdentityKey identity() const override { return identity_; }
  SignedRecord sign(SiteRecord record) const override { return sign_value('r', std::move(record)); }
  SignedDigest sign(CapacityDigest digest) const override { return sign_value('d', std::move(digest)); }
  bool verify(const SignedRecord& record) const override {
    return record.signature == made_by(record.value.identity, 'r', record.bytes);
  }
  bool verify(const SignedDigest& digest, const IdentityKey& by) const override {
    return digest.signature == made_by(by, 'd', digest.bytes);
  }

 private:
  // FNV-1a.
  static std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    return hash;
  }
  template <class Bytes>
  static void spread(std::uint64_t hash, Bytes& bytes) {
    for (auto& byte : bytes) {
      hash = hash * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<std::uint8_t>(hash >> 56);
    }
  }
  static Signature made_by(const IdentityKey& key, char kind, std::string_view bytes) {
    const std::string_view name(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
    Signature signature;
    spread(mix(mix(mix(0xcbf29ce484222325, name), {&kind, 1}), bytes), signature.bytes);
    return signature;
  }
  template <class T>
  Signed<T> sign_value(char kind, T value) const {
    Signed<T> made{.value = std::move(value)};
    made.bytes = encode(made.value);
    made.signature = made_by(identity_, kind, made.bytes);
    return made;
  }

  IdentityKey identity_;
};

}  // namespace hansa::test
