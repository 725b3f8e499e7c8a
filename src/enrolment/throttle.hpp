// Throttle: how many strangers are heard. A bucket for each address and one for all; who finds his empty is not heard.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include "hansa/types/time.hpp"

namespace hansa::enrolment {

struct ThrottleOptions {
  double burst_per_address = 10;
  double per_minute_and_address = 20;
  double burst = 60;
  double per_minute = 120;
  std::size_t addresses_max = 4'096;
};

class Throttle {
 public:
  explicit Throttle(const ThrottleOptions& options = {}) : options_(options), all_{options.burst, Instant{}} {}

  bool admits(const std::string& address, Instant now) {
    if (addresses_.size() >= options_.addresses_max) forget_full(now);
    if (addresses_.size() >= options_.addresses_max && !addresses_.contains(address)) return false;
    auto& own = addresses_.try_emplace(address, Bucket{options_.burst_per_address, now}).first->second;
    refill(own, now, options_.burst_per_address, options_.per_minute_and_address);
    refill(all_, now, options_.burst, options_.per_minute);
    if (own.left < 1 || all_.left < 1) return false;
    --own.left;
    --all_.left;
    return true;
  }

 private:
  struct Bucket {
    double left = 0;
    Instant at{};
  };
  static void refill(Bucket& bucket, Instant now, double burst, double per_minute) {
    bucket.left = std::min(burst, bucket.left + seconds(now - bucket.at) / 60 * per_minute);
    bucket.at = now;
  }
  void forget_full(Instant now) {
    for (auto at = addresses_.begin(); at != addresses_.end();) {
      refill(at->second, now, options_.burst_per_address, options_.per_minute_and_address);
      at = at->second.left >= options_.burst_per_address ? addresses_.erase(at) : std::next(at);
    }
  }

  ThrottleOptions options_;
  Bucket all_;
  std::map<std::string, Bucket> addresses_;
};

}  // namespace hansa::enrolment
