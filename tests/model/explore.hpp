// Exploring: every state of a small world, the shortest run to the first broken promise, and whether the world can
// always come to rest.
//
// Breadth first, so that the run to a state is a shortest one. The step by which each state was found is not kept but
// found again. A world can always come to rest if from every state faultless steps lead to one in which nothing is left
// to do: rest is spread backwards over the faultless steps until it reaches no further state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/world.hpp"

namespace hansa::model {

struct Limits {
  std::size_t states_max = 20'000'000;
  unsigned depth_max = 1'000;
};

struct Report {
  std::size_t states = 0;
  std::size_t steps = 0;  // edges
  std::size_t site_states = 0;
  std::size_t rests = 0;
  unsigned depth = 0;
  double seconds = 0;
  bool complete = false;
  bool is_stuck = false;  // broken, because no rest can be reached
  std::string broken;     // the promise; empty when all hold
  std::vector<std::string> run;
  std::string end;  // the last state in words
};

Report explore(const Case& world, const Limits& limits);

// Does the steps in order; the report says what was broken, or where it stands and what could be next.
struct Replay {
  std::string broken;
  std::string end;
  std::vector<std::string> next;
  std::string unknown;  // the first step that could not be done
};
Replay replay(const Case& world, const std::vector<std::string>& steps);

}  // namespace hansa::model
