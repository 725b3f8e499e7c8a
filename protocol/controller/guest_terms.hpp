// What policy leaves a guest's job here: the pools that it may use, or why it may use none.
#pragma once

#include <string>

#include "hansa/planner.hpp"

namespace hansa {

struct GuestTerms {
  bool accepted = true;
  PoolNames pools;   // empty: any
  std::string rule;  // of the first pool that takes it, or of the first that does not
  std::string text;
};

}  // namespace hansa
