// Signatures by libsodium's Ed25519.
//
// What is signed is a word for the kind of value and then its bytes, so that no bytes signed as one kind can ever be
// shown as another. Safe to use from any thread.
#pragma once

#include <array>
#include <string_view>

#include "hansa/ports/notary.hpp"
#include "hansa/ports/signatures.hpp"
#include "src/identity/site_keys.hpp"

namespace hansa {

class SodiumSignatures final : public Signatures, public Notary {
 public:
  explicit SodiumSignatures(const SiteKeys& keys);
  ~SodiumSignatures() override;
  SodiumSignatures(const SodiumSignatures&) = delete;
  SodiumSignatures& operator=(const SodiumSignatures&) = delete;

  IdentityKey identity() const override { return identity_; }
  SignedRecord sign(SiteRecord record) const override;
  SignedDigest sign(CapacityDigest digest) const override;
  bool verify(const SignedRecord& record) const override;
  bool verify(const SignedDigest& digest, const IdentityKey& by) const override;

  Signature sign(std::string_view kind, std::string_view bytes) const override;
  bool verify(std::string_view kind, std::string_view bytes, const Signature& signature,
              const IdentityKey& by) const override;
  ContentHash hash(std::string_view bytes) const override;

 private:
  template <class T>
  Signed<T> sign_value(std::string_view kind, T value) const;

  IdentityKey identity_;
  std::array<unsigned char, 64> secret_{};  // as libsodium expands it from the seed
};

}  // namespace hansa
