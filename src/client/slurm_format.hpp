// squeue's and sinfo's --format: "%.18i %9P %t", and --Format: "JobID:12,State".
//
// A field is %[.][SIZE]LETTER: as wide as SIZE, cut to it, to the right with a dot. A letter that has no meaning here
// gives N/A, so that a line keeps its columns.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::client {

struct FormatField {
  std::string before;  // text that stands before it
  char letter = 0;
  std::size_t width = 0;  // 0: as wide as it is
  bool right = false;
};

struct LineFormat {
  std::vector<FormatField> fields;
  std::string behind;
};

struct FormatName {
  char letter;
  std::string_view header;     // "NODELIST(REASON)"
  std::string_view long_name;  // for --Format, in lower case; empty: none
};

Result<LineFormat> parse_format(std::string_view text);
Result<LineFormat> parse_long_format(std::string_view text, std::span<const FormatName> names);

std::string format_line(const LineFormat& format, const std::function<std::string(char letter)>& value_of);
std::string format_header(const LineFormat& format, std::span<const FormatName> names);

}  // namespace hansa::client
