// Which members keep the copies of a site's job records: rendezvous hashing.
//
// Every member is given a weight by a hash of the origin's name and its own; the heaviest live ones keep the copies.
// Everybody who knows the members comes to the same answer without asking anybody, and a member that comes or goes
// changes the choice of those origins only that it keeps copies for.
#pragma once

#include <cstddef>
#include <vector>

#include "hansa/types/ids.hpp"

namespace hansa {

// Up to `count` of the live members, the origin left out, heaviest first.
std::vector<SiteName> choose_holders(const SiteName& origin, const std::vector<SiteName>& live, std::size_t count);

}  // namespace hansa
