// Port: what time it is. Only shells ask; the brain is told.
#pragma once

#include "hansa/types/ids.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Now now() const = 0;
  virtual BootId boot() const = 0;
};

}  // namespace hansa
