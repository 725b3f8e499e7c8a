#include "src/staging/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace hansa::staging {
namespace {

Fd failed(int error) {
  errno = error;
  return Fd();
}

bool is_plain_part(const std::string& part) {
  return !part.empty() && part != "." && part != "..";
}

Fd open_by_openat2(int folder, const std::string& path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  for (int attempt = 0; attempt < 16; ++attempt) {  // EAGAIN: something was renamed while the kernel looked
    const auto fd = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return Fd(static_cast<int>(fd));
  }
  return Fd();
}

}  // namespace

Fd open_beneath_by_component(int folder, const std::string& path, int flags, mode_t mode) {
  if (path == ".") return Fd(::openat(folder, ".", flags | O_CLOEXEC | O_NOFOLLOW, mode));
  if (path.empty()) return failed(ENOENT);
  if (path.front() == '/') return failed(EXDEV);
  Fd here;
  std::size_t begin = 0;
  while (true) {
    const auto end = path.find('/', begin);
    const auto part = path.substr(begin, end == std::string::npos ? end : end - begin);
    if (!is_plain_part(part)) return failed(EXDEV);
    const int from = here.valid() ? here.get() : folder;
    if (end == std::string::npos) return Fd(::openat(from, part.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
    Fd next(::openat(from, part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.valid()) return Fd();
    here = std::move(next);
    begin = end + 1;
  }
}

Fd open_beneath(int folder, const std::string& path, int flags, mode_t mode) {
  static std::atomic<bool> openat2_missing{false};
  if (!openat2_missing) {
    Fd fd = open_by_openat2(folder, path, flags, mode);
    if (fd.valid() || (errno != ENOSYS && errno != EPERM)) return fd;
    if (errno == ENOSYS) openat2_missing = true;  // EPERM may be a container's filter, or a true answer: ask again
  }
  return open_beneath_by_component(folder, path, flags, mode);
}

}  // namespace hansa::staging
