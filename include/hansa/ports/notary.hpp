// Port: hashing and signing of what statements are made of.
//
// Pure functions of their arguments; may be called from any thread. `kind` is a word for what is signed, so that bytes
// signed as one kind can never be shown as another.
#pragma once

#include <string_view>

#include "hansa/types/crypto.hpp"

namespace hansa {

class Notary {
 public:
  virtual ~Notary() = default;

  virtual IdentityKey identity() const = 0;
  virtual Signature sign(std::string_view kind, std::string_view bytes) const = 0;
  virtual bool verify(std::string_view kind, std::string_view bytes, const Signature& signature,
                      const IdentityKey& by) const = 0;
  virtual ContentHash hash(std::string_view bytes) const = 0;
};

}  // namespace hansa
