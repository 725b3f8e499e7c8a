// Whether names are meant by patterns, and moments by hours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/policy/rules.hpp"

namespace hansa {

// '*' stands for any run of characters, also none.
bool is_meant(std::string_view pattern, std::string_view name);
// Any of them; an empty list means everybody.
bool is_meant(const std::vector<std::string>& patterns, std::string_view name);
// "ana" at every site, "ana@wujiang" at one.
bool is_user_meant(const std::vector<std::string>& patterns, std::string_view user, std::string_view site);

struct LocalTime {
  std::uint32_t minute = 0;  // of the day
  std::uint32_t day = 0;     // 0: Monday
};
LocalTime local_time(WallTime at, std::int32_t utc_offset_minutes);

// "20:00-06:00" begins at its first minute and ends before its last; on a day that is named, the hours that begin on
// it.
bool is_open(const std::vector<HoursOfDay>& hours, const std::vector<std::uint32_t>& days, LocalTime at);

std::string format_hours(const std::vector<HoursOfDay>& hours, const std::vector<std::uint32_t>& days);
std::string_view day_word(std::uint32_t day);  // "mon"

}  // namespace hansa
