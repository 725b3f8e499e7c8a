// Chaos: what goes wrong in a simulated federation, drawn from a seed. Each kind of trouble comes in some seeds only,
// so that every mixture is met.
#pragma once

#include <vector>

#include "src/sim/federation.hpp"

namespace hansa::sim {

class Chaos {
 public:
  Chaos(Federation& federation, Rng rng);

  // Faults from now until `until`.
  void reign(Instant until);
  // All that can be put right is put right.
  void end();

 private:
  using Trouble = void (Chaos::*)(SimSite& site);

  void strike();
  void strike(Trouble trouble, SimSite& site);
  void lie_in_wait(Trouble trouble, SimSite& site);
  // Daemons and machines.
  void crash(SimSite& site);
  void drain(SimSite& site);
  void resume(SimSite& site);
  // Disks.
  void slow_the_disk(SimSite& site);
  void fill_the_disk(SimSite& site);
  void fail_a_write(SimSite& site);
  // Clocks.
  void bend_the_clock(SimSite& site);
  void set_the_clock_wrong(SimSite& site);
  // Ways.
  void cut_ways(SimSite& site);
  void slow_a_way(SimSite& site);

  // Counts what such a fault strikes, now and each second until `until` or the end of all faults.
  void lasts(Fault fault, const SimSite& site, Instant until);
  void lasts(Fault fault, const SimSite& a, const SimSite& b, Instant until);

  Instant now() const { return federation_.timeline().now(); }
  SimSite& any_site() { return *federation_.sites()[rng_.below(federation_.sites().size())]; }
  bool chance(double p) { return rng_.unit() < p; }
  Duration some_time(Duration min, Duration max) {
    return min + Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>((max - min).count()) + 1)));
  }
  std::int64_t some_rate();

  Federation& federation_;
  Rng rng_;
  Instant until_{};
  bool crashes_;
  bool power_cuts_;
  bool disk_losses_;
  bool drifts_;
  std::vector<Trouble> troubles_;
  NetworkFaults network_;
  Duration pace_;
};

}  // namespace hansa::sim
