#include "src/gateway/json_common.hpp"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "hansa/types/ids.hpp"

namespace hansa::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string to_text(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string format_utc(WallTime time) {
  using namespace std::chrono;
  const auto instant = sys_time<milliseconds>(milliseconds(time.unix_ms));
  const auto day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss clock(instant - day);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

nlohmann::ordered_json time_json(WallTime time) {
  if (!time.known()) return nullptr;
  return format_utc(time);
}

std::string to_hex(const ContentHash& hash) {
  return hansa::to_hex(hash.bytes.data(), hash.bytes.size());
}

Result<ContentHash> parse_hash(std::string_view hex) {
  ContentHash hash;
  if (hex.size() != hash.bytes.size() * 2) {
    return usage_error("'" + std::string(hex.substr(0, 80)) + "' is no chunk: write its hash as 64 digits of 0-9, a-f");
  }
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
    const int high = hex_digit(hex[2 * i]);
    const int low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      return usage_error("'" + std::string(hex) + "' is no chunk: write its hash as 64 digits of 0-9, a-f");
    }
    hash.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return hash;
}

}  // namespace hansa::gateway
