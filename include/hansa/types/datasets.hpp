// Data sets by name: what a job wants to find at a site, and what a site holds.
//
// A name is 1 to 63 of a-z, 0-9, '-', '_' and '.'; a job finds the path of one that it asked for, and that is here, in
// HANSA_DATASET_NAME. A site that holds everything preferred is put before one that does not by as much as it is by
// many steps down the list of models: bringing a large data set over is the job's own doing, and long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/job.hpp"

namespace hansa {

inline constexpr std::size_t steps_per_dataset = 10;

bool is_dataset_name(std::string_view text);

// The first data set that is required and not held; empty when there is none.
std::string missing_dataset(const std::vector<std::string>& held, const PlacementWishes& wishes);
// By how many steps a site is less preferred for what it does not hold.
std::size_t dataset_steps(const std::vector<std::string>& held, const PlacementWishes& wishes);

// "HANSA_DATASET_IMAGENET_2012" for "imagenet-2012".
std::string dataset_variable(std::string_view name);

}  // namespace hansa
