// Hashes and signatures that cost nothing and repeat exactly, for tests of whole federations. As with FakeSignatures,
// anybody could make them, and yet what was changed or signed by another is found out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hansa/ports/notary.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hansa::test {

class FakeNotary final : public Notary {
 public:
  explicit FakeNotary(std::string_view who) : identity_(FakeSignatures::identity_of(who)) {}

  IdentityKey identity() const override { return identity_; }
  Signature sign(std::string_view kind, std::string_view bytes) const override {
    return made_by(identity_, kind, bytes);
  }
  bool verify(std::string_view kind, std::string_view bytes, const Signature& signature,
              const IdentityKey& by) const override {
    ++verified;
    return signature == made_by(by, kind, bytes);
  }
  ContentHash hash(std::string_view bytes) const override {
    ContentHash made;
    spread(mix(0xcbf29ce484222325, bytes), made.bytes);
    return made;
  }

  mutable std::uint64_t verified = 0;

 private:
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
  static Signature made_by(const IdentityKey& key, std::string_view kind, std::string_view bytes) {
    const std::string_view name(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
    Signature signature;
    spread(mix(mix(mix(0xcbf29ce484222325, name), kind), bytes), signature.bytes);
    return signature;
  }

  IdentityKey identity_;
};

}  // namespace hansa::test
