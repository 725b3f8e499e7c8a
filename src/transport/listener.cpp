#include "src/transport/listener.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "src/transport/envelope.hpp"

namespace hansa::transport {
namespace {

constexpr int watched = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED;

int descriptor_of(zmq::message_t& message) {
  return zmq_msg_get(message.handle(), ZMQ_SRCFD);
}

std::string bind_problem(int error) {
  if (error == EADDRINUSE) return "another process has this port; stop it or choose another port";
  if (error == EADDRNOTAVAIL) return "this machine does not have that address; use one of its own or tcp://*:PORT";
  if (error == EACCES) return "this user may not use that port; choose one above 1023";
  return std::string(zmq_strerror(error)) + "; an endpoint looks like tcp://192.0.2.1:7700";
}

}  // namespace

Listener::Listener(Reactor& reactor, Lane lane, ListenerEvents& events)
    : reactor_(reactor),
      lane_(lane),
      events_(events),
      socket_(make_router(reactor.context, lane, reactor.keys, reactor.timing)),
      monitor_(reactor.context, socket_, watched),
      fd_(socket_.get(zmq::sockopt::fd)),
      monitor_fd_(monitor_.fd()) {
  reactor_.poller.add(fd_, *this, lane_);
  reactor_.poller.add(monitor_fd_, monitor_watch_, lane_);
}

Listener::~Listener() {
  reactor_.poller.remove(fd_, *this);
  reactor_.poller.remove(monitor_fd_, monitor_watch_);
  if (reactor_.ending) socket_.set(zmq::sockopt::linger, static_cast<int>(reactor_.goodbye.count()));
}

Status Listener::bind(const std::string& endpoint) {
  socket_.set(zmq::sockopt::ipv6, endpoint.find('[') != std::string::npos);
  const int failed = is_tcp_endpoint(endpoint) ? zmq_bind(socket_.handle(), endpoint.c_str()) : (errno = EINVAL);
  if (failed) {
    const int error = zmq_errno();
    return usage_error("cannot listen on " + endpoint + " (" + to_word(lane_) + " lane): " + bind_problem(error));
  }
  endpoints_.push_back(socket_.get(zmq::sockopt::last_endpoint));
  return success();
}

SendResult Listener::send(const std::string& routing_id, zmq::message_t& message) {
  reactor_.poller.again(*this);
  if (zmq_send(socket_.handle(), routing_id.data(), routing_id.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
    return zmq_errno() == EAGAIN ? SendResult::full : SendResult::gone;
  return zmq_msg_send(message.handle(), socket_.handle(), ZMQ_DONTWAIT) < 0 ? SendResult::gone : SendResult::sent;
}

// The descriptor is still that connection's: libzmq tells us of an end before it closes the descriptor, and we have
// just read everything that it told.
void Listener::cut(const std::string& routing_id) {
  const auto it = connections_.find(routing_id);
  if (it == connections_.end()) return;
  const int fd = it->second.fd;
  connections_.erase(it);
  read_monitor();
  if (open_.contains(fd) && !reactor_.ending) shutdown(fd, SHUT_RDWR);
}

bool Listener::serve() {
  const auto broken = std::exchange(broken_, {});
  bool more = true;
  for (int i = 0; more && i < messages_per_turn(lane_); ++i) more = read_message();
  if (more)
    broken_.insert(broken_.end(), broken.begin(), broken.end());
  else
    forget(broken);
  return more;
}

// News first, then the messages that came in before them, then what the news mean.
bool Listener::serve_monitor() {
  read_monitor();
  reactor_.poller.again(*this);
  return false;
}

bool Listener::read_message() {
  zmq::message_t routing_id, message;
  if (!socket_.recv(routing_id, zmq::recv_flags::dontwait)) return false;
  if (!routing_id.more() || !socket_.recv(message, zmq::recv_flags::dontwait)) return true;
  if (message.more()) {
    skip_parts(socket_, message);
    message.rebuild();
  }
  take(routing_id.to_string_view(), message);
  return true;
}

void Listener::take(std::string_view routing_id, zmq::message_t& message) {
  if (const auto run = read_greeting(message.to_string_view(), EnvelopeKind::hello, lane_))
    return greeted(routing_id, message, *run);
  const auto it = connections_.find(routing_id);
  if (it == connections_.end()) return refuse(message);
  const std::string user_id = it->second.user_id;  // the connection may be cut while its message is handled
  if (property_of(message, "User-Id") != user_id && message.size() > 0) return refuse(message);
  events_.on_accepted_message(lane_, user_id, message.to_string_view());
}

void Listener::greeted(std::string_view routing_id, zmq::message_t& message, Run run) {
  if (connections_.contains(routing_id)) return;
  read_monitor();  // a connection that ended meanwhile must not be taken for a live one
  const int fd = descriptor_of(message);
  if (!open_.contains(fd)) return;
  const std::string id(routing_id), user_id(property_of(message, "User-Id"));
  connections_[id] = {user_id, fd};
  open_[fd] = true;
  if (!events_.on_accepted(lane_, user_id, id, run)) return cut(id);
  zmq::message_t welcome(make_greeting(EnvelopeKind::welcome, lane_, reactor_.run));
  if (send(id, welcome) != SendResult::sent) shutdown(fd, SHUT_RDWR);
}

// What a connection sent before it was cut may be read long after: its descriptor may be another connection's by now.
void Listener::refuse(zmq::message_t& message) {
  ++reactor_.counters.frames_refused;
  const int fd = descriptor_of(message);
  read_monitor();
  const auto opened = open_.find(fd);
  if (opened != open_.end() && !opened->second) shutdown(fd, SHUT_RDWR);
}

void Listener::read_monitor() {
  while (const auto event = monitor_.next()) {
    const int fd = static_cast<int>(event->value);
    if (event->what == ZMQ_EVENT_ACCEPTED) open_[fd] = false;
    if (event->what == ZMQ_EVENT_DISCONNECTED) connection_ended(fd);
  }
}

void Listener::connection_ended(int fd) {
  const auto opened = open_.find(fd);
  if (opened == open_.end()) return;
  if (!opened->second) ++reactor_.counters.handshakes_refused;
  open_.erase(opened);
  const auto it =
      std::find_if(connections_.begin(), connections_.end(), [&](const auto& entry) { return entry.second.fd == fd; });
  if (it == connections_.end()) return;
  it->second.fd = -1;
  broken_.push_back(it->first);
}

void Listener::forget(const std::vector<std::string>& routing_ids) {
  for (const auto& routing_id : routing_ids) {
    const auto it = connections_.find(routing_id);
    if (it == connections_.end()) continue;
    const std::string user_id = it->second.user_id;
    connections_.erase(it);
    events_.on_accepted_lost(lane_, user_id);
  }
}

}  // namespace hansa::transport
