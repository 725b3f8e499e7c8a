#include "src/telemetry/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace hansa {
namespace {

constexpr std::size_t kept_apart_max = 1024;

bool is_plain(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != '\\' && c != 0x7f;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (byte < ' ' || byte == 0x7f) {
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  } else {
    out += c;
  }
}

void append_value(std::string& out, std::string_view value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_plain)) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) append_escaped(out, c);
  out += '"';
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += name;
  out += '=';
  append_value(out, value);
}

spdlog::level::level_enum level_of(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::debug:
      return spdlog::level::debug;
    case LogSeverity::info:
      return spdlog::level::info;
    case LogSeverity::warn:
      return spdlog::level::warn;
    case LogSeverity::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

void write_line(LogSeverity severity, const std::string& line) {
  spdlog::default_logger_raw()->log(level_of(severity), spdlog::string_view_t(line));
}

}  // namespace

void set_up_log(std::string_view level) {
  auto logger = spdlog::get("hansa");
  if (!logger) logger = spdlog::stderr_color_mt("hansa");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::from_str(std::string(level)));
}

std::string log_line(std::string_view event, LogFields fields) {
  std::string line;
  append_field(line, "event", event);
  for (const auto& [name, value] : fields) append_field(line, name, value);
  return line;
}

void log_event(LogSeverity severity, std::string_view event, LogFields fields) {
  if (spdlog::should_log(level_of(severity))) write_line(severity, log_line(event, fields));
}

RateLimitedLog::RateLimitedLog(unsigned lines_per_minute_max)
    : RateLimitedLog(lines_per_minute_max, write_line, Clock::now) {}

RateLimitedLog::RateLimitedLog(unsigned lines_per_minute_max, Write write, std::function<Clock::time_point()> now)
    : lines_per_minute_max_(lines_per_minute_max), write_(std::move(write)), now_(std::move(now)) {}

void RateLimitedLog::log(LogSeverity severity, std::string_view event, std::string_view about, LogFields fields) {
  const std::int64_t left_out = admit(event, about);
  if (left_out < 0) return;
  std::string line = log_line(event, fields);
  if (left_out > 0) append_field(line, "left_out", std::to_string(left_out));
  write_(severity, line);
}

std::int64_t RateLimitedLog::admit(std::string_view event, std::string_view about) {
  const auto now = now_();
  const std::scoped_lock lock(mutex_);
  std::string key = std::string(event) + '\n' + std::string(about);
  if (minutes_.size() >= kept_apart_max && !minutes_.contains(key)) key = event;
  auto& minute = minutes_.try_emplace(key, Minute{.began = now}).first->second;
  if (now - minute.began >= std::chrono::minutes(1)) {
    minute.began = now;
    minute.written = 0;
  }
  if (minute.written >= lines_per_minute_max_) {
    ++minute.left_out;
    return -1;
  }
  ++minute.written;
  return static_cast<std::int64_t>(std::exchange(minute.left_out, 0));
}

}  // namespace hansa
