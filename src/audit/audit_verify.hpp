// Reading the whole book again: whether every line is as it was written.
#pragma once

#include <cstdint>
#include <string>

#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"

namespace hansa::audit {

struct Verified {
  std::uint64_t first = 0;  // line
  std::uint64_t lines = 0;
  std::uint64_t seals = 0;
  std::uint64_t unsealed = 0;  // lines after the last seal: nobody has signed for them yet
};

// Every line follows from the one before it, and every seal is `key`'s, for `site`. Else one sentence that names the
// first line that does not hold, by file and line.
Result<Verified> verify_book(const std::string& folder, const SiteName& site, const IdentityKey& key);

}  // namespace hansa::audit
