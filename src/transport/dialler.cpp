#include "src/transport/dialler.hpp"

#include "src/transport/envelope.hpp"

namespace hansa::transport {
namespace {

constexpr int endings = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

Dialler::Dialler(Reactor& reactor, Lane lane, const TransportKey& peer, const std::string& endpoint,
                 DiallerEvents& events)
    : reactor_(reactor),
      lane_(lane),
      events_(events),
      socket_(make_dealer(reactor.context, lane, reactor.keys, peer, reactor.timing)),
      monitor_(reactor.context, socket_, endings | ZMQ_EVENT_HANDSHAKE_SUCCEEDED),
      fd_(socket_.get(zmq::sockopt::fd)),
      monitor_fd_(monitor_.fd()),
      greeted_by_(reactor.now + reactor.timing.handshake) {
  socket_.set(zmq::sockopt::ipv6, endpoint.find('[') != std::string::npos);
  socket_.connect(endpoint);
  reactor_.poller.add(fd_, *this, lane_);
  reactor_.poller.add(monitor_fd_, monitor_watch_, lane_);
}

Dialler::~Dialler() {
  close();
}

SendResult Dialler::send(zmq::message_t& message) {
  reactor_.poller.again(*this);
  return socket_.send(message, zmq::send_flags::dontwait) ? SendResult::sent : SendResult::full;
}

void Dialler::close() {
  if (closed_) return;
  closed_ = true;
  up_ = false;
  reactor_.poller.remove(fd_, *this);
  reactor_.poller.remove(monitor_fd_, monitor_watch_);
  monitor_.stop();
  if (reactor_.ending) socket_.set(zmq::sockopt::linger, static_cast<int>(reactor_.goodbye.count()));
  socket_.close();
}

bool Dialler::serve() {
  bool more = true;
  for (int i = 0; more && !closed_ && i < messages_per_turn(lane_); ++i) more = read_message();
  return more && !closed_;
}

// News first, then the messages that came in before them, then what the news mean.
bool Dialler::serve_monitor() {
  read_monitor();
  if (serve()) return true;
  if (!closed_ && broken_) fail();
  if (!closed_ && greeting_due_) greet();
  return !closed_ && greeting_due_;
}

bool Dialler::read_message() {
  zmq::message_t message;
  if (!socket_.recv(message, zmq::recv_flags::dontwait)) return false;
  if (message.more()) {
    skip_parts(socket_, message);
    take({});
  } else {
    take(message.to_string_view());
  }
  return true;
}

void Dialler::take(std::string_view message) {
  if (up_) return events_.on_dialled_message(message);
  const auto run = read_greeting(message, EnvelopeKind::welcome, lane_);
  if (!run) {
    ++reactor_.counters.frames_refused;
    return fail();
  }
  up_ = true;
  reactor_.timers_changed = true;
  events_.on_dialled_up(*run);
}

void Dialler::read_monitor() {
  while (const auto event = monitor_.next()) {
    if (event->what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) greeting_due_ = true;
    if (event->what & endings) broken_ = true;
  }
}

// The connection may be announced a moment before the socket has it: then it is tried again in the next turn.
void Dialler::greet() {
  (void)socket_.get(zmq::sockopt::events);
  zmq::message_t hello(make_greeting(EnvelopeKind::hello, lane_, reactor_.run));
  greeting_due_ = !socket_.send(hello, zmq::send_flags::dontwait);
}

void Dialler::fail() {
  close();
  events_.on_dialled_lost();
}

}  // namespace hansa::transport
