#include "src/config/policy_keys.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "src/policy/matching.hpp"

namespace hansa::policy_keys {
namespace {

constexpr std::string_view name_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

bool consists_of(std::string_view text, std::string_view letters, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max && text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_pattern(std::string_view text) {
  return consists_of(text, std::string(name_letters) + "*@/", 128);
}
bool is_region(std::string_view text) {
  return consists_of(text, std::string(name_letters) + "/", 128);
}

// A text alone stands for a list of one.
bool take_texts(const toml::node& node, std::vector<std::string>& values, bool (*allowed)(std::string_view)) {
  std::vector<std::string> texts;
  const auto add = [&](const toml::node& item) {
    const auto text = item.value_exact<std::string>();
    if (!text || !allowed(*text)) return false;
    texts.push_back(*text);
    return true;
  };
  if (const auto* list = node.as_array()) {
    for (const auto& item : *list) {
      if (!add(item)) return false;
    }
  } else if (!add(node)) {
    return false;
  }
  if (texts.empty()) return false;
  values = std::move(texts);
  return true;
}

bool take_number(std::string_view& text, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take_char(std::string_view& text, char letter) {
  if (text.empty() || text.front() != letter) return false;
  text.remove_prefix(1);
  return true;
}

// "06:30"; 24:00 is the day's end.
bool take_clock(std::string_view& text, std::uint32_t& minutes) {
  std::uint32_t hour = 0;
  std::uint32_t minute = 0;
  if (!take_number(text, hour) || !take_char(text, ':') || !take_number(text, minute)) return false;
  if (minute > 59 || hour > 24 || (hour == 24 && minute > 0)) return false;
  minutes = hour * 60 + minute;
  return true;
}

std::optional<HoursOfDay> parse_hours(std::string_view text) {
  HoursOfDay hours;
  if (!take_clock(text, hours.from) || !take_char(text, '-') || !take_clock(text, hours.to) || !text.empty()) {
    return std::nullopt;
  }
  if (hours.from == hours.to || hours.from == 24 * 60) return std::nullopt;
  return hours;
}

std::optional<Duration> parse_span(std::string_view text) {
  std::uint32_t number = 0;
  if (!take_number(text, number) || number == 0 || text.size() != 1) return std::nullopt;
  switch (text.front()) {
    case 's':
      return std::chrono::seconds(number);
    case 'm':
      return std::chrono::minutes(number);
    case 'h':
      return std::chrono::hours(number);
    case 'd':
      return std::chrono::hours(24) * number;
    default:
      return std::nullopt;
  }
}

Key real_key(const char* name, const char* allowed, double max, std::function<void(double)> take) {
  return {name, allowed, [max, take = std::move(take)](const toml::node& node) {
            const auto value = node.value<double>();
            if (!node.is_number() || !value || !std::isfinite(*value) || *value < 0 || *value > max) return false;
            take(*value);
            return true;
          }};
}

}  // namespace

Error mistake(const std::string& file, const toml::node& node, const std::string& text) {
  return usage_error(file + ':' + std::to_string(node.source().begin.line) + ": " + text);
}

Status read_keys(const toml::table& table, const std::string& file, const std::string& where,
                 const std::vector<Key>& keys) {
  for (const auto& [word, node] : table) {
    const auto name = std::string(word.str());
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& known) { return known.name == name; });
    if (key == keys.end()) {
      std::string known;
      for (const auto& one : keys) known += (known.empty() ? "" : ", ") + std::string(one.name);
      return mistake(file, node, "unknown key '" + name + "' in " + where + "; known are " + known);
    }
    if (!key->take(node)) return mistake(file, node, "'" + name + "' in " + where + " must be " + key->allowed);
  }
  return success();
}

Key name_key(std::string& value) {
  return {"name", "a word of letters, digits, '-', '_' and '.'", [&value](const toml::node& node) {
            const auto text = node.value_exact<std::string>();
            if (!text || !consists_of(*text, name_letters, 63)) return false;
            value = *text;
            return true;
          }};
}

Key choice_key(const char* name, bool& value, const char* allowed, std::string_view yes, std::string_view no) {
  return {name, allowed, [&value, yes, no](const toml::node& node) {
            const auto text = node.value_exact<std::string>();
            if (!text || (*text != yes && *text != no)) return false;
            value = *text == yes;
            return true;
          }};
}

Key patterns_key(const char* name, std::vector<std::string>& values) {
  return {name, "a name, or a list of some; '*' stands for any characters",
          [&values](const toml::node& node) { return take_texts(node, values, is_pattern); }};
}

Key regions_key(const char* name, std::vector<std::string>& values) {
  return {name, "a region as in \"cn/east\", or a list of some",
          [&values](const toml::node& node) { return take_texts(node, values, is_region); }};
}

Key count_key(const char* name, std::optional<std::uint64_t>& value) {
  return {name, "a whole number, 0 or more", [&value](const toml::node& node) {
            const auto number = node.value_exact<std::int64_t>();
            if (!number || *number < 0) return false;
            value = static_cast<std::uint64_t>(*number);
            return true;
          }};
}

Key share_key(const char* name, std::function<void(double)> take) {
  return real_key(name, "a number from 0 to 1: a part of a pool", 1, std::move(take));
}

Key price_key(const char* name, std::function<void(double)> take) {
  return real_key(name, "a number, 0 or more", 1e9, std::move(take));
}

Key switch_key(const char* name, std::optional<bool>& value) {
  return {name, "true or false", [&value](const toml::node& node) {
            value = node.value_exact<bool>();
            return value.has_value();
          }};
}

Key span_key(const char* name, std::optional<Duration>& value) {
  return {name, "a time as in \"90m\", \"12h\" or \"7d\"", [&value](const toml::node& node) {
            const auto text = node.value_exact<std::string>();
            if (text) value = parse_span(*text);
            return text && value;
          }};
}

Key hours_key(std::vector<HoursOfDay>& hours) {
  return {"hours", "a span as in \"20:00-06:00\", or a list of some", [&hours](const toml::node& node) {
            std::vector<std::string> texts;
            const auto sound = [](std::string_view text) { return parse_hours(text).has_value(); };
            if (!take_texts(node, texts, sound)) return false;
            hours.clear();
            for (const auto& text : texts) hours.push_back(*parse_hours(text));
            return true;
          }};
}

Key days_key(std::vector<std::uint32_t>& days) {
  return {"days", "a day as in \"sat\", or a list of some", [&days](const toml::node& node) {
            const auto number_of = [](std::string_view text) {
              std::uint32_t day = 0;
              while (day < 7 && day_word(day) != text) ++day;
              return day;
            };
            std::vector<std::string> texts;
            if (!take_texts(node, texts, [](std::string_view text) { return text.size() == 3; })) return false;
            days.clear();
            for (const auto& text : texts) days.push_back(number_of(text));
            return std::find(days.begin(), days.end(), 7u) == days.end();
          }};
}

Key offset_key(std::int32_t& minutes) {
  return {"utc_offset", "an offset as in \"+08:00\"", [&minutes](const toml::node& node) {
            const auto text = node.value_exact<std::string>();
            if (!text || text->empty() || (text->front() != '+' && text->front() != '-')) return false;
            auto rest = std::string_view(*text).substr(1);
            std::uint32_t offset = 0;
            if (!take_clock(rest, offset) || !rest.empty() || offset > 14 * 60) return false;
            minutes = text->front() == '-' ? -static_cast<std::int32_t>(offset) : static_cast<std::int32_t>(offset);
            return true;
          }};
}

bool is_account(std::string_view text) {
  return text != "root" && consists_of(text, name_letters, 32);
}

}  // namespace hansa::policy_keys
