// Small readers of JSON values: each says in words what is wrong, or an empty text. A table of these is a form.
#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hansa/types/time.hpp"

namespace hansa::gateway {

using nlohmann::json;
using Complaint = std::string;  // completes "FIELD …"; empty: nothing to complain about

inline constexpr std::size_t short_text_bytes_max = 4'096;
inline constexpr std::size_t long_text_bytes_max = 2u << 20;
inline constexpr std::size_t short_list_items_max = 4'096;

inline bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

inline bool has_control_characters(const std::string& text) {
  for (const unsigned char c : text) {
    if (c < 0x20 || c == 0x7f) return true;
  }
  return false;
}

inline Complaint read_text(const json& value, std::string& into, std::size_t bytes_max = short_text_bytes_max) {
  if (!value.is_string()) return "must be a text";
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > bytes_max) return "must have at most " + std::to_string(bytes_max) + " bytes";
  if (has_nul(text)) return "must not hold a NUL character";
  into = text;
  return {};
}

// Shown in tables: one line, nothing a terminal would obey.
inline Complaint read_word(const json& value, std::string& into, std::size_t bytes_max = 256) {
  if (auto complaint = read_text(value, into, bytes_max); !complaint.empty()) return complaint;
  return has_control_characters(into) ? "must not hold control characters" : Complaint{};
}

inline Complaint read_flag(const json& value, bool& into) {
  if (!value.is_boolean()) return "must be true or false";
  into = value.get<bool>();
  return {};
}

template <class Number>
Complaint read_count(const json& value, Number& into, std::uint64_t most = std::numeric_limits<Number>::max()) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
    return "must be a whole number from 0 to " + std::to_string(most);
  }
  into = static_cast<Number>(value.get<std::uint64_t>());
  return {};
}

inline Complaint read_amount(const json& value, double& into, double most) {
  if (!value.is_number()) return "must be a number";
  const auto number = value.get<double>();
  if (!(number >= 0 && number <= most)) return "must be between 0 and " + std::to_string(static_cast<long long>(most));
  into = number;
  return {};
}

inline Complaint read_seconds(const json& value, Duration& into) {
  constexpr double ten_years = 10 * 366.0 * 86'400;
  double amount = 0;
  if (auto complaint = read_amount(value, amount, ten_years); !complaint.empty()) return complaint + " (seconds)";
  into = Duration(static_cast<Duration::rep>(std::llround(amount * 1e6)));
  return {};
}

template <class ReadItem>
Complaint read_list(const json& value, ReadItem read_item) {
  if (!value.is_array()) return "must be a list";
  if (value.size() > short_list_items_max) return "must have at most 4096 items";
  for (const auto& item : value) {
    if (auto complaint = read_item(item); !complaint.empty()) return "has an item that " + complaint;
  }
  return {};
}

inline Complaint read_texts(const json& value, std::vector<std::string>& into,
                            std::size_t bytes_max = short_text_bytes_max) {
  into.clear();
  return read_list(value, [&](const json& item) { return read_text(item, into.emplace_back(), bytes_max); });
}

inline Complaint read_map(const json& value, std::map<std::string, std::string>& into) {
  if (!value.is_object()) return "must be an object of texts";
  if (value.size() > short_list_items_max) return "must have at most 4096 entries";
  for (const auto& [key, item] : value.items()) {
    if (key.empty() || has_nul(key) || key.find('=') != std::string::npos)
      return "has a name that is empty or holds '='";
    if (auto complaint = read_text(item, into[key], 128u << 10); !complaint.empty())
      return "has '" + key + "', which " + complaint;
  }
  return {};
}

// One line of a form: the field's name and how it is read.
template <class Form>
struct FormField {
  std::string_view name;
  Complaint (*read)(const json& value, Form& form);
};

// Reads every member of `object` by the table; nulls are as if they were not there.
template <class Form, std::size_t Size>
Complaint read_form(const json& object, Form& form, const FormField<Form> (&table)[Size]) {
  if (!object.is_object()) return "must be an object";
  for (auto member = object.begin(); member != object.end(); ++member) {
    const FormField<Form>* field = nullptr;
    for (const auto& known : table) {
      if (known.name == member.key()) field = &known;
    }
    if (!field) return "has an unknown field '" + member.key().substr(0, 60) + "'";
    if (member->is_null()) continue;
    if (auto complaint = field->read(*member, form); !complaint.empty()) {
      return std::string(": ") + std::string(field->name) + (complaint.front() == ':' ? "" : " ") + complaint;
    }
  }
  return {};
}

}  // namespace hansa::gateway
