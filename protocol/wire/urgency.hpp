// Which messages go before all others: those by which sites see that each other is alive, and those that keep leases.
//
// They are few and small, and a minute late they are worth nothing: a probe's answer that waits behind a flood of
// awards makes a live site suspect, a grant that does ends a run. So they travel in frames of their own, which overtake
// others at every queue from one brain to the other. Nothing else may depend on the order of messages (04-handoff.md),
// and nothing does: the simulated network reorders all of them.
#pragma once

#include <string_view>

#include "protocol/wire/messages.hpp"

namespace hansa {

bool is_urgent(const Message& message);

// By the tag of the first message in it, without reading what follows. A frame that can't be read is not urgent.
bool begins_urgently(std::string_view frame);

}  // namespace hansa
