// Bare ZeroMQ sockets with CURVE to another process that echoes: what ours is measured against.
#pragma once

#include <chrono>
#include <vector>

#include "tests/bench/echo_process.hpp"

namespace hansa::bench {

using Clock = std::chrono::steady_clock;

inline constexpr int pings = 4'000;
inline constexpr int flood_frames = 200'000;
inline constexpr int bulk_frames = 60;
inline constexpr std::size_t bulk_bytes = 4u << 20;

struct Latency {
  double p50_us = 0, p99_us = 0;
};

inline Latency percentiles(std::vector<double>& samples_us) {
  std::sort(samples_us.begin(), samples_us.end());
  return {samples_us[samples_us.size() / 2], samples_us[samples_us.size() * 99 / 100]};
}

inline double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

class RawLink {
 public:
  explicit RawLink(const OtherProcess& other)
      : control_(dealer(other.endpoints[0])), bulk_(dealer(other.endpoints[1])) {
    ping(control_);
    ping(bulk_);
  }

  double round_trip_us() {
    const auto start = Clock::now();
    ping(control_);
    return us_since(start);
  }
  Latency latency() {
    std::vector<double> samples;
    for (int i = 0; i < pings; ++i) {
      samples.push_back(round_trip_us());
    }
    return percentiles(samples);
  }
  double frames_per_s() { return flood(control_, flood_frames, small_bytes); }
  double bulk_mb_per_s() { return flood(bulk_, bulk_frames, bulk_bytes) * bulk_bytes / 1e6; }

 private:
  zmq::socket_t dealer(const std::string& endpoint) {
    zmq::socket_t socket(context_, zmq::socket_type::dealer);
    const auto server = keys_numbered(2).public_key;
    set_keys(socket, keys_numbered(1));
    socket.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(server.bytes.data(), server.bytes.size()));
    socket.connect(endpoint);
    return socket;
  }
  static void ping(zmq::socket_t& socket) {
    socket.send(zmq::message_t(std::string(small_bytes, echo)), zmq::send_flags::none);
    zmq::message_t answer;
    if (!socket.recv(answer)) throw std::runtime_error("no answer");
  }
  static double flood(zmq::socket_t& socket, int frames, std::size_t bytes) {
    const std::string frame(bytes, swallow);
    const auto start = Clock::now();
    for (int i = 1; i < frames; ++i) socket.send(zmq::message_t(frame), zmq::send_flags::none);
    ping(socket);
    return frames / (us_since(start) / 1e6);
  }

  zmq::context_t context_;
  zmq::socket_t control_, bulk_;
};

}  // namespace hansa::bench
