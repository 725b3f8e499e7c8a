// How long the disk takes to make 4 KiB durable: the yardstick beside every durable rate.
//
// A machine whose cores are busy syncs many times slower than an idle one, so a rate says something only as a share of
// the sync rate taken in the same run.
#pragma once

#include <filesystem>

namespace hansa::bench {

class SyncProbe {
 public:
  // Makes a file in `folder`, 4 MiB long, and removes it at the end. Exits with a sentence if it can't.
  explicit SyncProbe(const std::filesystem::path& folder);
  SyncProbe(const SyncProbe&) = delete;
  SyncProbe& operator=(const SyncProbe&) = delete;
  ~SyncProbe();

  // Overwrites the next 4 KiB and syncs them.
  void sync();
  // Makes the file 4 KiB longer and syncs it: slower, since the file's size must be made durable too.
  void sync_growing();

  // The median of some hundred syncs, in seconds.
  double median_seconds() { return median_of(&SyncProbe::sync); }
  // The same of a file that grows, as a log does that is only appended to.
  double median_growing_seconds() { return median_of(&SyncProbe::sync_growing); }

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
  long next_ = 0;
  long pages_ = 0;

  double median_of(void (SyncProbe::*one)());
};

}  // namespace hansa::bench
