// The only file that compiles Boost.Beast, which parses what comes in; responses are written by hand.
#include "src/gateway/session.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "src/gateway/problem.hpp"

namespace hansa::gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::steady_clock;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

constexpr std::size_t buffer_bytes_kept = 64u << 10;
constexpr std::size_t linger_bytes_max = 8u << 20;
constexpr auto linger_max = std::chrono::seconds(2);

class HttpSession final : public Session {
 public:
  HttpSession(GatewayServer& server, GatewayServer::SessionId id, GatewayServer::Socket socket, Caller caller,
              bool needs_token)
      : server_(server), id_(id), socket_(std::move(socket)), caller_(std::move(caller)), needs_token_(needs_token) {}

  void start() override { read_header(); }
  void answer(HttpResponse response) override;
  void tell_news() override;
  void beat() override { write_stream(":\n\n"); }
  void close() override;
  void sweep(Time now) override;
  const Caller& owner() const override { return caller_; }

 private:
  enum class Phase { idle, header, body, answering, writing, streaming, lingering, closed };

  std::shared_ptr<HttpSession> self() { return std::static_pointer_cast<HttpSession>(shared_from_this()); }
  void enter(Phase phase, steady_clock::duration for_at_most);
  steady_clock::duration allowance(std::size_t bytes) const;

  void read_header();
  void on_header(error_code error);
  void choose_route();
  void continue_then_read_body();
  void read_body();
  void on_body(error_code error);
  void dispatch();
  void refuse(HttpResponse response);
  void on_malformed(error_code error);
  void write(HttpResponse response);
  void on_written(error_code error);
  void begin_stream();
  std::optional<EventPlace> wanted_place() const;
  void write_stream(std::string text);
  void watch_for_hangup();
  void linger();
  void drain();

  GatewayServer& server_;
  const GatewayServer::SessionId id_;
  GatewayServer::Socket socket_;
  const Caller caller_;
  const bool needs_token_;
  Phase phase_ = Phase::idle;
  Time deadline_{};

  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  RouteMatch match_;
  HttpRequest request_;
  std::size_t reserved_bytes_ = 0;
  bool keep_ = true;
  bool head_only_ = false;

  std::string head_;
  std::string body_;

  EventPlace place_;  // of a stream: told up to here
  std::string events_text_;
  bool writing_events_ = false;
  std::array<char, 4'096> drained_{};
  std::size_t drained_bytes_ = 0;
};

// --- Deadlines ------------------------------------------------------------------------------------------------------

void HttpSession::enter(Phase phase, steady_clock::duration for_at_most) {
  phase_ = phase;
  deadline_ = steady_clock::now() + for_at_most;
}

steady_clock::duration HttpSession::allowance(std::size_t bytes) const {
  const auto& limits = server_.options().limits;
  return limits.body_max + std::chrono::milliseconds(bytes * 1'000 / limits.body_bytes_per_s_min);
}

void HttpSession::sweep(Time now) {
  if (phase_ == Phase::idle && parser_ && (parser_->got_some() || buffer_.size() > 0)) {
    enter(Phase::header, server_.options().limits.header_max);
  }
  if (now < deadline_) return;
  if (phase_ == Phase::answering) {
    keep_ = false;
    return answer(problem(503, "unreachable", "the daemon gave no answer in time; ask again"));
  }
  if (phase_ == Phase::streaming && !writing_events_) return;
  if (phase_ != Phase::lingering && phase_ != Phase::idle) server_.count_refusal();
  close();
}

void HttpSession::close() {
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::streaming) server_.leave_stream(id_);
  phase_ = Phase::closed;
  server_.release_body(reserved_bytes_);
  reserved_bytes_ = 0;
  error_code ignored;
  socket_.close(ignored);
  server_.forget(id_);
}

// --- Reading --------------------------------------------------------------------------------------------------------

void HttpSession::read_header() {
  if (phase_ == Phase::closed) return;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(server_.options().limits.header_bytes_max));
  parser_->body_limit(bulk_body_bytes_max);
  if (buffer_.size() == 0 && buffer_.capacity() > buffer_bytes_kept) buffer_.shrink_to_fit();
  enter(Phase::idle, server_.options().limits.idle_max);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = self()](error_code error, std::size_t) { self->on_header(error); });
}

void HttpSession::on_header(error_code error) {
  if (phase_ == Phase::closed) return;
  if (error) return on_malformed(error);
  server_.count_request();
  const auto& header = parser_->get();
  keep_ = parser_->keep_alive();
  head_only_ = header.method() == http::verb::head;
  request_ = HttpRequest{.method = std::string(view(header.method_string())), .caller = caller_};
  if (!parse_target(view(header.target()), request_)) {
    return refuse(problem(400, "usage", "the address asked for is malformed"));
  }
  match_ = find_route(request_.method, request_.path);
  choose_route();
}

void HttpSession::choose_route() {
  const auto& header = parser_->get();
  if (!match_.route) return refuse(std::move(match_.otherwise));
  if (needs_token_ && !match_.route->open) {
    auto caller = server_.authenticate(view(header[http::field::authorization]));
    if (!caller) return refuse(problem(401, "refused", caller.error().text));
    const bool reads = match_.route->method == "GET";
    if (caller->reads_only && !reads) return refuse(problem(403, "refused", "this token is for reading only"));
    request_.caller = std::move(*caller);
  }
  const auto length = parser_->content_length().value_or(parser_->chunked() ? match_.route->body_bytes_max : 0);
  if (length > match_.route->body_bytes_max) {
    return refuse(problem(413, "usage",
                          "the body is above the " + std::to_string(match_.route->body_bytes_max) +
                              " bytes that this address takes; send it in parts"));
  }
  if (!server_.reserve_body(length)) {
    return refuse(problem(429, "overloaded", "too much is being sent to the daemon at once; try again in a second"));
  }
  reserved_bytes_ = length;
  parser_->body_limit(match_.route->body_bytes_max);
  request_.content_type = view(header[http::field::content_type]);
  request_.idempotency_key = view(header["Idempotency-Key"]);
  request_.last_event_id = view(header["Last-Event-ID"]);
  if (view(header[http::field::expect]) == "100-continue" && !parser_->is_done()) return continue_then_read_body();
  read_body();
}

void HttpSession::continue_then_read_body() {
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  enter(Phase::body, server_.options().limits.body_max);
  asio::async_write(socket_, asio::buffer(go_on), [self = self()](error_code error, std::size_t) {
    if (error) return self->close();
    self->read_body();
  });
}

void HttpSession::read_body() {
  if (parser_->is_done()) return on_body({});
  enter(Phase::body, allowance(reserved_bytes_));
  http::async_read(socket_, buffer_, *parser_,
                   [self = self()](error_code error, std::size_t) { self->on_body(error); });
}

void HttpSession::on_body(error_code error) {
  if (phase_ == Phase::closed) return;
  if (error) return on_malformed(error);
  request_.body = std::move(parser_->get().body());
  dispatch();
}

void HttpSession::dispatch() {
  if (match_.route->streams) return begin_stream();
  enter(Phase::answering, server_.options().limits.answer_max);
  match_.route->run(server_.context(), std::move(request_), match_.arguments, server_.responder(id_));
}

void HttpSession::on_malformed(error_code error) {
  const bool ended = error == http::error::end_of_stream || error == asio::error::eof ||
                     error == http::error::partial_message || error.category() == asio::error::get_system_category();
  if (ended) return close();
  if (error == http::error::header_limit) {
    return refuse(problem(431, "usage", "the headers of the request are too large"));
  }
  if (error == http::error::body_limit) return refuse(problem(413, "usage", "the body is too large; send it in parts"));
  refuse(problem(400, "usage", "this is no HTTP/1.1 request: " + error.message()));
}

// Nothing more is read of a request that was turned away, so its connection ends.
void HttpSession::refuse(HttpResponse response) {
  server_.count_refusal();
  const bool body_is_here = parser_->is_done();
  keep_ = keep_ && body_is_here && parser_->is_header_done();
  write(std::move(response));
}

// --- Writing --------------------------------------------------------------------------------------------------------

void HttpSession::answer(HttpResponse response) {
  if (phase_ == Phase::answering) write(std::move(response));
}

void HttpSession::write(HttpResponse response) {
  head_ = response_head(response, keep_);
  body_ = head_only_ ? std::string() : std::move(response.body);
  enter(Phase::writing, allowance(body_.size()));
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(body_)};
  asio::async_write(socket_, parts, [self = self()](error_code error, std::size_t) { self->on_written(error); });
}

void HttpSession::on_written(error_code error) {
  if (phase_ == Phase::closed) return;
  server_.release_body(reserved_bytes_);
  reserved_bytes_ = 0;
  body_ = {};
  if (error) return close();
  keep_ ? read_header() : linger();
}

// Closing with unread bytes would have the kernel take back the response on its way: the client is told that no more
// comes, and heard out for a moment.
void HttpSession::linger() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  enter(Phase::lingering, linger_max);
  drain();
}

void HttpSession::drain() {
  socket_.async_read_some(asio::buffer(drained_), [self = self()](error_code error, std::size_t bytes) {
    self->drained_bytes_ += bytes;
    if (error || self->phase_ == Phase::closed || self->drained_bytes_ > linger_bytes_max) return self->close();
    self->drain();
  });
}

// --- Streams of events ----------------------------------------------------------------------------------------------

// The header wins: a browser that comes back repeats the address that it began with. It can't do anything about the id
// it was given, so one that means nothing here is taken for one of another life.
std::optional<EventPlace> HttpSession::wanted_place() const {
  const auto& events = server_.events();
  if (!request_.last_event_id.empty()) {
    return events.place_of(request_.last_event_id).value_or(EventPlace{.of_another_life = true});
  }
  const auto after = request_.parameter("after");
  return after ? events.place_of(*after) : events.end();
}

void HttpSession::begin_stream() {
  const auto place = wanted_place();
  if (!place) return write(problem(400, "usage", "after: the id of an event is wanted, or 0 for all that are kept"));
  if (!server_.join_stream(id_)) {
    return write(problem(503, "overloaded", "too many event streams are open; close one, or try again later"));
  }
  place_ = *place;
  phase_ = Phase::streaming;
  write_stream(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: "
      "close\r\n\r\n:\n\n");
  watch_for_hangup();
}

// A reader that is slow is told later, from wherever it was.
void HttpSession::tell_news() {
  if (phase_ != Phase::streaming || writing_events_) return;
  auto piece = server_.events().after(place_, server_.options().limits.stream_bytes_max);
  place_ = piece.next;
  server_.count_lost(piece.lost);
  if (!piece.text.empty()) write_stream(std::move(piece.text));
}

void HttpSession::write_stream(std::string text) {
  if (phase_ != Phase::streaming || writing_events_) return;
  writing_events_ = true;
  events_text_ = std::move(text);
  deadline_ = steady_clock::now() + allowance(events_text_.size());
  asio::async_write(socket_, asio::buffer(events_text_), [self = self()](error_code error, std::size_t) {
    if (self->phase_ == Phase::closed) return;
    if (error) return self->close();
    self->writing_events_ = false;
    self->tell_news();
  });
}

void HttpSession::watch_for_hangup() {
  socket_.async_read_some(asio::buffer(drained_), [self = self()](error_code error, std::size_t) {
    if (self->phase_ == Phase::closed) return;
    error ? self->close() : self->watch_for_hangup();
  });
}

}  // namespace

std::shared_ptr<Session> Session::make(GatewayServer& server, GatewayServer::SessionId id, GatewayServer::Socket socket,
                                       Caller caller, bool needs_token) {
  return std::make_shared<HttpSession>(server, id, std::move(socket), std::move(caller), needs_token);
}

}  // namespace hansa::gateway
