// Sweeper: deletes folders in a thread of its own, since a run may have left millions of files.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace hansa {

class Sweeper {
 public:
  Sweeper();
  ~Sweeper();  // what it has not come to stays; the next one is given it again
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  void sweep(std::string folder);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> folders_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hansa
