#include "src/client/slurm_format.hpp"

#include <algorithm>

#include "src/client/formats.hpp"
#include "src/client/table.hpp"

namespace hansa::client {
namespace {

constexpr std::size_t width_max = 1'000;

std::size_t take_number(std::string_view& text) {
  std::size_t number = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    number = std::min(width_max, number * 10 + static_cast<std::size_t>(text.front() - '0'));
    text.remove_prefix(1);
  }
  return number;
}

// By characters: a name in another script is not cut within one.
std::string cut_to(const std::string& text, std::size_t width) {
  std::size_t shown = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins_character && ++shown > width) return text.substr(0, i);
  }
  return text;
}

std::string fitted(std::string text, const FormatField& field) {
  text = harmless(text);
  if (field.width == 0) return text;
  text = cut_to(text, field.width);
  const std::string blanks(field.width - std::min(field.width, shown_width(text)), ' ');
  return field.right ? blanks + text : text + blanks;
}

std::string in_lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return result;
}

}  // namespace

Result<LineFormat> parse_format(std::string_view text) {
  LineFormat format;
  while (!text.empty()) {
    const auto percent = text.find('%');
    format.behind += text.substr(0, percent);
    if (percent == std::string_view::npos) break;
    text.remove_prefix(percent + 1);
    FormatField field{.before = std::exchange(format.behind, {})};
    field.right = text.starts_with('.');
    if (field.right) text.remove_prefix(1);
    field.width = take_number(text);
    if (text.empty()) return usage_error("the format ends within a field: write as in %.18i %j %t");
    field.letter = text.front();
    text.remove_prefix(1);
    format.fields.push_back(std::move(field));
  }
  return format;
}

Result<LineFormat> parse_long_format(std::string_view text, std::span<const FormatName> names) {
  constexpr std::size_t width_usual = 20;
  LineFormat format;
  for (const auto& item : split(text, ',')) {
    const auto colon = item.find(':');
    auto width = std::string_view(item).substr(colon == std::string::npos ? item.size() : colon + 1);
    FormatField field;
    field.right = width.starts_with('.');
    if (field.right) width.remove_prefix(1);
    field.width = take_number(width);
    if (field.width == 0) field.width = width_usual;
    const auto name = in_lower_case(item.substr(0, colon));
    const auto known = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.long_name == name; });
    if (known == names.end()) return usage_error("--Format knows no field '" + item.substr(0, colon) + "'");
    field.letter = known->letter;
    format.fields.push_back(std::move(field));
  }
  return format;
}

std::string format_line(const LineFormat& format, const std::function<std::string(char letter)>& value_of) {
  std::string line;
  for (const auto& field : format.fields) line += field.before + fitted(value_of(field.letter), field);
  return line + format.behind + "\n";
}

std::string format_header(const LineFormat& format, std::span<const FormatName> names) {
  return format_line(format, [&](char letter) -> std::string {
    const auto known = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.letter == letter; });
    return known == names.end() ? "N/A" : std::string(known->header);
  });
}

}  // namespace hansa::client
