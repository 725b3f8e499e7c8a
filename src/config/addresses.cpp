#include "src/config/addresses.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hansa {
namespace {

bool is_host(std::string_view host) {
  if (host == "*") return true;
  if (host.starts_with('[')) {
    return host.size() > 3 && host.ends_with(']') &&
           host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
  }
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !host.empty() && host.size() <= 253 && host.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<Endpoint> split(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_host(text.substr(0, colon))) return std::nullopt;
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return Endpoint{.host = std::string(text.substr(0, colon)), .port = port};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view scheme = "tcp://";
  if (text.starts_with(scheme)) {
    if (auto endpoint = split(text.substr(scheme.size()))) return *endpoint;
  }
  return usage_error("'" + std::string(text.substr(0, 200)) +
                     "' is not an endpoint: write tcp://HOST:PORT with a port from 1 to 65535");
}

bool is_loopback_address(std::string_view text) {
  const auto endpoint = split(text);
  if (!endpoint) return false;
  const auto& host = endpoint->host;
  const bool is_v4 = host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
                     host.find_first_not_of("0123456789.") == std::string::npos;
  return is_v4 || host == "[::1]";
}

}  // namespace hansa
