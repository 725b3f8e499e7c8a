// Every score, each in a file of its own name.
#pragma once

#include "hansa/score.hpp"

namespace hansa {

const Score& balanced_score();
const Score& fastest_score();
const Score& cheapest_score();

}  // namespace hansa
