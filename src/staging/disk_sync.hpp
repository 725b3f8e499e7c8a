// Makes what was written durable, for many at once.
//
// A chunk's writer need not wait for the disk unless this site is about to be the only one that has it: a client's
// upload that is acknowledged, outputs whose host may drop them. Those wait here: one syncfs serves all who came before
// it began, so that three hundred small results a second cost a few syncs and not a thousand.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/staging/fd.hpp"

namespace hansa::staging {

class DiskSync {
 public:
  // `folder`: anything on the disk that counts.
  explicit DiskSync(Fd folder);
  ~DiskSync() { stop(); }

  // Calls `done` from the sync's own thread once everything written before this call is on disk.
  void sync(std::function<void(Status)> done);
  void stop();

 private:
  void run();

  Fd folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void(Status)>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hansa::staging
