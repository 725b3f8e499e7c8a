// What a fault strikes: everything of a simulated federation that is in its way, counted under the state that it is in.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "src/sim/coverage.hpp"
#include "src/sim/site.hpp"

namespace hansa::sim {

using Sites = std::vector<std::unique_ptr<SimSite>>;

// A fault of `at`: its own jobs and runs, and those elsewhere whose other half it has.
void count_site(Coverage& coverage, Fault fault, const Sites& sites, const SimSite& at);
// A fault of the way between two: what each has of which the other has the other half.
void count_pair(Coverage& coverage, Fault fault, const SimSite& a, const SimSite& b);
// A fault of a message: the job and the run that it speaks of, and its kind.
void count_message(Coverage& coverage, Fault fault, const SimSite& from, const SimSite& to, const Message& message);

// Whether something at this site is in that state, and then which site has the other half of it; itself, if none has.
std::optional<SiteName> find_in(const SimSite& at, const Coverage::Row& row);

}  // namespace hansa::sim
