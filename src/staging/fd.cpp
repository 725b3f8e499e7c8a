#include "src/staging/fd.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace hansa::staging {

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

Error file_error(std::string_view attempted, std::string_view path, int error) {
  std::string text = "can't " + std::string(attempted) + " " + in_quotes(path) + ": " + errno_text(error);
  const bool full = error == ENOSPC || error == EDQUOT;
  if (full) text += "; free some space on this disk";
  return {full ? ErrorKind::overloaded : ErrorKind::internal, std::move(text)};
}

Result<Fd> open_folder(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return file_error("open the folder", path, errno);
  return fd;
}

Result<Fd> make_folder(const std::string& path) {
  std::string part;
  for (const auto& piece : std::filesystem::path(path)) {
    part = part.empty() ? piece.string() : (std::filesystem::path(part) / piece).string();
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EISDIR) {
      return file_error("make the folder", part, errno);
    }
  }
  return open_folder(path);
}

std::vector<std::string> names_in(int folder) {
  std::vector<std::string> names;
  const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = fd < 0 ? nullptr : ::fdopendir(fd);
  if (listing == nullptr) return names;
  while (const auto* item = ::readdir(listing)) {
    const std::string name = item->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(listing);
  std::sort(names.begin(), names.end());
  return names;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_at(int fd, std::uint64_t offset, std::size_t size, std::string& out) {
  out.resize(size);
  std::size_t filled = 0;
  while (filled < size) {
    const auto got = ::pread(fd, out.data() + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return true;
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat facts {};
  if (!fd.valid() || ::fstat(fd.get(), &facts) != 0) {
    if (errno == ENOENT) return not_found(in_quotes(path) + " does not exist");
    return file_error("read", path, errno);
  }
  if (!S_ISREG(facts.st_mode) || static_cast<std::uint64_t>(facts.st_size) > bytes_max) {
    return corrupt(in_quotes(path) + " is not a regular file of at most " + std::to_string(bytes_max) + " bytes");
  }
  std::string bytes;
  if (!read_at(fd.get(), 0, static_cast<std::size_t>(facts.st_size), bytes)) return file_error("read", path, errno);
  return bytes;
}

Status write_file_atomically(int folder, const std::string& name, std::string_view bytes) {
  static std::atomic<std::uint64_t> count{0};
  const auto temporary = ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
  const Fd fd(::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return file_error("create", name, errno);
  if (write_all(fd.get(), bytes) && ::renameat(folder, temporary.c_str(), folder, name.c_str()) == 0) return success();
  const int error = errno;
  ::unlinkat(folder, temporary.c_str(), 0);
  return file_error("write", name, error);
}

std::string in_quotes(std::string_view path) {
  std::string text = "'";
  for (const char c : path.substr(0, 300)) {
    const auto byte = static_cast<unsigned char>(c);
    char escaped[5];
    if (byte >= 0x20 && byte != 0x7f) {
      text += c;
    } else {
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      text += escaped;
    }
  }
  return text + (path.size() > 300 ? "…'" : "'");
}

}  // namespace hansa::staging
