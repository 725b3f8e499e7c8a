// What `submit --test-only` shows: which sites would take the job, when and at what price.
#pragma once

#include <string>

#include "hansa/types/result.hpp"

namespace hansa::client {

Result<int> print_quote(const std::string& body, bool json, bool coloured);

}  // namespace hansa::client
