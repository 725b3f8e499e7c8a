// Port: frames between sites. Carries bytes to and from peers whose keys are known; knows nothing of messages.
//
// Threading: every method may be called from any thread and never blocks on the network. The handler is called from the
// transport's own thread and must only forward.
// Ordering: frames of one lane and one haste to one peer arrive in order while a connection lasts, or not at all; a
// frame may be lost at a reconnect, and none is delivered later than that. An urgent frame may overtake ordinary ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"

namespace hansa {

// Control messages and bulk data never share a queue, so that no bundle delays a probe or a renewal.
enum class Lane : std::uint8_t { control, bulk };

// Urgent frames (probes, renewals) have room of their own in a lane's queue and leave first.
enum class Haste : std::uint8_t { ordinary, urgent };

// A peer that may connect, and where to reach it. Without endpoints it can only dial in.
struct PeerAddress {
  SiteName site;
  TransportKey key;
  std::vector<std::string> endpoints;
  std::vector<std::string> bulk_endpoints;

  bool operator==(const PeerAddress&) const = default;
};

struct TransportCounters {
  std::uint64_t frames_sent_total = 0;
  std::uint64_t frames_received_total = 0;
  std::uint64_t bytes_sent_total = 0;
  std::uint64_t bytes_received_total = 0;
  std::uint64_t frames_dropped_total = 0;  // queue full, or no connection
  std::uint64_t frames_refused_total = 0;  // oversized, or from nobody known
  std::uint64_t handshakes_refused_total = 0;
};

class TransportHandler {
 public:
  virtual ~TransportHandler() = default;
  // `from` is who the connection's key says it is.
  virtual void on_frame(const SiteName& from, Lane lane, std::string_view frame) = 0;
  // A connection of this lane came up or went down. Up is told before its first frame.
  virtual void on_link(const SiteName& peer, Lane lane, bool up) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Queues a frame; false when it was dropped at once (unknown peer, queue full, no connection).
  virtual bool send(const SiteName& to, Lane lane, std::string frame, Haste haste) = 0;
  bool send(const SiteName& to, Lane lane, std::string frame) {
    return send(to, lane, std::move(frame), Haste::ordinary);
  }

  // Who may connect from now on, whole; connections of peers no longer named are cut. Idempotent.
  virtual void set_peers(std::vector<PeerAddress> peers) = 0;

  // Cuts a peer's connections; it may come again after `for_how_long_ms`.
  virtual void cut_off(const SiteName& peer, std::uint32_t for_how_long_ms) = 0;

  virtual TransportCounters counters() const = 0;
};

}  // namespace hansa
