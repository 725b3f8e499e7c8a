#include "src/policy/matching.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace hansa {
namespace {

constexpr std::uint32_t minutes_per_day = 24 * 60;
constexpr std::array<std::string_view, 7> days_of_week{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool has(const std::vector<std::uint32_t>& days, std::uint32_t day) {
  return days.empty() || std::find(days.begin(), days.end(), day) != days.end();
}

// One line a pattern: after the last '*' that matched, the rest is tried one character further on.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

bool is_meant(std::string_view pattern, std::string_view name) {
  return matches(pattern, name);
}

bool is_meant(const std::vector<std::string>& patterns, std::string_view name) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return matches(pattern, name); });
}

bool is_user_meant(const std::vector<std::string>& patterns, std::string_view user, std::string_view site) {
  const auto whole = std::string(user) + '@' + std::string(site);
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
           return matches(pattern, pattern.find('@') == std::string::npos ? user : std::string_view(whole));
         });
}

LocalTime local_time(WallTime at, std::int32_t utc_offset_minutes) {
  const auto minutes = at.unix_ms / 60'000 + utc_offset_minutes;
  const auto day = minutes / minutes_per_day;
  return {.minute = static_cast<std::uint32_t>(minutes % minutes_per_day),
          .day = static_cast<std::uint32_t>((day + 3) % 7)};  // 1970-01-01 was a Thursday
}

bool is_open(const std::vector<HoursOfDay>& hours, const std::vector<std::uint32_t>& days, LocalTime at) {
  if (hours.empty()) return has(days, at.day);
  const auto yesterday = (at.day + 6) % 7;
  return std::any_of(hours.begin(), hours.end(), [&](const HoursOfDay& one) {
    if (one.from < one.to) return has(days, at.day) && at.minute >= one.from && at.minute < one.to;
    return (has(days, at.day) && at.minute >= one.from) || (has(days, yesterday) && at.minute < one.to);
  });
}

std::string_view day_word(std::uint32_t day) {
  return days_of_week[day % days_of_week.size()];
}

std::string format_hours(const std::vector<HoursOfDay>& hours, const std::vector<std::uint32_t>& days) {
  std::string text;
  for (const auto& one : hours) {
    char span[32];
    std::snprintf(span, sizeof span, "%02u:%02u-%02u:%02u", one.from / 60, one.from % 60, one.to / 60, one.to % 60);
    text += (text.empty() ? "" : ", ") + std::string(span);
  }
  std::string on;
  for (const auto day : days) on += (on.empty() ? "" : ", ") + std::string(day_word(day));
  if (on.empty()) return text;
  return text.empty() ? "on " + on : text + " on " + on;
}

}  // namespace hansa
