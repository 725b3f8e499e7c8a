// An allocation in words and numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hansa/types/resources.hpp"

namespace hansa {

std::string format_where(const Allocation& allocation);                 // "a100[0-3,7]"
std::string format_indices(const std::vector<std::uint32_t>& indices);  // "0,1,5"
const Pool* pool_of(const Allocation& allocation, const std::vector<Pool>& pools);
// Accelerators when its pool has them, else cores, over all nodes.
std::uint64_t units_of(const Allocation& allocation, const std::vector<Pool>& pools);

}  // namespace hansa
