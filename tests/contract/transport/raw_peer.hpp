// RawPeer: somebody who speaks ZeroMQ to a transport's port and keeps to none of its rules.
#pragma once

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <zmq.hpp>

#include "src/transport/envelope.hpp"
#include "src/transport/zmq_transport.hpp"

namespace hansa::test {

inline std::string hello(Lane lane = Lane::control) {
  return transport::make_greeting(transport::EnvelopeKind::hello, lane, 42);
}

class RawPeer {
 public:
  // Connects with CURVE under these keys.
  RawPeer(const std::string& endpoint, const TransportKeyPair& keys, const TransportKey& server,
          const std::string& routing_id = {}) {
    socket_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(server.bytes.data(), server.bytes.size()));
    socket_.set(zmq::sockopt::curve_publickey,
                zmq::const_buffer(keys.public_key.bytes.data(), keys.public_key.bytes.size()));
    socket_.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(keys.secret_key.data(), keys.secret_key.size()));
    if (!routing_id.empty()) socket_.set(zmq::sockopt::routing_id, routing_id);
    connect(endpoint);
  }
  // Connects without any security.
  explicit RawPeer(const std::string& endpoint) { connect(endpoint); }

  void send(const std::string& message, bool more = false) {
    socket_.send(zmq::buffer(message), (more ? zmq::send_flags::sndmore : zmq::send_flags::none));
  }
  // Waits for a message; empty when none comes in time.
  std::string receive(std::chrono::milliseconds within) {
    socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(within.count()));
    zmq::message_t message;
    return socket_.recv(message) ? message.to_string() : std::string();
  }
  bool greet(Lane lane = Lane::control) {
    send(hello(lane));
    return transport::read_greeting(receive(std::chrono::seconds(10)), transport::EnvelopeKind::welcome, lane)
        .has_value();
  }

 private:
  void connect(const std::string& endpoint) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::reconnect_ivl, 50);
    socket_.connect(endpoint);
  }

  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::dealer};
};

inline std::string one_frame(const std::string& text) {
  return std::string{static_cast<char>(transport::EnvelopeKind::frame), 0, 0, 0, 0} + text;
}

}  // namespace hansa::test
