#include "src/transport/sockets.hpp"

#include <atomic>

#include "src/transport/envelope.hpp"

namespace hansa::transport {
namespace {

constexpr int backlog = 512;
constexpr int no_reconnect_ms = 24 * 3600 * 1000;
constexpr std::size_t endpoint_bytes_max = 512;

// Messages that libzmq may hold for one connection and direction: of 64 KiB at most when packed, of one frame else.
int high_water_mark(Lane lane) {
  return lane == Lane::control ? 64 : 4;
}

std::uint64_t io_thread_of(Lane lane) {
  return lane == Lane::control ? 1 : 2;
}

int in_ms(std::chrono::milliseconds time, Lane lane) {
  return static_cast<int>(time.count()) * (lane == Lane::control ? 1 : 10);
}

zmq::const_buffer bytes_of(const auto& key) {
  return zmq::const_buffer(key.data(), key.size());
}

void set_common(zmq::socket_t& socket, Lane lane, const CurveKeys& keys, const SocketTiming& timing) {
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::sndhwm, high_water_mark(lane));
  socket.set(zmq::sockopt::rcvhwm, high_water_mark(lane));
  socket.set(zmq::sockopt::affinity, io_thread_of(lane));
  socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(frame_bytes_max(lane) + envelope_bytes_max));
  socket.set(zmq::sockopt::handshake_ivl, static_cast<int>(timing.handshake.count()));
  socket.set(zmq::sockopt::heartbeat_ivl, in_ms(timing.heartbeat, lane));
  socket.set(zmq::sockopt::heartbeat_timeout, in_ms(timing.silence, lane));
  socket.set(zmq::sockopt::heartbeat_ttl, in_ms(timing.silence, lane));
  socket.set(zmq::sockopt::curve_secretkey, bytes_of(keys.secret));
  socket.set(zmq::sockopt::curve_publickey, bytes_of(keys.own.bytes));
}

}  // namespace

zmq::socket_t make_router(zmq::context_t& context, Lane lane, const CurveKeys& keys, const SocketTiming& timing) {
  zmq::socket_t socket(context, zmq::socket_type::router);
  set_common(socket, lane, keys, timing);
  socket.set(zmq::sockopt::curve_server, 1);
  socket.set(zmq::sockopt::zap_domain, std::string("hansa"));
  socket.set(zmq::sockopt::router_mandatory, 1);
  socket.set(zmq::sockopt::backlog, backlog);
  return socket;
}

zmq::socket_t make_dealer(zmq::context_t& context, Lane lane, const CurveKeys& keys, const TransportKey& server,
                          const SocketTiming& timing) {
  zmq::socket_t socket(context, zmq::socket_type::dealer);
  set_common(socket, lane, keys, timing);
  socket.set(zmq::sockopt::curve_serverkey, bytes_of(server.bytes));
  socket.set(zmq::sockopt::reconnect_ivl, no_reconnect_ms);
  socket.set(zmq::sockopt::connect_timeout, static_cast<int>(timing.handshake.count()));
  return socket;
}

Monitor::Monitor(zmq::context_t& context, zmq::socket_t& watched, int events)
    : watched_(&watched), socket_(context, zmq::socket_type::pair) {
  static std::atomic<std::uint64_t> count{0};
  const std::string address = "inproc://monitor-" + std::to_string(++count);
  if (zmq_socket_monitor(watched.handle(), address.c_str(), events) != 0) throw zmq::error_t();
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::rcvhwm, 0);  // an event left out would be a connection forgotten
  socket_.connect(address);
}

void Monitor::stop() {
  if (watched_) zmq_socket_monitor(watched_->handle(), nullptr, 0);
  watched_ = nullptr;
}

std::optional<MonitorEvent> Monitor::next() {
  zmq::message_t event;
  if (!socket_.recv(event, zmq::recv_flags::dontwait)) return std::nullopt;
  MonitorEvent told;
  if (event.size() >= sizeof told.what + sizeof told.value) {
    std::memcpy(&told.what, event.data(), sizeof told.what);
    std::memcpy(&told.value, event.data<char>() + sizeof told.what, sizeof told.value);
  }
  skip_parts(socket_, event);  // the endpoint
  return told;
}

void skip_parts(zmq::socket_t& socket, zmq::message_t& part) {
  while (part.more())
    if (!socket.recv(part, zmq::recv_flags::dontwait)) return;
}

std::string_view property_of(zmq::message_t& message, const char* name) {
  const char* value = zmq_msg_gets(message.handle(), name);
  return value ? std::string_view(value) : std::string_view();
}

bool is_tcp_endpoint(std::string_view endpoint) {
  constexpr std::string_view tcp = "tcp://";
  if (!endpoint.starts_with(tcp) || endpoint.size() > endpoint_bytes_max) return false;
  const std::size_t colon = endpoint.rfind(':');
  return colon > tcp.size() && colon + 1 < endpoint.size() && endpoint.find(';') == std::string_view::npos;
}

}  // namespace hansa::transport
