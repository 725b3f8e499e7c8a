// A file descriptor that closes itself, and the few loops that every reader and writer of files needs.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::staging {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// What errno says, in words.
std::string errno_text(int error);

// A failed call on a file as one sentence. A full disk is `overloaded`: it may have room later.
Error file_error(std::string_view attempted, std::string_view path, int error);

// Opens a folder by its trusted path: links on the way are followed.
Result<Fd> open_folder(const std::string& path);
// The same, made with its parents (mode 0700) when it is not there.
Result<Fd> make_folder(const std::string& path);

// The names in an open folder, sorted so that whatever follows is the same each time.
std::vector<std::string> names_in(int folder);

// All of the bytes, or false with errno set.
bool write_all(int fd, std::string_view bytes);

// Up to `size` bytes at `offset`: fewer only at the end of the file. False with errno set.
bool read_at(int fd, std::uint64_t offset, std::size_t size, std::string& out);

// The whole of a small trusted file, at most `bytes_max`.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// Writes `bytes` to a temporary file and renames it, so that nobody ever sees half of it. Not synced.
Status write_file_atomically(int folder, const std::string& name, std::string_view bytes);

// Control characters and quotes of a path made harmless, for sentences that people read.
std::string in_quotes(std::string_view path);

}  // namespace hansa::staging
