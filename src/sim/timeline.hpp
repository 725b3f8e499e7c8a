// Timeline: virtual time, and what happens when.
//
// Everything in a simulated federation happens in one thread, in the order of (instant, order of asking): the same
// calls give the same run. Time jumps from one event to the next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "hansa/types/time.hpp"

namespace hansa::sim {

class Timeline {
 public:
  using Event = std::function<void()>;

  Instant now() const { return now_; }
  // What people's clocks show: an arbitrary day plus the time that has passed.
  Now both() const {
    constexpr std::int64_t an_arbitrary_day_ms = 1'700'000'000'000;
    return {now_, WallTime{an_arbitrary_day_ms + now_.time_since_epoch().count() / 1000}};
  }

  void at(Instant when, Event what) {
    events_.emplace(std::pair{when < now_ ? now_ : when, ++asked_}, std::move(what));
  }
  void after(Duration wait, Event what) { at(now_ + wait, std::move(what)); }

  // Does what is next; false when nothing is, or nothing until `limit`.
  bool step(Instant limit) {
    if (events_.empty() || events_.begin()->first.first > limit) return false;
    auto event = events_.extract(events_.begin());
    now_ = event.key().first;
    event.mapped()();
    return true;
  }
  // Nothing happens any more until then.
  void pass_to(Instant then) { now_ = std::max(now_, then); }

 private:
  Instant now_{};
  std::uint64_t asked_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, Event> events_;
};

}  // namespace hansa::sim
