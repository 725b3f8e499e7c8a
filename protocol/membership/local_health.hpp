// Local health (Lifeguard): a site that keeps missing what it should hear is likely the sick one.
//
// Its score rises with probes that fail without helpers saying "the target was silent to me too", with having to refute
// a suspicion, and with timers served late; it falls with every probe that succeeds. Own timeouts are stretched by
// (1 + score), so that a slow site accuses others later instead of wrongly.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hansa/types/time.hpp"

namespace hansa {

class LocalHealth {
 public:
  explicit LocalHealth(std::uint32_t score_max) : score_max_(score_max) {}

  void better() { score_ -= score_ > 0 ? 1 : 0; }
  void worse(std::uint32_t by = 1) { score_ = std::min(score_max_, score_ + by); }

  std::uint32_t score() const { return score_; }
  Duration stretch(Duration duration) const { return duration * (1 + score_); }

 private:
  std::uint32_t score_max_;
  std::uint32_t score_ = 0;
};

}  // namespace hansa
