// ZmqTransport: frames between sites over ZeroMQ with CURVE.
//
// Each lane listens on a ROUTER and dials each peer that has endpoints with a DEALER of its own. Every connection is
// encrypted and both ends are known by their keys before a frame passes: the dialling side speaks to the holder of the
// peer's key only, and the listening side lets in known keys only. One connection carries both directions, whoever
// opened it. When both sides can dial, the one with the smaller transport key does, and the other waits a moment and
// dials only if nothing comes; should two connections meet, the one dialled by the smaller key is used and the other
// closed (link.hpp).
//
// Bounds, for each lane of each peer: `queue` in the transport, and what libzmq and the kernel hold of one connection
// (64 messages on the control lane, 4 on the bulk lane). All of it is dropped when the connection breaks.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hansa/ports/transport.hpp"

namespace hansa {

struct QueueBounds {
  std::size_t frames_max = 0;
  std::size_t bytes_max = 0;
};

struct ZmqTransportOptions {
  TransportKey public_key;
  std::array<std::uint8_t, 32> secret_key{};

  // "tcp://192.0.2.1:7700", "tcp://*:7700", "tcp://127.0.0.1:*" (the system chooses a port). Empty: dials out only.
  std::vector<std::string> listen;
  std::vector<std::string> bulk_listen;

  QueueBounds queue{.frames_max = 65'536, .bytes_max = 16u << 20};
  QueueBounds bulk_queue{.frames_max = 256, .bytes_max = 32u << 20};

  // A connection that has not proved itself by then is cut; raise it for links slower than a second a round trip.
  std::chrono::milliseconds handshake_time{5000};
  // How often an idle connection is asked for a sign of life, and how long it may be silent before it is lost. The bulk
  // lane takes ten times as long: a large frame on a slow link is no silence.
  std::chrono::milliseconds heartbeat_interval{2000};
  std::chrono::milliseconds silence_max{6000};
  // How long the side with the larger key waits to be dialled before it dials itself.
  std::chrono::milliseconds yield{300};
  // Pauses between rounds of dialling double from the first to the longest.
  std::chrono::milliseconds redial_first{100};
  std::chrono::milliseconds redial_longest{3000};

  // How long, at an orderly end, what was sent before may take to leave.
  std::chrono::milliseconds goodbye{200};

  // Told in words about refused connections and breaches, from the transport's thread; for a log with a rate limit.
  std::function<void(const std::string&)> notice = [](const std::string&) {};
};

class ZmqTransport : public Transport {
 public:
  // Binds, then starts the thread. `handler` outlives the transport. Links that are up go down when it is destroyed.
  static Result<std::unique_ptr<ZmqTransport>> start(ZmqTransportOptions options, TransportHandler& handler);
  ~ZmqTransport() override;

  using Transport::send;
  bool send(const SiteName& to, Lane lane, std::string frame, Haste haste) override;
  void set_peers(std::vector<PeerAddress> peers) override;
  void cut_off(const SiteName& peer, std::uint32_t for_how_long_ms) override;
  TransportCounters counters() const override;

  // Where it listens, with the ports that the system chose.
  std::vector<std::string> endpoints(Lane lane) const;

 private:
  struct Parts;
  explicit ZmqTransport(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// A new key pair for a site's connections.
struct TransportKeyPair {
  TransportKey public_key;
  std::array<std::uint8_t, 32> secret_key{};
};
TransportKeyPair make_transport_keys();

}  // namespace hansa
