// InsideView: what a machine knows beyond what it shows, so that two states are one only if nothing tells them apart.
#pragma once

#include "protocol/handoff/host.hpp"
#include "protocol/handoff/origin.hpp"
#include "protocol/perform.hpp"

namespace hansa {

struct InsideView {
  static const auto& timers(const Origin& origin) { return origin.timers_; }
  static const auto& timers(const Host& host) { return host.timers_; }
  static const auto& renewals(const Host& host) { return host.renewals_; }
  static const auto& grants(const Host& host) { return host.grants_; }
  static auto last_number(const Host& host) { return host.last_number_; }
  static const auto& bids(const Bidder& bidder) { return bidder.live_; }
  static const auto& waiting(const DurableQueue& queue) { return queue.waiting_; }
};

}  // namespace hansa
