// Isolation: a site that hears from no peer at all takes itself for the isolated one.
//
// From within, "everybody died" and "my cable is out" look the same, and the second is what happens. An isolated site
// suspects no one; hearing from any peer ends it. Who knows no other site is alone, not isolated.
#pragma once

#include <optional>
#include <utility>

#include "hansa/types/time.hpp"

namespace hansa {

class Isolation {
 public:
  explicit Isolation(Duration after) : after_(after) {}

  void start(Instant now) { heard_at_ = now; }
  // Whether this ended an isolation.
  bool heard(Instant now) {
    heard_at_ = now;
    return std::exchange(isolated_, false);
  }
  // Whether isolation begins now.
  bool check(Instant now, bool has_peers) {
    if (isolated_ || !has_peers || now < heard_at_ + after_) return false;
    return isolated_ = true;
  }
  // The peers are gone from the configuration: nothing to be isolated from.
  void clear() { isolated_ = false; }

  bool isolated() const { return isolated_; }
  Instant heard_at() const { return heard_at_; }
  std::optional<Instant> deadline() const {
    return isolated_ ? std::nullopt : std::optional<Instant>(heard_at_ + after_);
  }
  // Time in which this site did not run.
  void postpone(Duration by) { heard_at_ += by; }

 private:
  Duration after_;
  Instant heard_at_;
  bool isolated_ = false;
};

}  // namespace hansa
