#include "src/store/journal_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace hansa {

namespace {

constexpr std::string_view sqlite_mark{"SQLite format 3\0", 16};
constexpr std::size_t application_id_offset = 68;

using Header = std::array<unsigned char, 100>;

struct Descriptor {
  int value;
  explicit Descriptor(int opened) : value(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value >= 0) close(value);
  }
};

Error useless(const std::filesystem::path& file, const std::string& why) {
  return corrupt("cannot use " + file.string() + " as a journal: " + why +
                 "; put back a copy of the state folder, or give the daemon another folder");
}

std::uint32_t application_id(const Header& header) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id << 8 | header[application_id_offset + i];
  return id;
}

Result<JournalFile> judge(const std::filesystem::path& file, const Header& header, std::size_t size) {
  if (std::memcmp(header.data(), sqlite_mark.data(), std::min(size, sqlite_mark.size())) != 0)
    return useless(file, "it is not a database, or its beginning was overwritten");
  if (size < header.size()) return useless(file, "it is cut short");
  if (application_id(header) != journal_application_id) return useless(file, "it is some other program's database");
  return JournalFile::ours;
}

// Only a crash before the first commit leaves no journal behind, and then there is no log either.
Result<JournalFile> absent(const std::filesystem::path& file) {
  if (has_log(file))
    return useless(file, "it is empty or gone, but its log " + file.filename().string() + "-wal is there");
  return JournalFile::absent;
}

// So that power loss can't take the name of a file whose bytes were synced.
void sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.value >= 0) fsync(opened.value);
}

}  // namespace

bool has_log(const std::filesystem::path& file) {
  std::error_code missing;
  return std::filesystem::file_size(file.string() + "-wal", missing) > 0 && !missing;
}

Result<JournalFile> inspect_journal(const std::filesystem::path& file) {
  const Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.value < 0 && errno == ENOENT) return absent(file);
  Header header{};
  const auto size = opened.value < 0 ? -1 : read(opened.value, header.data(), header.size());
  if (size < 0) return internal_error("cannot read the journal " + file.string() + ": " + std::strerror(errno));
  if (size == 0) return absent(file);
  return judge(file, header, static_cast<std::size_t>(size));
}

Status create_journal_file(const std::filesystem::path& file) {
  const Descriptor created(open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (created.value >= 0) return success();
  return internal_error("cannot create the journal " + file.string() + ": " + std::strerror(errno));
}

Status extend_log(const std::filesystem::path& file, std::uint64_t bytes) {
  const Descriptor log(open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  struct stat status {};
  if (log.value < 0 || fstat(log.value, &status) != 0)
    return internal_error("cannot open the journal's log " + file.string() + ": " + std::strerror(errno));
  const std::vector<char> zeros(1u << 16);
  auto offset = static_cast<std::uint64_t>(status.st_size);
  while (offset < bytes) {
    const auto written = pwrite(log.value, zeros.data(), std::min<std::uint64_t>(zeros.size(), bytes - offset),
                                static_cast<off_t>(offset));
    // Without room for it the log just stays shorter: slower, not wrong.
    if (written <= 0) break;
    offset += static_cast<std::uint64_t>(written);
  }
  fdatasync(log.value);
  sync_folder(file.parent_path());
  return success();
}

}  // namespace hansa
