// Log lines that are read as a story and parsed without guessing: event=handoff_accepted job=wujiang-7 site=taihu
//
// A value with a space, a quote or a control character in it is quoted and escaped, so that nothing that a peer or a
// user sends can end a line or pretend to be another field. Lines go to stderr; the service manager keeps them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace hansa {

enum class LogSeverity : std::uint8_t { debug, info, warn, error };

using LogField = std::pair<std::string_view, std::string>;
using LogFields = std::initializer_list<LogField>;

// The default logger of the process: UTC time, level, line. `level` is one of trace, debug, info, warn, error.
void set_up_log(std::string_view level);

// "event=… name=value …"
std::string log_line(std::string_view event, LogFields fields);
void log_event(LogSeverity severity, std::string_view event, LogFields fields = {});

// Writes the same event at most so many times a minute, and says with the next line how many it left out. For whatever
// others can provoke: a flood of bad frames must not become a flood of lines. May be used from any thread.
class RateLimitedLog {
 public:
  using Clock = std::chrono::steady_clock;
  using Write = std::function<void(LogSeverity, const std::string& line)>;

  explicit RateLimitedLog(unsigned lines_per_minute_max);
  // For tests: where lines go, and what time it is.
  RateLimitedLog(unsigned lines_per_minute_max, Write write, std::function<Clock::time_point()> now);

  // `about` sets apart what is limited on its own: the same event of two peers. At most 1,024 of them are kept apart.
  void log(LogSeverity severity, std::string_view event, std::string_view about, LogFields fields = {});

 private:
  struct Minute {
    Clock::time_point began;
    unsigned written = 0;
    std::uint64_t left_out = 0;
  };
  // How many lines were left out before this one; -1 when this one is left out too.
  std::int64_t admit(std::string_view event, std::string_view about);

  const unsigned lines_per_minute_max_;
  const Write write_;
  const std::function<Clock::time_point()> now_;
  std::mutex mutex_;
  std::map<std::string, Minute> minutes_;
};

}  // namespace hansa
