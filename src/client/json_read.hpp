// Reading the daemon's JSON without trusting it: what is missing or of another kind reads as nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "hansa/types/result.hpp"

namespace hansa::client {

inline std::string text_of(const nlohmann::json& object, const char* field) {
  if (!object.is_object()) return {};
  const auto found = object.find(field);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

inline double number_of(const nlohmann::json& object, const char* field, double otherwise = 0) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(field);
  return found != object.end() && found->is_number() ? found->get<double>() : otherwise;
}

inline bool flag_of(const nlohmann::json& object, const char* field) {
  const auto found = object.is_object() ? object.find(field) : object.end();
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

inline nlohmann::json list_of(const nlohmann::json& object, const char* field) {
  const auto found = object.is_object() ? object.find(field) : object.end();
  return found != object.end() && found->is_array() ? *found : nlohmann::json::array();
}

inline Result<nlohmann::json> parse_answer(const std::string& body) {
  auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object())
    return internal_error("the daemon's answer is not understood; are hansa and hansad of one version?");
  return json;
}

}  // namespace hansa::client
