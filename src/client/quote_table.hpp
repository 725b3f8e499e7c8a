// What `submit --test-only` shows: which sites would take the job, when and at what price.
#pragma once

#include <string>

#include "hansa/types/result.hpp"

namespace hansa::client {

Result<int> print_quote(const std::string& body, bool json, bool coloured);

// The choice alone, on standard error, as sbatch --test-only says it.
Result<int> say_quote(const std::string& body);

}  // namespace hansa::client
