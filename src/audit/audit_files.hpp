// The book's files: one after another in a folder, each named by the number of its first line, the last one written to.
//
// Lines are whole or not there: what a crash left of a line is cut off at the next start, and a write that failed on
// the way is taken back, so that the next one can follow. Used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/audit/audit_line.hpp"

namespace hansa::audit {

std::string file_name(std::uint64_t first_line);
// In order; (first line, path).
std::vector<std::pair<std::uint64_t, std::string>> files_in(const std::string& folder);

class AuditFile {
 public:
  AuditFile() = default;
  AuditFile(AuditFile&& other) noexcept;
  AuditFile& operator=(AuditFile&& other) noexcept;
  ~AuditFile();

  // Takes up the folder's last file, or begins the first. `next` is where the next line stands.
  static Result<AuditFile> open(const std::string& folder, Link& next, std::uint64_t& torn_bytes);
  // Begins the file whose first line will be `first_line`.
  static Result<AuditFile> begin(const std::string& folder, std::uint64_t first_line);

  Status append(std::string_view lines);
  Status sync();
  std::uint64_t size() const { return size_; }

 private:
  AuditFile(int fd, std::string path, std::uint64_t size) : fd_(fd), path_(std::move(path)), size_(size) {}
  Status take_up(Link& next, std::uint64_t& torn_bytes);

  int fd_ = -1;
  std::string path_;
  std::uint64_t size_ = 0;
};

}  // namespace hansa::audit
