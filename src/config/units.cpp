#include "src/config/units.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <utility>

namespace hansa {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 4> size_units{
    {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}}};

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty()) return number;
  for (const auto& [name, shift] : size_units) {
    if (unit != name) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
    return number << shift;
  }
  return std::nullopt;
}

std::string format_size(std::uint64_t bytes) {
  for (const auto& [name, shift] : size_units) {
    if (bytes >> shift != 0 && bytes % (std::uint64_t{1} << shift) == 0) {
      return std::to_string(bytes >> shift) + std::string(name);
    }
  }
  return std::to_string(bytes);
}

std::string toml_text(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      made += {'\\', c};
    } else if (code < 0x20 || code == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04X", static_cast<unsigned>(code));
      made += escaped.data();
    } else {
      made += c;
    }
  }
  return made + '"';
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::string made = "[";
  for (const auto& text : texts) made += (made.size() > 1 ? ", " : "") + toml_text(text);
  return made + "]";
}

std::string format_real(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace hansa
