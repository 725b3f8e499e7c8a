// One thread that owns some state: whoever wants to touch it posts a function. After each batch it is asked what is due
// and when to come back.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "hansa/types/time.hpp"

namespace hansa::staging {

class EventLoop {
 public:
  // `tick` does what is due and says when it wants to be asked again; called on the loop's thread only.
  using Tick = std::function<std::optional<Instant>(Instant now)>;

  explicit EventLoop(Tick tick);
  ~EventLoop() { stop(); }

  // From any thread. After stop() nothing is carried out any more.
  void post(std::function<void()> event);
  // From a peer, who asks again: dropped when too much waits already.
  void offer(std::function<void()> event);
  void stop();

 private:
  void run();

  Tick tick_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> events_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hansa::staging
