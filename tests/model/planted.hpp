// Planted faults: each rule of protocol/handoff/rules.hpp, and the small world that must break without it.
#pragma once

#include <string>
#include <vector>

#include "protocol/handoff/rules.hpp"
#include "tests/model/case.hpp"

namespace hansa::model {

struct PlantedFault {
  Rule rule;
  std::string name;
  Case world;
};

const std::vector<PlantedFault>& all_planted();

}  // namespace hansa::model
