#include "src/identity/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace hansa {
namespace {

class FileHandle {
 public:
  explicit FileHandle(int fd) : fd_(fd) {}
  ~FileHandle() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Error cannot(const char* what, const std::string& path) {
  return internal_error(std::string("can't ") + what + " " + path + ": " + std::strerror(errno));
}

Status check_private(int fd, const std::string& path) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) return cannot("look at", path);
  if (!S_ISREG(about.st_mode)) return refusal(path + " holds a secret and is not a regular file: make it one");
  if ((about.st_mode & 077) == 0) return success();
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(about.st_mode & 07777));
  return refusal(path + " holds a secret and is open to others (mode " + mode.data() + "): run chmod 600 " + path +
                 ", and make new keys if somebody may have read it");
}

}  // namespace

Status write_secret_file(const std::string& path, std::string_view text) {
  const FileHandle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.open()) {
    if (errno == EEXIST) return refusal(path + " exists already and is not overwritten: move it away first");
    return cannot("create", path);
  }
  if (::fchmod(file.get(), 0600) != 0 || !write_all(file.get(), text) || ::fsync(file.get()) != 0) {
    return cannot("write", path);
  }
  return success();
}

Result<std::string> read_secret_file(const std::string& path) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open()) {
    if (errno == ENOENT) return not_found("there is no file " + path + ": 'hansa init' makes a site's keys");
    return cannot("open", path);
  }
  if (auto status = check_private(file.get(), path); !status) return status.error();
  std::array<char, 512> buffer{};
  const auto size = ::read(file.get(), buffer.data(), buffer.size());
  if (size < 0) return cannot("read", path);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace hansa
