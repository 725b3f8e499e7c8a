// The machine's clock: CLOCK_BOOTTIME for the brain, which neither jumps nor stops while the machine sleeps, and the
// wall's for people. Instants are comparable within one boot, which the kernel names.
#pragma once

#include "hansa/ports/clock.hpp"

namespace hansa {

class BootClock final : public Clock {
 public:
  Now now() const override;
  BootId boot() const override;
};

}  // namespace hansa
