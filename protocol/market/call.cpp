#include "protocol/market/call.hpp"

#include <algorithm>
#include <cmath>

namespace hansa {
namespace {

double sane_number(double value) {
  return std::isfinite(value) && value > 0 ? value : 0;
}

}  // namespace

AskedSite* Call::find(const SiteName& site) {
  const auto found = std::find_if(asked.begin(), asked.end(), [&](const AskedSite& a) { return a.site == site; });
  return found == asked.end() ? nullptr : &*found;
}

bool Call::is_settled(const MarketOptions& options) const {
  if (std::all_of(asked.begin(), asked.end(), [](const AskedSite& a) { return a.has_answered(); })) return true;
  if (quote || request->wishes.prefer != Prefer::fastest) return false;
  std::size_t at_once = 0;
  for (const auto& site : asked) {
    if (!site.bid || site.bid->earliest_start > Duration{0}) continue;
    if (site.transfer > options.early_transfer_max || preference_of(*site.bid, *request) + site.data_steps > 0)
      continue;
    at_once += site.bid->bids.size();
  }
  return at_once >= jobs.size();
}

Bid sane(Bid bid) {
  bid.earliest_start = std::clamp(bid.earliest_start, Duration{0}, forever);
  bid.valid_for = std::clamp(bid.valid_for, Duration{0}, Duration{std::chrono::hours(1)});
  bid.tflops = sane_number(bid.tflops);
  bid.price_per_hour = sane_number(bid.price_per_hour);
  return bid;
}

std::size_t preference_of(const Bid& bid, const JobRequest& request) {
  return preference_of(Pool{.name = bid.pool, .model = bid.model}, request.resources);
}

Option option_of(const AskedSite& asked, const JobRequest& request, Instant now) {
  const auto& bid = *asked.bid;
  return {.site = asked.site,
          .start = std::max(Duration{0}, bid.earliest_start - (now - asked.received)),
          .transfer = asked.transfer,
          .tflops = bid.tflops,
          .price_per_hour = bid.price_per_hour,
          .preference = preference_of(bid, request) + asked.data_steps,
          .rtt = asked.rtt,
          .region = asked.region,
          .expected_delay = asked.expected_delay};
}

}  // namespace hansa
