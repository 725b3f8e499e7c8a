// One daemon a store: an flock on the state folder itself, and on a file in it.
//
// The folder's lock can't be removed while a daemon has it, as a file's can. The file says who has it, and keeps out
// daemons of a release that locked nothing else. The kernel drops both with the process, however that ends, so there is
// nothing stale to clean up. They are not inherited by the jobs that the daemon starts.
#pragma once

#include <filesystem>

#include "hansa/types/result.hpp"

namespace hansa {

class FolderLock {
 public:
  // Refused, naming the process that holds it, when another has it already.
  static Result<FolderLock> take(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  FolderLock(int folder, int file) : folder_(folder), file_(file) {}
  int folder_ = -1;
  int file_ = -1;
};

}  // namespace hansa
