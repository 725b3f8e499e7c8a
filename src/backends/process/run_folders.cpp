#include "src/backends/process/run_folders.hpp"
#include "src/backends/process/run_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

namespace hansa {

namespace fs = std::filesystem;

std::string run_folder_name(const RunKey& run) {
  std::string name = to_hex(run.job.store) + "-" + std::to_string(run.job.number);
  if (run.job.task != JobId::no_task) name += "_" + std::to_string(run.job.task);
  return name + "-" + std::to_string(run.epoch.value);
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Reads a number up to `end_mark` (or the end) and moves on behind it.
template <class Number>
static bool take_number(std::string_view& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

static bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

static bool take_store(std::string_view& text, StoreId& store) {
  if (text.size() < 32) return false;
  for (std::size_t i = 0; i < 16; ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    store.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  text.remove_prefix(32);
  return true;
}

std::optional<RunKey> parse_run_folder_name(std::string_view name) {
  RunKey run;
  auto rest = name;
  if (!take_store(rest, run.job.store) || !take(rest, '-') || !take_number(rest, run.job.number)) return std::nullopt;
  if (take(rest, '_') && !take_number(rest, run.job.task)) return std::nullopt;
  if (!take(rest, '-') || !take_number(rest, run.epoch.value) || !rest.empty()) return std::nullopt;
  if (run_folder_name(run) != name) return std::nullopt;
  return run;
}

RunFolders::RunFolders(std::string state_folder) {
  std::error_code error;
  const auto absolute = fs::absolute(state_folder, error);
  root_ = (error ? fs::path(state_folder) : absolute.lexically_normal()) / "runs";
  aside_ = root_ + "/.aside";
}

static Status make_folder(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) == 0) return success();  // whatever the umask is
  } else if (errno == EEXIST) {
    return success();
  }
  const std::string why = std::strerror(errno);
  const auto text = "the folder " + path + " could not be made: " + why + "; make room or give hansad the right to it";
  return errno == ENOSPC || errno == EDQUOT ? overloaded(text) : internal_error(text);
}

// Others may pass through but not look around.
Status RunFolders::make_root() const {
  std::error_code ignored;  // make_folder() says what is wrong
  fs::create_directories(fs::path(root_).parent_path(), ignored);
  auto made = make_folder(root_, 0711);
  return made ? make_folder(aside_, 0700) : made;
}

Status RunFolders::make(const RunKey& run) const {
  const auto folder = of(run);
  for (const auto& [path, mode] : {std::pair{folder, 0711}, {folder + "/work", 0700}, {folder + "/control", 0711}}) {
    auto made = make_folder(path, static_cast<mode_t>(mode));
    if (!made) return made;
  }
  return success();
}

std::vector<RunKey> RunFolders::all() const {
  std::vector<RunKey> runs;
  std::error_code error;
  fs::directory_iterator entries(root_, error);
  while (error && paused_for_descriptors(error.value())) entries = fs::directory_iterator(root_, error);
  for (const auto& entry : entries) {
    if (const auto run = parse_run_folder_name(entry.path().filename().string())) runs.push_back(*run);
  }
  std::sort(runs.begin(), runs.end());
  return runs;
}

std::optional<std::string> RunFolders::set_aside(const RunKey& run) const {
  const auto target = aside_ + "/" + run_folder_name(run);
  std::error_code error;
  fs::rename(of(run), target, error);
  if (error && fs::exists(target)) {  // the same run was forgotten before and made again
    fs::remove_all(target, error);
    fs::rename(of(run), target, error);
  }
  if (error) return std::nullopt;
  return target;
}

std::vector<std::string> RunFolders::left_aside() const {
  std::vector<std::string> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(aside_, error)) folders.push_back(entry.path().string());
  return folders;
}

}  // namespace hansa
