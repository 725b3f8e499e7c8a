#include "src/client/times.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>

namespace hansa::client {

std::optional<double> parse_utc(const std::string& text) {
  std::tm fields{};
  double second = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lfZ", &fields.tm_year, &fields.tm_mon,
                               &fields.tm_mday, &fields.tm_hour, &fields.tm_min, &second);
  if (read != 6) return std::nullopt;
  fields.tm_year -= 1900;
  fields.tm_mon -= 1;
  return static_cast<double>(timegm(&fields)) + second;
}

std::string show_time(const std::string& utc, const std::string& otherwise) {
  const auto seconds = parse_utc(utc);
  if (!seconds) return otherwise;
  return show_time(*seconds);
}

std::string show_time(double unix_s) {
  const auto whole = static_cast<std::time_t>(unix_s);
  std::tm fields{};
  char text[32];
  localtime_r(&whole, &fields);
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &fields);
  return text;
}

std::string user_name() {
  const auto mine = std::to_string(geteuid());
  std::ifstream passwd("/etc/passwd");
  for (std::string line; std::getline(passwd, line);) {
    const auto name = line.find(':');
    const auto secret = line.find(':', name + 1);
    if (secret == std::string::npos) continue;
    if (line.compare(secret + 1, mine.size() + 1, mine + ":") == 0) return line.substr(0, name);
  }
  for (const auto* variable : {"USER", "LOGNAME"}) {
    if (const auto* value = std::getenv(variable); value && *value) return value;
  }
  return "uid-" + mine;
}

}  // namespace hansa::client
