// Story: one run of a scene with its twists. The same scene and twists are the same run.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tests/model/whole/scene.hpp"

namespace hansa::model {

struct StoryEnd {
  std::string problem;                  // empty when every promise was kept and all came to rest
  std::uint32_t lines = 0;              // moments at which a twist could have come
  std::vector<std::uint32_t> said_at;   // at which line each message of the story left
  std::vector<std::uint64_t> pictures;  // what all sites knew, had on disk and ran, at each line
  std::uint64_t events = 0;
};

StoryEnd tell(const Scene& scene, std::span<const Twist> twists, bool trace = false);

}  // namespace hansa::model
