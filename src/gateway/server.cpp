#include "src/gateway/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <random>

#include "src/gateway/figures_text.hpp"
#include "src/gateway/problem.hpp"
#include "src/gateway/session.hpp"

namespace hansa {

namespace asio = boost::asio;
using boost::system::error_code;
using gateway::HttpResponse;
using gateway::Session;

GatewayServer::GatewayServer(GatewayOptions options, ApiHandler& handler)
    : options_(std::move(options)),
      context_{.handler = handler,
               .site = options_.site,
               .store = options_.store,
               .version = options_.version,
               .own_metrics = [this] { return metrics_text(); },
               .script_bytes_max = options_.script_bytes_max,
               .policy = options_.policy,
               .tokens = options_.tokens,
               .audit = options_.audit},
      events_(options_.limits.events_kept_max, std::random_device{}()) {}

GatewayServer::~GatewayServer() {
  stop();
}

Status GatewayServer::listen() {
  error_code error;
  if (!options_.http_address.empty()) {
    const bool with_tls = !options_.tls_certificate.empty();
    if (with_tls) {
      auto porter = gateway::TlsPorter::make(loop_, options_.tls_certificate, options_.tls_key);
      if (!porter) return porter.error();
      tls_ = std::move(*porter);
    }
    auto listener = gateway::listen_tcp(options_.http_address, with_tls || options_.serve_http_without_tls
                                                                   ? gateway::Reach::any
                                                                   : gateway::Reach::loopback_only);
    if (!listener) return listener.error();
    tcp_port_ = listener->port;
    tcp_acceptor_.assign(listener->v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), listener->socket.release(), error);
  }
  if (!options_.socket_path.empty() && !error) {
    auto listener = gateway::listen_unix(options_.socket_path);
    if (!listener) return listener.error();
    unix_acceptor_.assign(asio::local::stream_protocol(), listener->release(), error);
  }
  return error ? Status(internal_error("the API's sockets can't be watched: " + error.message())) : success();
}

void GatewayServer::run() {
  next_heartbeat_ = std::chrono::steady_clock::now() + options_.limits.heartbeat;
  if (unix_acceptor_.is_open()) accept(unix_acceptor_);
  if (tcp_acceptor_.is_open()) accept(tcp_acceptor_);
  arm_sweep();
  thread_ = std::thread([this] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    loop_.run();
  });
}

void GatewayServer::stop() {
  if (!thread_.joinable()) return;
  asio::post(loop_, [this] { close_all(); });
  thread_.join();
}

void GatewayServer::close_all() {
  error_code ignored;
  stopping_ = true;
  if (unix_acceptor_.is_open()) unlink(options_.socket_path.c_str());
  unix_acceptor_.close(ignored);
  tcp_acceptor_.close(ignored);
  sweeper_.cancel();
  accept_pause_.cancel();
  const auto open = sessions_;
  for (const auto& [id, session] : open) session->close();
  if (tls_) tls_->close_all();
}

template <class Acceptor>
void GatewayServer::accept(Acceptor& acceptor) {
  acceptor.async_accept([this, &acceptor](error_code error, auto socket) {
    if (stopping_ || error == asio::error::operation_aborted) return;
    if (error) {  // no descriptors left, most likely: those in use will be given back
      accept_pause_.expires_after(std::chrono::milliseconds(100));
      accept_pause_.async_wait([this, &acceptor](error_code) {
        if (!stopping_) accept(acceptor);
      });
      return;
    }
    constexpr bool tcp = std::is_same_v<Acceptor, asio::ip::tcp::acceptor>;
    if constexpr (tcp) {
      error_code ignored;
      socket.set_option(asio::ip::tcp::no_delay(true), ignored);
      let_in_over_tcp(std::move(socket));
    } else {
      auto caller = callers_.of_unix_socket(socket.native_handle());
      admit(Socket(std::move(socket)), std::move(caller), false);
    }
    accept(acceptor);
  });
}

void GatewayServer::let_in_over_tcp(asio::ip::tcp::socket socket) {
  const Caller nobody_yet{.user = "somebody over TCP"};
  if (!tls_) return admit(Socket(std::move(socket)), nobody_yet, true);
  tls_->take(std::move(socket), [this, nobody_yet](gateway::TlsPorter::Inner inner) {
    if (!stopping_) admit(Socket(std::move(inner)), nobody_yet, true);
  });
}

void GatewayServer::admit(Socket socket, Caller caller, bool needs_token) {
  ++connections_total_;
  auto& mine = connections_by_user_[caller.user];
  const bool crowded = !caller.is_operator && mine >= options_.limits.connections_per_user_max;
  if (crowded || sessions_.size() >= options_.limits.connections_max) {
    if (mine == 0) connections_by_user_.erase(caller.user);
    return refuse(std::move(socket));
  }
  ++mine;
  const auto id = ++last_session_;
  auto session = Session::make(*this, id, std::move(socket), std::move(caller), needs_token);
  sessions_.emplace(id, session);
  session->start();
}

// Who asks over TCP, by the token that they show.
Result<Caller> GatewayServer::authenticate(std::string_view authorization) const {
  const auto shown = gateway::bearer_token(authorization);
  if (shown.empty()) {
    return refusal("a token is needed here: send Authorization: Bearer TOKEN ($HANSA_TOKEN)");
  }
  if (!options_.token.empty() && gateway::same_token(shown, options_.token)) {
    options_.audit({.act = "token", .actor = "operator", .subject = "the site's own token", .repeats = true});
    return Caller{.user = "operator", .is_operator = true, .token = "of the site"};
  }
  const auto token =
      options_.tokens ? options_.tokens->find(shown) : Result<Token>(refusal("this token is not known here"));
  options_.audit({.act = "token",
                  .actor = token ? token->user : "somebody over TCP",
                  .subject = token ? "token " + token->id : "a token",
                  .allowed = token.ok(),
                  .text = token ? std::string(to_word(token->role)) : token.error().text,
                  .repeats = true});
  if (!token) return token.error();
  return caller_of(*token);
}

// A few bytes into an empty buffer never block.
void GatewayServer::refuse(Socket socket) {
  ++refused_total_;
  error_code ignored;
  const auto response =
      gateway::problem(503, "overloaded", "too many connections to the daemon; try again in a second");
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(gateway::response_head(response, false) + response.body), ignored);
}

void GatewayServer::forget(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const auto mine = connections_by_user_.find(found->second->owner().user);
  if (mine != connections_by_user_.end() && --mine->second == 0) connections_by_user_.erase(mine);
  sessions_.erase(found);
}

gateway::Respond GatewayServer::responder(SessionId id) {
  return [self = shared_from_this(), id](HttpResponse response) {
    auto* server = self.get();
    asio::post(server->loop_, [server, id, response = std::move(response)]() mutable {
      const auto found = server->sessions_.find(id);
      if (found == server->sessions_.end()) return;
      const auto session = found->second;
      session->answer(std::move(response));
    });
  };
}

bool GatewayServer::reserve_body(std::size_t bytes) {
  if (body_bytes_ + bytes > options_.limits.body_bytes_total_max) return false;
  body_bytes_ += bytes;
  return true;
}

bool GatewayServer::join_stream(SessionId session) {
  if (streaming_.size() >= options_.limits.streams_max) return false;
  streaming_.insert(session);
  streams_ = streaming_.size();
  return true;
}

void GatewayServer::leave_stream(SessionId session) {
  streaming_.erase(session);
  streams_ = streaming_.size();
}

// One that breaks off leaves while it is told, hence the copy.
void GatewayServer::each_stream(void (Session::*tell)()) {
  const auto listening = streaming_;
  for (const auto id : listening) {
    if (const auto found = sessions_.find(id); found != sessions_.end()) {
      const auto session = found->second;
      (session.get()->*tell)();
    }
  }
}

// A stream that joins meanwhile either finds the event in the ring or begins behind it.
void GatewayServer::publish(const FederationEvent& event) {
  events_.add(event);
  if (streams_ == 0 || news_coming_.exchange(true)) return;
  asio::post(loop_, [this] {
    news_coming_ = false;
    each_stream(&Session::tell_news);
  });
}

void GatewayServer::arm_sweep() {
  const auto& limits = options_.limits;
  const auto shortest = std::min({limits.idle_max, limits.header_max, limits.body_max, limits.heartbeat});
  sweeper_.expires_after(std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1'000)));
  sweeper_.async_wait([this](error_code error) {
    if (error || stopping_) return;
    sweep();
    arm_sweep();
  });
}

void GatewayServer::sweep() {
  const auto now = std::chrono::steady_clock::now();
  const auto open = sessions_;
  for (const auto& [id, session] : open) session->sweep(now);
  if (now < next_heartbeat_) return;
  next_heartbeat_ = now + options_.limits.heartbeat;
  each_stream(&Session::beat);
}

std::string GatewayServer::metrics_text() const {
  gateway::PrometheusText out;
  out.counter("hansa_gateway_requests_total", "Requests to the API.");
  out.sample(requests_total_);
  out.counter("hansa_gateway_refused_total", "Requests and connections turned away: malformed, too large, too many.");
  out.sample(refused_total_);
  out.counter("hansa_gateway_connections_total", "Connections accepted.");
  out.sample(connections_total_);
  out.gauge("hansa_gateway_connections", "Connections open.");
  out.sample(sessions_.size());
  out.gauge("hansa_gateway_event_streams", "Event streams open.");
  out.sample(streams_);
  out.counter("hansa_gateway_events_lost_total", "Events that a stream missed: too slow, or back too late.");
  out.sample(events_lost_total_);
  return std::move(out).take();
}

}  // namespace hansa
