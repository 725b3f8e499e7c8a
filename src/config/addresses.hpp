// Addresses as configuration writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hansa/types/result.hpp"

namespace hansa {

// "tcp://HOST:PORT": a name, an IPv4 address, an IPv6 address in brackets, or for listening '*'.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  bool is_wildcard() const { return host == "*" || host == "0.0.0.0" || host == "[::]"; }
  std::string text() const { return "tcp://" + host + ":" + std::to_string(port); }
};
Result<Endpoint> parse_endpoint(std::string_view text);

// "127.0.0.1:7780" or "[::1]:7780".
bool is_loopback_address(std::string_view text);

}  // namespace hansa
