// The gateway: HTTP/1.1 for users, over a Unix socket and, when configured, over TCP, with TLS unless on loopback.
//
// It owns one thread and talks to the daemon only through ApiHandler, whose answers may come from any thread, late,
// or after the gateway has stopped. Whoever connects to the Unix socket is who the kernel says (root and the daemon's
// own user are operators); over TCP whoever holds the site's token is an operator, and who holds another is whom that
// was made for (tokens.hpp).
//
// Everything is bounded: connections in all and by user, header and body sizes, memory held by bodies, the time a slow
// reader or writer may take, event streams and how many events are kept for them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "hansa/api.hpp"
#include "hansa/audit.hpp"
#include "src/gateway/policy_desk.hpp"
#include "src/gateway/tokens.hpp"

namespace hansa {

struct GatewayLimits {
  std::size_t connections_max = 1'024;
  std::size_t connections_per_user_max = 768;  // operators are not counted
  std::size_t streams_max = 256;               // of events
  std::size_t stream_bytes_max = 64u << 10;    // about so much is written to a reader at a time
  std::size_t events_kept_max = 4'096;         // for readers that are slow or come back
  std::size_t header_bytes_max = 16u << 10;
  std::size_t body_bytes_total_max = 256u << 20;  // of all requests being read or answered
  std::chrono::milliseconds idle_max{75'000};     // between requests
  std::chrono::milliseconds header_max{10'000};   // from a request's first byte to its last header
  std::chrono::milliseconds body_max{20'000};     // to read or write a body, beside the time its size takes at
  std::size_t body_bytes_per_s_min = 256u << 10;  // this speed
  std::chrono::milliseconds answer_max{360'000};  // by the daemon; a long poll lasts 300 s at most
  std::chrono::milliseconds heartbeat{15'000};    // on silent event streams
};

struct GatewayOptions {
  SiteName site;  // whose jobs "1042" are
  StoreId store;
  std::string version;
  std::string socket_path;      // empty: no Unix socket
  std::string http_address;     // "127.0.0.1:7780", "[::1]:7780"; port 0: any free one; empty: no TCP
  std::string token;            // at least 16 bytes when http_address is set
  std::string tls_certificate;  // PEM files; with them TCP speaks TLS
  std::string tls_key;
  bool serve_http_without_tls = false;  // also on an address that is not loopback
  // A job's script, arguments and environment; whatever is allowed here, what a message can't carry is refused too.
  std::size_t script_bytes_max = 3u << 20;
  GatewayLimits limits;
  PolicyDesk policy = {};
  TokenBook* tokens = nullptr;  // outlives the gateway; null: the token above is the only one
  std::function<void(AuditNote)> audit = [](AuditNote) {};
};

class GatewayServer;

class Gateway {
 public:
  // Listens when it returns. `handler` must outlive the gateway. Fails with one sentence when a socket or port is in
  // use, an address is not loopback, or a token is missing; a socket file that a dead daemon left is replaced.
  static Result<std::unique_ptr<Gateway>> start(GatewayOptions options, ApiHandler& handler);
  // Closes every connection, ends the thread and removes the socket file. Answers that come later are dropped.
  ~Gateway();

  // To every event stream, and kept for a while for those that come back. Any thread; never blocks.
  void publish(const FederationEvent& event);
  // 0 without TCP.
  std::uint16_t tcp_port() const;

 private:
  explicit Gateway(std::shared_ptr<GatewayServer> server);
  std::shared_ptr<GatewayServer> server_;
};

}  // namespace hansa
