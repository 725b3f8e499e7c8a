// Reactor: what everything on the transport's own thread shares.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "hansa/ports/transport.hpp"
#include "src/transport/link.hpp"
#include "src/transport/names.hpp"
#include "src/transport/outbox.hpp"
#include "src/transport/poller.hpp"
#include "src/transport/sockets.hpp"

namespace hansa::transport {

using Clock = std::chrono::steady_clock;
inline constexpr Clock::time_point never = Clock::time_point::max();

struct Counters {
  std::atomic<std::uint64_t> frames_sent{0}, frames_received{0}, bytes_sent{0}, bytes_received{0};
  std::atomic<std::uint64_t> frames_dropped{0}, frames_refused{0}, handshakes_refused{0};
};

struct DialTiming {
  std::chrono::milliseconds yield{300};  // how long the side whose connection isn't preferred waits to be dialled
  std::chrono::milliseconds pause_first{100};
  std::chrono::milliseconds pause_longest{3000};
  std::chrono::milliseconds spare{1000};  // how long a connection that isn't needed any more is left open
};

struct Reactor {
  TransportHandler& handler;
  CurveKeys keys;
  Run run = 0;  // of this process
  SocketTiming timing;
  DialTiming dialling;
  std::array<OutboxBounds, 2> bounds;  // by lane
  std::function<void(const std::string&)> notice;
  std::chrono::milliseconds goodbye;  // how long what was sent before an orderly end may take to leave

  zmq::context_t context{io_threads};
  Poller poller;
  Names names;
  Counters counters;
  Clock::time_point now = Clock::now();
  bool timers_changed = true;
  bool ending = false;  // an orderly end: sockets are closed, but connections are not cut
  // Closed in the midst of their own work; they go when the turn is over.
  std::vector<std::unique_ptr<Pollable>> graveyard;
};

// Messages read or sent for one connection before others have their turn.
constexpr int messages_per_turn(Lane lane) {
  return lane == Lane::control ? 64 : 1;
}

constexpr std::size_t index_of(Lane lane) {
  return static_cast<std::size_t>(lane);
}
std::string to_word(Lane lane);

}  // namespace hansa::transport
