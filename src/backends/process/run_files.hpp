// The small files through which the daemon and a run's wrapper speak, and how each is read and written whole.
//
// The two never share memory or a connection that has to last: either may die and come back. All that one must know
// of the other is in the run's control folder, and every file there is made in one step (a symlink or a rename), so
// that a reader sees a whole one or none. Nothing here syncs: after a power cut nothing runs, and the journal decides.
//
//   claim    symlink; its text says who decided that the run starts (a wrapper) or never does (the host)
//   spec     what to run, written by the daemon before the wrapper is started
//   script   the job's script
//   lease    CLOCK_BOOTTIME microseconds by which the run must be dead; rewritten when the lease is extended
//   status   how it ended; written once, by the wrapper, or by the daemon for a wrapper that was killed
//   stdout, stderr
//
// A wrapper is asked to end its run by SIGUSR1 (stop_request.hpp), which needs no room on a full disk.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hansa {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  void reset();
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Whether a call failed because there are no descriptors left; if so, after a pause. What can't be looked at must never
// count as not there: a wrapper would be taken for dead, and its job killed.
bool paused_for_descriptors(int error);
// Tries again for as long as descriptors are lacking: `open` gives a number, or -1 and errno.
template <class Open>
Fd open_patiently(Open open) {
  int number = open();
  while (number < 0 && paused_for_descriptors(errno)) number = open();
  return Fd(number);
}

Fd open_folder(const std::string& path);  // invalid when it is not there
std::optional<std::string> read_file_at(int folder, const char* name);
// Under another name first, then renamed. False with errno set.
bool write_file_at(int folder, const char* name, std::string_view bytes, mode_t mode);

// A list of named texts of any bytes: "name length\nbytes\n", one after the other.
class FieldText {
 public:
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, std::int64_t value);
  const std::string& text() const { return text_; }

  // Nothing when `text` is not whole.
  static std::optional<FieldText> parse(std::string text);
  std::string_view find(std::string_view name) const;  // empty when absent
  std::int64_t number(std::string_view name) const;    // 0 when absent
  std::vector<std::string> all(std::string_view name) const;
  // In order, for lists whose entries take several fields.
  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  std::string text_;
  std::vector<std::pair<std::string, std::string>> entries_;
};

std::int64_t boottime_us();
std::int64_t wall_ms();

}  // namespace hansa
