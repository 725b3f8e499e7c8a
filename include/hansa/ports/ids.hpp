// Port: where unguessable ids come from. The operating system's randomness in a daemon, a seed in tests.
#pragma once

#include "hansa/types/ids.hpp"

namespace hansa {

class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual std::array<std::uint8_t, 16> draw() = 0;
};

}  // namespace hansa
