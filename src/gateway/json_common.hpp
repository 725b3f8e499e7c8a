// How the API writes what all its views share: times as ISO 8601 in UTC, durations as seconds, sizes as bytes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "hansa/types/crypto.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa::gateway {

// Compact; bytes that are no UTF-8 become U+FFFD, as JSON has no word for them.
std::string to_text(const nlohmann::ordered_json& value);

// "2026-03-01T08:30:00.125Z", or null when the time is unknown.
nlohmann::ordered_json time_json(WallTime time);
std::string format_utc(WallTime time);

std::string to_hex(const ContentHash& hash);
Result<ContentHash> parse_hash(std::string_view hex);

}  // namespace hansa::gateway
