// Errors are values with context: what was attempted, what is wrong, what to do. Exceptions stop at adapters.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace hansa {

// Whose fault, and so which exit code and HTTP status a user sees.
enum class ErrorKind : std::uint8_t {
  usage,        // the caller asked for something malformed: exit 2, 400
  refused,      // understood and declined: exit 1, 403 or 409
  not_found,    // no such job, site or file: exit 1, 404
  unreachable,  // the other side does not answer: exit 69, 503
  overloaded,   // try again later: exit 75, 429
  corrupt,      // stored or received bytes make no sense
  internal,     // our own fault, or the machine's
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string text;  // one sentence
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}
  Result(Error error) : content_(std::move(error)) {}

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::get<0>(std::move(content_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, Error> content_;
};

struct Unit {};
using Status = Result<Unit>;
inline Status success() {
  return Unit{};
}

inline Error usage_error(std::string text) {
  return {ErrorKind::usage, std::move(text)};
}
inline Error refusal(std::string text) {
  return {ErrorKind::refused, std::move(text)};
}
inline Error not_found(std::string text) {
  return {ErrorKind::not_found, std::move(text)};
}
inline Error unreachable(std::string text) {
  return {ErrorKind::unreachable, std::move(text)};
}
inline Error overloaded(std::string text) {
  return {ErrorKind::overloaded, std::move(text)};
}
inline Error corrupt(std::string text) {
  return {ErrorKind::corrupt, std::move(text)};
}
inline Error internal_error(std::string text) {
  return {ErrorKind::internal, std::move(text)};
}

}  // namespace hansa
