#include "src/store/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

namespace hansa {

namespace {

// The holder writes its id just after it has taken the lock, so that for an instant there may be none to read.
std::string holder(int descriptor) {
  char text[24] = {};
  const ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
  std::string digits;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) digits += text[i];
  return digits.empty() ? "another process" : "the process " + digits;
}

void sign(int descriptor) {
  const auto text = std::to_string(getpid()) + "\n";
  // A lock without its holder's id is a lock all the same, so a full disk doesn't matter here.
  if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, text.data(), text.size(), 0) < 0) return;
}

// A daemon that was killed as it started a job's wrapper is outlived by its lock for a moment: the child has it until
// its exec.
bool lock_within(int descriptor, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds pause{10};
  for (; flock(descriptor, LOCK_EX | LOCK_NB) != 0; patience -= pause) {
    if (errno != EWOULDBLOCK || patience <= pause) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const auto file = folder / "lock";
  FolderLock lock(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0)
    return internal_error("cannot open the lock file " + file.string() + ": " + std::strerror(errno) +
                          "; the state folder must exist and belong to the daemon's user");
  if (lock_within(lock.descriptor_, std::chrono::seconds(1))) {
    sign(lock.descriptor_);
    return lock;
  }
  if (errno != EWOULDBLOCK)
    return internal_error("cannot lock " + file.string() + ": " + std::strerror(errno) +
                          "; the state folder must be on a filesystem with working locks");
  return refusal("cannot use the state folder " + folder.string() + ": " + holder(lock.descriptor_) +
                 " uses it; stop that daemon first, or give this one a folder of its own");
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace hansa
