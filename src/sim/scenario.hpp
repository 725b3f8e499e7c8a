// Scenario: one seed, one run. What users ask and what goes wrong is drawn from the seed; so is everything else.
//
// Two phases. Safety: users submit, cancel, hold, release and rerun while sites crash, lose power or their disk, and
// the network loses, repeats, delays and parts; no promise may break. Liveness: everything heals, users ask for nothing
// new, and all must come to rest within a bounded time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hansa/ports/signatures.hpp"
#include "src/sim/coverage.hpp"

namespace hansa::sim {

struct ScenarioOptions {
  std::uint64_t seed = 0;
  bool faults = true;
  bool trace = false;
  std::function<std::unique_ptr<Signatures>(const SiteName& site)> signatures;
};

struct ScenarioResult {
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;   // of all that happened
  std::uint64_t lines = 0;  // how much that was
  std::vector<std::string> problems;
  Coverage coverage;                          // what faults struck
  std::map<std::string, std::uint64_t> seen;  // what came up, and how often
  std::size_t jobs = 0;
  double rest_s = 0;  // virtual time from the last fault to rest
  bool passed() const { return problems.empty(); }
};

ScenarioResult run_scenario(const ScenarioOptions& options);

}  // namespace hansa::sim
