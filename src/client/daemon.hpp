// Talking to the site's daemon: one blocking connection, opened when it is first needed.
//
// Found at $HANSA_SOCKET, else at $HANSA_URL with $HANSA_TOKEN, else at the system's socket. For an https address a
// helper speaks TLS (tls_pipe.hpp). Every request may safely
// come twice (submissions carry an idempotency key), so one that breaks off is tried once more.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::client {

inline constexpr std::string_view system_socket = "/run/hansa/hansa.sock";

struct DaemonAddress {
  std::string socket_path;  // or, when empty:
  std::string host;         // numeric; with TLS a name may be one
  std::uint16_t port = 0;
  bool tls = false;
  std::string token;

  std::string text() const;
};

// From the environment's three words, each empty when it is not set.
Result<DaemonAddress> find_daemon(const std::string& socket, const std::string& url, const std::string& token);

struct Ask {
  std::string_view method = "GET";
  std::string target;
  std::string_view body = {};
  std::string_view content_type = "application/json";
  std::string idempotency_key = {};
};

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class Daemon {
 public:
  explicit Daemon(DaemonAddress address) : address_(std::move(address)) {}
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  // A reply of the 200s; every other one as the error that it tells of.
  Result<Reply> ask(const Ask& what);

 private:
  Status connect();
  Status hear_of_handshake();
  void disconnect();
  bool send_all(const std::string& head, std::string_view body);
  bool receive(Reply& reply);
  bool receive_more();
  Error unreachable_now(const std::string& why) const;

  const DaemonAddress address_;
  int fd_ = -1;
  pid_t helper_ = 0;
  std::string buffer_;
};

// "a b/c" as "a%20b%2Fc".
std::string escape(std::string_view text);

// 128 random bits in hex.
std::string random_key();

}  // namespace hansa::client
