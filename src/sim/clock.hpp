// SiteClock: the clock of one simulated machine, which is not quite everybody's.
//
// Problem: leases rest on clocks whose rates differ by less than a bound; a simulation with one clock for all never
// tries that bound. Idea: each site has a Timeline of its own, a little faster or slower than the true one, which
// begins again at nothing when the machine is restarted, as CLOCK_BOOTTIME does; and a wall clock that may be wrong by
// hours, because nothing may be decided by it.
//
// Invariant: what is asked for an instant happens when this clock shows it, never sooner, whatever became of the rate.
#pragma once

#include <utility>

#include "src/sim/timeline.hpp"

namespace hansa::sim {

class SiteClock {
 public:
  using Event = Timeline::Event;

  explicit SiteClock(Timeline& timeline) : timeline_(timeline) {}

  Instant now() const { return shown_at(timeline_.now()); }
  Now both() const {
    auto wall = timeline_.both().wall;
    wall.unix_ms += wall_error_.count() / 1000;
    return {now(), wall};
  }

  void at(Instant when, Event what) {
    timeline_.at(true_time_of(when), [this, when, boot = boot_, what = std::move(what)]() mutable {
      // The rate changed meanwhile. What an earlier boot waited for is its own business.
      if (boot == boot_ && now() < when) return at(when, std::move(what));
      what();
    });
  }
  void after(Duration wait, Event what) { at(now() + wait, std::move(what)); }

  // Parts in a million that it gains.
  void set_rate(std::int64_t ppm) {
    shown_ = now();
    since_ = timeline_.now();
    ppm_ = ppm;
  }
  std::int64_t rate() const { return ppm_; }
  void set_wall_error(Duration error) { wall_error_ = error; }
  // The machine starts anew.
  void restart() {
    shown_ = Instant{};
    since_ = timeline_.now();
    ++boot_;
  }

 private:
  static constexpr std::int64_t million = 1'000'000;

  Instant shown_at(Instant truth) const {
    const auto passed = (truth - since_).count();
    return shown_ + Duration(passed + passed * ppm_ / million);
  }
  Instant true_time_of(Instant shown) const {
    if (shown <= now()) return timeline_.now();
    return std::max(since_ + Duration((shown - shown_).count() * million / (million + ppm_)),
                    timeline_.now() + Duration(1));
  }

  Timeline& timeline_;
  Instant shown_{};  // what it showed …
  Instant since_{};  // … at this true time
  std::int64_t ppm_ = 0;
  Duration wall_error_{0};
  std::uint64_t boot_ = 0;
};

}  // namespace hansa::sim
