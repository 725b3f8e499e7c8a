// Alarms: things to do later, in an event loop's own thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "hansa/types/time.hpp"
#include "src/backends/process/event_loop.hpp"

namespace hansa {

class Alarms {
 public:
  using Task = std::function<void()>;
  static constexpr std::uint64_t token = 1;

  explicit Alarms(EventLoop& loop);

  void after(Duration delay, Task task);
  // When the loop says that this token is ready.
  void on_ready();

 private:
  void arm();

  Fd timer_;
  std::multimap<std::int64_t, Task> tasks_;  // by boot time
};

}  // namespace hansa
