// HTTP in plain words: what a request asked and what it is answered, without the library that speaks it.
//
// Routes and their JSON are written against these, so that only session.cpp compiles Boost.Beast.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hansa/api.hpp"

namespace hansa::gateway {

struct HttpRequest {
  std::string method;
  std::string path;  // decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;
  std::string content_type;
  std::string idempotency_key;  // of the header of that name
  std::string last_event_id;    // likewise
  std::string body;
  Caller caller;

  // The last value given for `name`, or nothing.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string headers;  // further ones, each ended by CRLF
  std::string body;
};

// May be called from any thread, once.
using Respond = std::function<void(HttpResponse)>;

std::string_view reason_phrase(unsigned status);

// Splits "/v1/jobs?user=ann&limit=5" into the request's path and query. False when an escape is malformed, or the
// path has a NUL.
bool parse_target(std::string_view target, HttpRequest& request);

// Status line and headers of `response`; its body follows. `keep` says whether the connection goes on.
std::string response_head(const HttpResponse& response, bool keep);

}  // namespace hansa::gateway
