#include "src/backends/process/run_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace hansa {

void Fd::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

bool paused_for_descriptors(int error) {
  if (error != EMFILE && error != ENFILE && error != ENOMEM) return false;
  constexpr timespec pause{.tv_sec = 0, .tv_nsec = 10'000'000};
  ::nanosleep(&pause, nullptr);
  return true;
}

Fd open_folder(const std::string& path) {
  return open_patiently([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
}

std::optional<std::string> read_file_at(int folder, const char* name) {
  const Fd file = open_patiently([&] { return ::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW); });
  if (!file.valid()) return std::nullopt;
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    filled += static_cast<std::size_t>(count);
  }
  return bytes;
}

static bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool write_file_at(int folder, const char* name, std::string_view bytes, mode_t mode) {
  const std::string fresh = std::string(name) + ".new";
  const Fd file(::openat(folder, fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) return false;
  if (!write_all(file.get(), bytes)) return false;
  return ::renameat(folder, fresh.c_str(), folder, name) == 0;
}

void FieldText::add(std::string_view name, std::string_view value) {
  text_.append(name).append(" ").append(std::to_string(value.size())).append("\n").append(value).append("\n");
}

void FieldText::add(std::string_view name, std::int64_t value) {
  add(name, std::string_view(std::to_string(value)));
}

std::optional<FieldText> FieldText::parse(std::string text) {
  FieldText fields;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto space = rest.find(' ');
    const auto line_end = rest.find('\n');
    if (space == rest.npos || line_end == rest.npos || space > line_end) return std::nullopt;
    std::size_t size = 0;
    const auto* digits_end = rest.data() + line_end;
    const auto [end, error] = std::from_chars(rest.data() + space + 1, digits_end, size);
    if (error != std::errc() || end != digits_end) return std::nullopt;
    if (rest.size() - line_end - 1 <= size || rest[line_end + 1 + size] != '\n') return std::nullopt;
    fields.entries_.emplace_back(rest.substr(0, space), rest.substr(line_end + 1, size));
    rest.remove_prefix(line_end + 2 + size);
  }
  fields.text_ = std::move(text);
  return fields;
}

std::string_view FieldText::find(std::string_view name) const {
  for (const auto& [key, value] : entries_)
    if (key == name) return value;
  return {};
}

std::int64_t FieldText::number(std::string_view name) const {
  const auto text = find(name);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> FieldText::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : entries_)
    if (key == name) values.push_back(value);
  return values;
}

static timespec clock_now(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now;
}

std::int64_t boottime_us() {
  const auto now = clock_now(CLOCK_BOOTTIME);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

std::int64_t wall_ms() {
  const auto now = clock_now(CLOCK_REALTIME);
  return now.tv_sec * 1'000 + now.tv_nsec / 1'000'000;
}

}  // namespace hansa
