// How the brain answers whoever asked: with the effects of the same step, so that the answer waits for their disk.
#pragma once

#include <utility>

#include "protocol/effects.hpp"

namespace hansa {

inline void reply(Effects& out, Ticket ticket, ApiReply answer) {
  out.replies.push_back({ticket, std::move(answer)});
}

}  // namespace hansa
