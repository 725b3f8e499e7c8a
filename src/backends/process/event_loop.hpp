// EventLoop: one thread that waits for file descriptors and for tasks, and so needs no locks for what it alone touches.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "src/backends/process/run_files.hpp"

namespace hansa {

class EventLoop {
 public:
  using Task = std::function<void()>;
  using OnReady = std::function<void(std::uint64_t token)>;

  EventLoop();
  ~EventLoop() { stop(); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void start(OnReady on_ready);
  // Returns when the thread has ended; tasks that it has not come to are dropped.
  void stop();

  // From any thread; tasks run in the order posted. Between two tasks the loop looks at its descriptors.
  void post(Task task);

  // From the loop's own thread: once more in about a second, for what the machine refuses just now.
  void post_later(Task task);

  // From the loop's own thread. Tokens are never 0.
  void watch(const Fd& descriptor, std::uint64_t token);
  void unwatch(const Fd& descriptor);

 private:
  void run();
  bool run_one_task();  // whether more wait
  void post_due();
  int patience_ms(bool tasks_wait) const;
  void wake() const;

  Fd epoll_;
  Fd wake_;
  OnReady on_ready_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::deque<Task> tasks_;
  struct Later {
    std::chrono::steady_clock::time_point due;
    Task task;
  };
  std::deque<Later> later_;  // the loop's alone
  std::thread thread_;
};

}  // namespace hansa
