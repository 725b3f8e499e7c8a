// The site's word for its book as far as it goes: a signature over the number of a line and the hash of all before it.
#pragma once

#include <cstdint>
#include <string>

#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"
#include "src/identity/site_keys.hpp"

namespace hansa::audit {

struct SealedPoint {
  SiteName site;
  std::uint64_t number = 0;  // of the line that bears the seal
  ContentHash before;        // of the line before it
  std::string at;            // the moment, as the line has it: nothing follows that would vouch for it
};

Signature sign_seal(const IdentitySecret& secret, const SealedPoint& point);
bool check_seal(const IdentityKey& key, const SealedPoint& point, const Signature& signature);

}  // namespace hansa::audit
