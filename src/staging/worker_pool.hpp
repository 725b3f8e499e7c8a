// Threads that carry out slow work in the order in which it was given.
//
// The queue has no bound of its own: whoever submits admits. There is one piece of work a run, one a chunk in a window,
// and a stated number of answers a peer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hansa::staging {

class WorkerPool {
 public:
  explicit WorkerPool(int threads);
  // Waits for what runs; what has not begun is dropped.
  ~WorkerPool() { stop(); }

  void submit(std::function<void()> work);
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hansa::staging
