// Standing: who belongs to the federation now, reckoned from the statements alone.
//
// A member stands by its own certificate: that its sponsor left, expired or was put out changes nothing for it. But
// nobody signs for the past: of what a site that is gone has signed, only what is named in its departure, or by those
// who put it out, still counts.
//
// Eviction: votes are taken in the order of their time; the site is out as soon as those that voted are more than half
// of all who were members then, the subject apart. What has been decided is not undone by whoever joins or leaves
// later. Names: of two who hold one name, the one admitted earlier has it; admitted at once (options.hpp), the one with
// the smaller key.
//
// Invariant: equal statements and an equal clock give equal standings, in whatever order the statements came.
#pragma once

#include <map>
#include <set>

#include "protocol/admission/trust_book.hpp"

namespace hansa {

enum class StandingKind : std::uint8_t { member, expired, left, withdrawn, evicted, name_taken, not_vouched };
std::string_view to_word(StandingKind kind);

struct Standing {
  StandingKind kind = StandingKind::not_vouched;
  StatementId admission;
  AdmissionCertificate certificate;
  IdentityKey sponsor;  // its own for a founder
  WallTime since;
  WallTime expires;
  std::uint32_t votes = 0;  // that it be put out, by members
  std::uint32_t votes_needed = 0;
};
using Standings = std::map<IdentityKey, Standing>;

Standings reckon(const TrustBook& book, const AdmissionOptions& options, WallTime now);

}  // namespace hansa
