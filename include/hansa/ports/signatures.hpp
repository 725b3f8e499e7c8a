// Port: signing what this site says of itself, and checking what others say of themselves.
//
// Pure functions of their arguments; may be called from any thread. verify() recomputes over `bytes`, and does not ask
// whether `value` matches them: the decoder made it from them.
#pragma once

#include "hansa/types/site.hpp"

namespace hansa {

class Signatures {
 public:
  virtual ~Signatures() = default;

  virtual IdentityKey identity() const = 0;
  virtual SignedRecord sign(SiteRecord record) const = 0;
  virtual SignedDigest sign(CapacityDigest digest) const = 0;
  // Whether the record was signed by the identity that it names.
  virtual bool verify(const SignedRecord& record) const = 0;
  virtual bool verify(const SignedDigest& digest, const IdentityKey& by) const = 0;
};

}  // namespace hansa
