// Sockets: every ZeroMQ socket of the transport is made here, so that its options are said in one place.
//
// LINGER 0 and small high-water marks: what libzmq holds of a connection is lost with it. A DEALER is one attempt and
// the connection that it becomes; a new attempt is a new socket, so that nothing old can come out of it. So it never
// reconnects: its interval is longer than any of them is kept. (With IMMEDIATE, or an interval of -1, libzmq throws
// away what came in before a connection broke and is not read yet.) Each lane has an I/O thread of its own: encrypting
// a bulk frame takes milliseconds, which no probe should wait for.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "hansa/ports/transport.hpp"

namespace hansa::transport {

struct CurveKeys {
  std::array<std::uint8_t, 32> secret{};
  TransportKey own;
};

struct SocketTiming {
  std::chrono::milliseconds handshake{5000};  // a connection that isn't greeted by then is cut
  std::chrono::milliseconds heartbeat{2000};  // control lane; ten times as long on the bulk lane
  std::chrono::milliseconds silence{6000};    // a connection this silent is lost; likewise
};

inline constexpr int io_threads = 2;

zmq::socket_t make_router(zmq::context_t& context, Lane lane, const CurveKeys& keys, const SocketTiming& timing);
zmq::socket_t make_dealer(zmq::context_t& context, Lane lane, const CurveKeys& keys, const TransportKey& server,
                          const SocketTiming& timing);

enum class SendResult : std::uint8_t { sent, full, gone };

// What libzmq tells of a socket's connections.
struct MonitorEvent {
  std::uint16_t what = 0;   // ZMQ_EVENT_…
  std::uint32_t value = 0;  // a file descriptor, for most
};

// The receiving end of a socket's monitor. It must end before the watched socket does: libzmq's I/O thread waits
// without end to tell an event to a reader that is gone.
class Monitor {
 public:
  Monitor(zmq::context_t& context, zmq::socket_t& watched, int events);
  ~Monitor() { stop(); }
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void stop();

  int fd() const { return socket_.get(zmq::sockopt::fd); }
  std::optional<MonitorEvent> next();

 private:
  zmq::socket_t* watched_;  // null once stopped
  zmq::socket_t socket_;
};

// The rest of a message of several parts is read and thrown away.
void skip_parts(zmq::socket_t& socket, zmq::message_t& part);

// A property of the connection that a message came by, such as "User-Id"; empty when it has none.
std::string_view property_of(zmq::message_t& message, const char* name);

// Whether an endpoint is one that this transport binds or dials: "tcp://host:port".
bool is_tcp_endpoint(std::string_view endpoint);

}  // namespace hansa::transport
