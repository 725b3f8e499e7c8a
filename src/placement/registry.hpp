// The scores that a site can be configured with, by name.
#pragma once

#include <string_view>
#include <vector>

#include "hansa/score.hpp"

namespace hansa {

inline constexpr std::string_view default_score = "balanced";

// All of them, the default first. They live as long as the program.
const std::vector<const Score*>& scores();

// Names those that exist when there is no such score.
Result<const Score*> find_score(std::string_view name);

}  // namespace hansa
