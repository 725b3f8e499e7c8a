// Workload: what the users of a simulated federation ask, drawn from a seed.
//
// A user whose submission is not answered sends it again under the same key, as a client does. Users change their
// minds: some jobs are cancelled, held, released or run again. In the end they release what they hold and cancel what
// can never run, so that everything can come to rest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/sim/federation.hpp"

namespace hansa::sim {

class Workload {
 public:
  Workload(Federation& federation, Rng rng) : federation_(federation), rng_(rng) {}

  // Submissions spread over `during`.
  void plan(std::size_t jobs, Duration during);
  // What users do once nothing goes wrong any more; asked now and then until all rests.
  void wind_up();

 private:
  struct Wanted {
    std::string key;
    std::size_t site = 0;
    Submission submission;
    int tries = 0;
  };

  Submission draw(std::size_t site);
  ResourceRequest draw_resources();
  void add_dependency(std::size_t site, JobRequest& request);
  void submit(Wanted wanted);
  void change_mind(std::size_t site, const JobId& job);
  void act(std::size_t site, JobAct act, const JobId& job);
  bool chance(double p) { return rng_.unit() < p; }
  Duration some_time(Duration min, Duration max) {
    return min + Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>((max - min).count()) + 1)));
  }

  Federation& federation_;
  Rng rng_;
  std::map<std::size_t, std::vector<JobId>> acknowledged_;  // by site
};

}  // namespace hansa::sim
