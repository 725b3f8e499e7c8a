// Chaos: what goes wrong in a simulated federation, drawn from a seed. Each kind of trouble comes in some seeds only,
// so that every mixture is met.
#pragma once

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
  void strike();
  void crash_a_site();
  void part_the_network();
  void slow_a_disk();
  void drain_a_site();
  void resume(SimSite& site);
  SimSite& any_site() { return *federation_.sites()[rng_.below(federation_.sites().size())]; }
  bool chance(double p) { return rng_.unit() < p; }
  Duration some_time(Duration min, Duration max) {
    return min + Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>((max - min).count()) + 1)));
  }

  Federation& federation_;
  Rng rng_;
  Instant until_{};
  bool crashes_;
  bool power_cuts_;
  bool disk_losses_;
  bool partitions_;
  bool slow_disks_;
  bool drains_;
  NetworkFaults network_;
  Duration pace_;
};

}  // namespace hansa::sim
