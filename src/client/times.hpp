// The API's times, read and shown; and who the user is.
#pragma once

#include <optional>
#include <string>

namespace hansa::client {

// Seconds since 1970 of "2026-03-01T08:34:56.125Z".
std::optional<double> parse_utc(const std::string& text);
// In the user's own time zone: "2026-03-01 16:34:56"; `otherwise` when there is none.
std::string show_time(const std::string& utc, const std::string& otherwise = "-");
std::string show_time(double unix_s);

// $USER, $LOGNAME, or as /etc/passwd has it. (A static program asks no directory; the daemon knows better anyway.)
std::string user_name();

}  // namespace hansa::client
