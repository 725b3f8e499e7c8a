// The gateway's loop: accepts connections, keeps their sessions, sweeps out those that are too slow, and brings
// answers from other threads back to it.
//
// Problem: answers come whenever the daemon has them, from its threads, when the client may long be gone.
// Idea: a session is known by number. An answer is posted to the loop with that number and finds its session, or
// nobody; so only the loop ever touches a session, and no timer is armed per request: one sweep looks at all deadlines.
#pragma once

#include <utility>

#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <unordered_map>

#include "src/gateway/callers.hpp"
#include "src/gateway/event_ring.hpp"
#include "src/gateway/gateway.hpp"
#include "src/gateway/http.hpp"
#include "src/gateway/listen.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/tls.hpp"

namespace hansa {

namespace gateway {
class Session;
}

class GatewayServer : public std::enable_shared_from_this<GatewayServer> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using SessionId = std::uint64_t;

  GatewayServer(GatewayOptions options, ApiHandler& handler);
  ~GatewayServer();

  Status listen();
  void run();   // starts the thread
  void stop();  // ends it; idempotent
  void publish(const FederationEvent& event);
  std::uint16_t tcp_port() const { return tcp_port_; }

  // --- For sessions, on the loop ---
  const GatewayOptions& options() const { return options_; }
  const gateway::RouteContext& context() const { return context_; }
  // What a route answers with: finds the session again from any thread.
  gateway::Respond responder(SessionId session);
  void forget(SessionId session);
  Result<Caller> authenticate(std::string_view authorization) const;
  // Memory for a body; false when the sum of all is reached.
  bool reserve_body(std::size_t bytes);
  void release_body(std::size_t bytes) { body_bytes_ -= bytes; }
  bool join_stream(SessionId session);
  void leave_stream(SessionId session);
  void count_request() { ++requests_total_; }
  void count_refusal() { ++refused_total_; }
  void count_lost(std::uint64_t events) { events_lost_total_ += events; }
  const gateway::EventRing& events() const { return events_; }

 private:
  template <class Acceptor>
  void accept(Acceptor& acceptor);
  void admit(Socket socket, Caller caller, bool needs_token);
  void let_in_over_tcp(boost::asio::ip::tcp::socket socket);
  void refuse(Socket socket);
  void close_all();
  void each_stream(void (gateway::Session::*tell)());
  void sweep();
  void arm_sweep();
  std::string metrics_text() const;

  const GatewayOptions options_;
  gateway::RouteContext context_;
  boost::asio::io_context loop_{1};
  boost::asio::local::stream_protocol::acceptor unix_acceptor_{loop_};
  boost::asio::ip::tcp::acceptor tcp_acceptor_{loop_};
  std::unique_ptr<gateway::TlsPorter> tls_;
  boost::asio::steady_timer sweeper_{loop_};
  boost::asio::steady_timer accept_pause_{loop_};
  std::chrono::steady_clock::time_point next_heartbeat_{};
  gateway::Callers callers_;
  std::unordered_map<SessionId, std::shared_ptr<gateway::Session>> sessions_;
  std::set<SessionId> streaming_;
  std::map<std::string, std::size_t> connections_by_user_;
  SessionId last_session_ = 0;
  std::size_t body_bytes_ = 0;
  std::uint16_t tcp_port_ = 0;
  bool stopping_ = false;
  std::thread thread_;

  gateway::EventRing events_;
  std::atomic<std::size_t> streams_ = 0;   // the size of streaming_, for publish
  std::atomic<bool> news_coming_ = false;  // the loop will look at the ring
  std::uint64_t requests_total_ = 0;
  std::uint64_t refused_total_ = 0;
  std::uint64_t connections_total_ = 0;
  std::uint64_t events_lost_total_ = 0;
};

}  // namespace hansa
