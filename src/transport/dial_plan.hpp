// DialPlan: which endpoint of a peer to try next, and when.
//
// Endpoints are tried in the order given, one after the other at once; when all have failed there is a pause, which
// doubles from round to round up to a maximum. A connection that came up begins the order anew. Pauses are shortened by
// up to a quarter at random, so that sites that lost one another together don't dial in step.
#pragma once

#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace hansa::transport {

class DialPlan {
 public:
  using Pause = std::chrono::milliseconds;

  DialPlan(std::vector<std::string> endpoints, Pause first, Pause longest, std::uint32_t seed)
      : endpoints_(std::move(endpoints)), first_(first), longest_(longest), pause_(first), random_(seed) {}

  bool empty() const { return endpoints_.empty(); }
  const std::string& endpoint() const { return endpoints_[next_]; }

  // How long to wait before the next try.
  Pause after_failure();
  Pause after_loss();
  void succeeded();

 private:
  Pause jittered(Pause pause);

  std::vector<std::string> endpoints_;
  Pause first_, longest_, pause_;
  std::size_t next_ = 0;
  std::minstd_rand random_;
};

}  // namespace hansa::transport
