// Canon: a state as bytes, in which two states are the same only if no future can tell them apart.
//
// Left out, because no machine decides by it: texts for people, wall-clock times, what was last heard and when, counts
// and indexes that follow from the records. In a timeless case also: instants and numbers of tries, since every timer
// may fire at any moment (only its kind counts: repeat, patience, memory), and the count within a grant number, since
// Site delivers a Confirm under whichever number can still be answered. What waits for one batch is a set, because a
// message said twice into a network that repeats is said once.
#pragma once

#include <optional>
#include <string>

#include "tests/model/site.hpp"

namespace hansa::model {

std::string canon(const Site& site);

// The message as the network tells it from others, without what nobody decides by; nothing if nobody decides by it.
std::optional<Message> normal(const Message& message, bool leased);
std::string canon(SiteIndex from, const SiteName& to, const Message& normal_message);
std::string describe(SiteIndex from, const SiteName& to, const Message& message);

}  // namespace hansa::model
