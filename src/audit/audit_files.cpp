#include "src/audit/audit_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

namespace hansa::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".jsonl";

Error cannot(const char* what, const std::string& path) {
  return internal_error(std::string("the audit file ") + path + " can't be " + what + ": " + std::strerror(errno));
}

std::string tail_of(int fd, std::uint64_t size) {
  const auto length = std::min<std::uint64_t>(size, 2 * line_bytes_max);
  std::string tail(length, '\0');
  const auto read = ::pread(fd, tail.data(), length, static_cast<off_t>(size - length));
  tail.resize(read > 0 ? static_cast<std::size_t>(read) : 0);
  return tail;
}

}  // namespace

std::string file_name(std::uint64_t first_line) {
  auto digits = std::to_string(first_line);
  return std::string(12 - std::min<std::size_t>(12, digits.size()), '0') + digits + std::string(ending);
}

std::vector<std::pair<std::uint64_t, std::string>> files_in(const std::string& folder) {
  std::vector<std::pair<std::uint64_t, std::string>> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    std::uint64_t first = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), first);
    if (bad == std::errc{} && std::string_view(end) == ending) files.emplace_back(first, entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

AuditFile::AuditFile(AuditFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), size_(other.size_) {}

AuditFile& AuditFile::operator=(AuditFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  std::swap(size_, other.size_);
  return *this;
}

AuditFile::~AuditFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<AuditFile> AuditFile::begin(const std::string& folder, std::uint64_t first_line) {
  const auto path = folder + "/" + file_name(first_line);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return cannot("made", path);
  return AuditFile(fd, path, 0);
}

Result<AuditFile> AuditFile::open(const std::string& folder, Link& next, std::uint64_t& torn_bytes) {
  torn_bytes = 0;
  std::error_code ignored;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot("made", folder);
  auto files = files_in(folder);
  // Begun and never written to: the book goes on in the one before it.
  while (files.size() > 1 && fs::file_size(files.back().second, ignored) == 0) {
    if (::unlink(files.back().second.c_str()) != 0) return cannot("removed", files.back().second);
    files.pop_back();
  }
  if (files.empty()) return begin(folder, next.number);
  const auto& path = files.back().second;
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  struct stat about {};
  if (fd < 0 || ::fstat(fd, &about) != 0) return cannot("opened", path);
  AuditFile file(fd, path, static_cast<std::uint64_t>(about.st_size));
  next.number = files.back().first;
  if (auto status = file.take_up(next, torn_bytes); !status) return status.error();
  return file;
}

// Goes on behind the last whole line.
Status AuditFile::take_up(Link& next, std::uint64_t& torn_bytes) {
  auto tail = tail_of(fd_, size_);
  const auto end = tail.rfind('\n');
  torn_bytes = end == std::string::npos ? tail.size() : tail.size() - end - 1;
  if (torn_bytes > 0) {
    size_ -= torn_bytes;
    if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0) return cannot("cut to its last whole line", path_);
  }
  if (size_ == 0) return success();
  tail.resize(end);
  const auto line = std::string_view(tail).substr(tail.rfind('\n') == std::string::npos ? 0 : tail.rfind('\n') + 1);
  const auto read = read_line(line);
  if (!read) {
    return corrupt("the last line of the audit file " + path_ + " is none that a site writes (" + read.error().text +
                   "); move the folder aside to begin a new book, and keep the old one");
  }
  next = {.number = read->link.number + 1, .before = hash_of(line)};
  return success();
}

Status AuditFile::append(std::string_view lines) {
  std::size_t done = 0;
  while (done < lines.size()) {
    const auto written = ::write(fd_, lines.data() + done, lines.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const auto error = cannot("written", path_);
      [[maybe_unused]] const int cut = ::ftruncate(fd_, static_cast<off_t>(size_));
      return error;
    }
    done += static_cast<std::size_t>(written);
  }
  size_ += lines.size();
  return success();
}

Status AuditFile::sync() {
  return ::fdatasync(fd_) == 0 ? success() : Status(cannot("brought to the disk", path_));
}

}  // namespace hansa::audit
