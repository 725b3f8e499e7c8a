#include "src/client/formats.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

namespace hansa::client {
namespace {

std::string quoted(std::string_view text) {
  return "'" + std::string(text.substr(0, 80)) + "'";
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

// Splits "1.5h" at the end of its number.
std::optional<std::pair<double, std::string_view>> number_and_unit(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  return std::pair{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

// "1h30m": numbers with units, one after the other.
std::optional<double> units_of_time(std::string_view text) {
  double sum = 0;
  while (!text.empty()) {
    const auto part = number_and_unit(text);
    if (!part || part->second.empty()) return std::nullopt;
    switch (part->second.front()) {
      case 'd':
        sum += part->first * 86'400;
        break;
      case 'h':
        sum += part->first * 3'600;
        break;
      case 'm':
        sum += part->first * 60;
        break;
      case 's':
        sum += part->first;
        break;
      default:
        return std::nullopt;
    }
    text = part->second.substr(1);
  }
  return sum;
}

constexpr std::uint64_t ten_years_s = 10ull * 365 * 86'400;

// Days, then up to three numbers parted by colons, whose meaning depends on how many there are.
std::optional<std::uint64_t> slurm_time(std::string_view text) {
  std::uint64_t days = 0;
  const auto dash = text.find('-');
  const bool dashed = dash != std::string_view::npos;
  if (dashed) {
    const auto number = whole<std::uint64_t>(text.substr(0, dash));
    if (!number || *number > 100'000) return std::nullopt;
    days = *number;
    text = text.substr(dash + 1);
  }
  std::vector<std::uint64_t> parts;
  while (true) {
    const auto colon = text.find(':');
    const auto number = whole<std::uint64_t>(text.substr(0, colon));
    if (!number || *number > ten_years_s) return std::nullopt;
    parts.push_back(*number);
    if (colon == std::string_view::npos) break;
    text = text.substr(colon + 1);
  }
  if (parts.size() > 3) return std::nullopt;
  if (dashed) {
    parts.resize(3);
    return days * 86'400 + parts[0] * 3'600 + parts[1] * 60 + parts[2];
  }
  if (parts.size() == 1) return parts[0] * 60;
  if (parts.size() == 2) return parts[0] * 60 + parts[1];
  return parts[0] * 3'600 + parts[1] * 60 + parts[2];
}

}  // namespace

Result<std::uint64_t> parse_time(std::string_view text) {
  if (text == "UNLIMITED" || text == "INFINITE" || text == "unlimited" || text == "infinite")
    return std::uint64_t{365 * 86'400};
  auto time = slurm_time(text);
  if (!time) {
    const auto sum = units_of_time(text);
    if (sum && *sum <= static_cast<double>(ten_years_s)) time = static_cast<std::uint64_t>(std::ceil(*sum));
  }
  if (!time || *time == 0 || *time > ten_years_s) {
    return usage_error(quoted(text) + " is no time: write minutes, HH:MM:SS, D-HH:MM:SS or as in 2h, 1h30m, 45s");
  }
  return *time;
}

Result<std::uint64_t> parse_memory(std::string_view text) {
  const auto part = number_and_unit(text);
  const auto bad = usage_error(quoted(text) + " is no size of memory: write as in 16G, 512M or 1T");
  if (!part) return bad;
  auto unit = part->second;
  if (unit.ends_with("iB")) unit.remove_suffix(2);
  if (unit.size() > 1 && unit.ends_with('B')) unit.remove_suffix(1);
  double factor = 0;
  if (unit.empty() || unit == "M" || unit == "m") factor = 1ull << 20;
  if (unit == "K" || unit == "k") factor = 1ull << 10;
  if (unit == "G" || unit == "g") factor = 1ull << 30;
  if (unit == "T" || unit == "t") factor = 1ull << 40;
  const double bytes = part->first * factor;
  if (factor == 0 || bytes > static_cast<double>(1ull << 50)) return bad;
  return static_cast<std::uint64_t>(std::ceil(bytes));
}

Result<double> parse_latency(std::string_view text) {
  const auto part = number_and_unit(text);
  double factor = 0;
  if (part && (part->second.empty() || part->second == "ms")) factor = 1e-3;
  if (part && part->second == "us") factor = 1e-6;
  if (part && part->second == "s") factor = 1;
  if (factor == 0 || part->first == 0 || part->first * factor > 3'600) {
    return usage_error(quoted(text) + " is no distance in time: write as in 10ms or 0.2s");
  }
  return part->first * factor;
}

Result<std::uint32_t> parse_count(std::string_view text) {
  const auto number = whole<std::uint32_t>(text);
  if (!number || *number > 1'000'000) return usage_error(quoted(text) + " is no number from 0 to 1000000");
  return *number;
}

Result<double> parse_amount(std::string_view text) {
  const auto part = number_and_unit(text);
  if (!part || !part->second.empty()) return usage_error(quoted(text) + " is no number of 0 or more");
  return part->first;
}

Result<GpuWord> parse_gpus(std::string_view text) {
  const auto colon = text.rfind(':');
  GpuWord word;
  if (colon != std::string_view::npos) {
    word.model = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  auto count = parse_count(text);
  if (!count || (colon == 0))
    return usage_error(quoted(text) + " is no number of accelerators: write as in 8 or a100:8");
  word.count = *count;
  return word;
}

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(mark);
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return parts;
}

Result<std::vector<DependencyWord>> parse_dependencies(std::string_view text) {
  const auto bad = [&](const std::string& why) {
    return usage_error(
        "dependency " + quoted(text) + ": " + why +
        "; write as in afterok:1041:1042, afterany:1041, afternotok:1041 or singleton, parted by commas");
  };
  if (text.find('?') != std::string_view::npos) return bad("either-or ('?') has no meaning here");
  std::vector<DependencyWord> words;
  for (const auto& item : split(text, ',')) {
    const auto parts = split(item, ':');
    if (item == "singleton") {
      words.push_back({.kind = item, .job = ""});
      continue;
    }
    const bool known = !parts.empty() && (parts[0] == "afterok" || parts[0] == "afterany" || parts[0] == "afternotok");
    if (!known) return bad("'" + item.substr(0, 40) + "' is of no kind that is known here");
    if (parts.size() < 2) return bad("'" + item + "' names no job");
    for (std::size_t i = 1; i < parts.size(); ++i) words.push_back({.kind = parts[0], .job = parts[i]});
  }
  if (words.empty()) return bad("it names nothing");
  return words;
}

std::string format_elapsed(double seconds) {
  const auto total = static_cast<long long>(seconds < 0 ? 0 : seconds);
  char text[64];
  const auto days = total / 86'400;
  const auto hours = total / 3'600 % 24;
  const auto minutes = total / 60 % 60;
  if (days > 0) {
    std::snprintf(text, sizeof text, "%lld-%02lld:%02lld:%02lld", days, hours, minutes, total % 60);
  } else if (hours > 0) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", hours, minutes, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", minutes, total % 60);
  }
  return text;
}

std::string format_span(double seconds) {
  char text[48];
  if (seconds < 1) {
    std::snprintf(text, sizeof text, "%.0fms", seconds * 1e3);
  } else if (seconds < 120) {
    std::snprintf(text, sizeof text, seconds < 10 ? "%.1fs" : "%.0fs", seconds);
  } else if (seconds < 7'200) {
    std::snprintf(text, sizeof text, "%.0fm", seconds / 60);
  } else {
    std::snprintf(text, sizeof text, "%.1fh", seconds / 3'600);
  }
  return text;
}

std::string format_bytes(double bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1'024 && unit + 1 < std::size(units)) {
    bytes /= 1'024;
    ++unit;
  }
  char text[48];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
  return text;
}

}  // namespace hansa::client
