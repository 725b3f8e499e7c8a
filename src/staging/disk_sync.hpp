// Makes files durable, for many at once.
//
// A chunk's writer need not wait for the disk unless this site is about to be the only one that has it: a client's
// upload that is acknowledged, outputs whose host may drop them. Those wait here. Files and then their folders are
// synced one after the other, each once for all who came meanwhile: the first sync commits the file system's journal
// for the rest, so that three hundred small results a second cost a few commits and not a thousand. (One syncfs would
// be simpler, but waits for whatever the site's jobs have just written as well.)
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::staging {

class DiskSync {
 public:
  DiskSync();
  ~DiskSync() { stop(); }

  // Calls `done` from the sync's own thread once the files, as they were at this call, and their names are on disk.
  // A file that is gone is not an error: whoever needs it will notice.
  void sync(std::vector<std::string> files, std::function<void(Status)> done);
  void stop();

 private:
  struct Waiting {
    std::vector<std::string> files;
    std::function<void(Status)> done;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hansa::staging
