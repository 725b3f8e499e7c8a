#include "src/gateway/problem.hpp"

#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"

namespace hansa::gateway {
namespace {

unsigned status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 400;
    case ErrorKind::refused:
      return 409;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::unreachable:
      return 503;
    case ErrorKind::overloaded:
      return 429;
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      break;
  }
  return 500;
}

}  // namespace

std::string_view kind_word(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::unreachable:
      return "unreachable";
    case ErrorKind::overloaded:
      return "overloaded";
    case ErrorKind::corrupt:
      return "corrupt";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

HttpResponse problem(unsigned status, std::string_view kind, std::string_view detail) {
  nlohmann::ordered_json body{{"type", "urn:hansa:problem:" + std::string(kind)},
                              {"title", reason_phrase(status)},
                              {"status", status},
                              {"detail", detail},
                              {"kind", kind}};
  HttpResponse response{.status = status, .content_type = "application/problem+json", .body = to_text(body)};
  if (status == 429 || status == 503) response.headers = "Retry-After: 1\r\n";
  if (status == 401) response.headers = "WWW-Authenticate: Bearer\r\n";
  return response;
}

HttpResponse problem(const Error& error) {
  return problem(status_of(error.kind), kind_word(error.kind), error.text);
}

}  // namespace hansa::gateway
