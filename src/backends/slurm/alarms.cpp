#include "src/backends/slurm/alarms.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

namespace hansa {

Alarms::Alarms(EventLoop& loop) : timer_(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  loop.watch(timer_, token);
}

void Alarms::after(Duration delay, Task task) {
  tasks_.emplace(boottime_us() + std::max<std::int64_t>(0, delay.count()), std::move(task));
  arm();
}

void Alarms::arm() {
  itimerspec when{};
  if (!tasks_.empty()) {
    const auto at = std::max<std::int64_t>(1, tasks_.begin()->first);
    when.it_value = {.tv_sec = at / 1'000'000, .tv_nsec = at % 1'000'000 * 1'000};
  }
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void Alarms::on_ready() {
  std::uint64_t expirations = 0;
  if (::read(timer_.get(), &expirations, sizeof expirations) < 0) return;
  const auto now = boottime_us();
  while (!tasks_.empty() && tasks_.begin()->first <= now) {
    const auto task = std::move(tasks_.extract(tasks_.begin()).mapped());
    task();
  }
  arm();
}

}  // namespace hansa
