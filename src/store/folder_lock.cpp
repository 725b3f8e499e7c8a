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
  FolderLock lock(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                  open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.folder_ < 0 || lock.file_ < 0)
    return internal_error("cannot open the lock file " + file.string() + ": " + std::strerror(errno) +
                          "; the state folder must exist and belong to the daemon's user");
  if (lock_within(lock.folder_, std::chrono::seconds(1)) && lock_within(lock.file_, std::chrono::seconds(1))) {
    sign(lock.file_);
    return lock;
  }
  if (errno != EWOULDBLOCK)
    return internal_error("cannot lock " + folder.string() + ": " + std::strerror(errno) +
                          "; the state folder must be on a filesystem with working locks");
  return refusal("cannot use the state folder " + folder.string() + ": " + holder(lock.file_) +
                 " uses it; stop that daemon first, or give this one a folder of its own");
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : folder_(std::exchange(other.folder_, -1)), file_(std::exchange(other.file_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(file_, other.file_);
  return *this;
}

FolderLock::~FolderLock() {
  for (const int descriptor : {file_, folder_})
    if (descriptor >= 0) close(descriptor);
}

}  // namespace hansa
