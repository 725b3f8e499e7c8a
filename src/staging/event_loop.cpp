#include "src/staging/event_loop.hpp"

#include <algorithm>
#include <utility>

#include "src/staging/clock.hpp"

namespace hansa::staging {

EventLoop::EventLoop(Tick tick) : tick_(std::move(tick)), thread_([this] { run(); }) {}

void EventLoop::post(std::function<void()> event) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    events_.push_back(std::move(event));
  }
  changed_.notify_one();
}

void EventLoop::offer(std::function<void()> event) {
  constexpr std::size_t offered_max = 4'096;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || events_.size() >= offered_max) return;
    events_.push_back(std::move(event));
  }
  changed_.notify_one();
}

void EventLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EventLoop::run() {
  std::optional<Instant> deadline;
  while (true) {
    std::vector<std::function<void()>> batch;
    {
      std::unique_lock lock(mutex_);
      const auto woken = [this] { return stopping_ || !events_.empty(); };
      if (deadline) {
        changed_.wait_for(lock, std::max(*deadline - boot_now(), Duration{0}), woken);
      } else {
        changed_.wait(lock, woken);
      }
      if (stopping_) return;
      batch.swap(events_);
    }
    for (auto& event : batch) event();
    batch.clear();
    deadline = tick_(boot_now());
  }
}

}  // namespace hansa::staging
