// One daemon a store: an flock on a file in the state folder.
//
// The kernel drops it with the process, however that ends, so there is nothing stale to clean up. The file stays, and
// says who holds the lock. It is not inherited by the jobs that the daemon starts.
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
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace hansa
