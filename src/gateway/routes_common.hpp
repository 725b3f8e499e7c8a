// What the routes share: reading query parameters, and turning the answer that is expected into a response.
#pragma once

#include <charconv>
#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "hansa/api.hpp"
#include "src/gateway/http.hpp"
#include "src/gateway/problem.hpp"

namespace hansa::gateway {

inline constexpr auto wait_max = std::chrono::seconds(300);

// The text and nothing else as a number.
template <class Number>
bool read_whole(std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// Leaves `into` when the parameter is not given. False when it is no number.
template <class Number>
bool read_number(const HttpRequest& request, std::string_view name, Number& into) {
  const auto text = request.parameter(name);
  return !text || read_whole(*text, into);
}

// Seconds, with a fraction if need be, cut to what a long poll may last.
inline bool read_wait(const HttpRequest& request, Duration& into) {
  double amount = 0;
  if (!read_number(request, "wait", amount) || !(amount >= 0)) return false;
  into = amount >= seconds(wait_max) ? Duration(wait_max) : Duration(static_cast<Duration::rep>(amount * 1e6));
  return true;
}

inline bool is_set(const HttpRequest& request, std::string_view name) {
  const auto value = request.parameter(name);
  return value && *value != "0" && *value != "false";
}

inline HttpResponse bad_parameter(std::string_view name, std::string_view what) {
  return problem(400, "usage", std::string(name) + ": " + std::string(what));
}

// The handler's answer as the one that the call is answered with.
template <class Answer, class Render>
auto answering(Respond respond, Render render) {
  return [respond = std::move(respond), render = std::move(render)](ApiReply reply) {
    if (!reply) return respond(problem(reply.error()));
    if (const auto* answer = std::get_if<Answer>(&reply.value())) return respond(render(*answer));
    respond(problem(internal_error("the daemon gave an answer of another kind; look at its log")));
  };
}

}  // namespace hansa::gateway
