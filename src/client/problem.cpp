#include "src/client/problem.hpp"

#include <nlohmann/json.hpp>

#include "src/client/daemon.hpp"

namespace hansa::client {
namespace {

ErrorKind kind_of(const std::string& word, int status) {
  if (word == "usage") return ErrorKind::usage;
  if (word == "refused") return ErrorKind::refused;
  if (word == "not_found") return ErrorKind::not_found;
  if (word == "unreachable") return ErrorKind::unreachable;
  if (word == "overloaded" || status == 429) return ErrorKind::overloaded;
  if (word == "corrupt") return ErrorKind::corrupt;
  return ErrorKind::internal;
}

}  // namespace

Error problem_of(const Reply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  const auto text = [&](const char* field) {
    return body.is_object() && body.contains(field) && body[field].is_string() ? body[field].get<std::string>() : "";
  };
  const auto detail = text("detail");
  return {kind_of(text("kind"), reply.status),
          detail.empty() ? "the daemon answered with status " + std::to_string(reply.status) : detail};
}

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::unreachable:
      return exit_unreachable;
    case ErrorKind::overloaded:
      return exit_overloaded;
    case ErrorKind::refused:
    case ErrorKind::not_found:
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      break;
  }
  return exit_refused;
}

}  // namespace hansa::client
