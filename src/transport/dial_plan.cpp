#include "src/transport/dial_plan.hpp"

#include <algorithm>

namespace hansa::transport {

DialPlan::Pause DialPlan::after_failure() {
  next_ = (next_ + 1) % endpoints_.size();
  if (next_ != 0) return Pause{0};
  const Pause pause = pause_;
  pause_ = std::min(pause_ * 2, longest_);
  return jittered(pause);
}

DialPlan::Pause DialPlan::after_loss() {
  return jittered(first_);
}

void DialPlan::succeeded() {
  next_ = 0;
  pause_ = first_;
}

DialPlan::Pause DialPlan::jittered(Pause pause) {
  return pause - Pause{static_cast<Pause::rep>(random_() % 256) * pause.count() / 1024};
}

}  // namespace hansa::transport
