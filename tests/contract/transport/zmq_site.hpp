// One ZmqTransport under test, and quick timing for it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/transport/zmq_transport.hpp"
#include "tests/contract/transport/raw_peer.hpp"
#include "tests/contract/transport/transport_network.hpp"

namespace hansa::test {

inline bool until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

inline ZmqTransportOptions quick(const TransportKeyPair& keys) {
  return {.public_key = keys.public_key,
          .secret_key = keys.secret_key,
          .listen = {"tcp://127.0.0.1:*"},
          .bulk_listen = {"tcp://127.0.0.1:*"},
          .handshake_time = std::chrono::milliseconds(1000),
          .heartbeat_interval = std::chrono::milliseconds(50),
          .silence_max = std::chrono::milliseconds(300),
          .yield = std::chrono::milliseconds(20),
          .redial_longest = std::chrono::milliseconds(200)};
}

inline std::unique_ptr<ZmqTransport> start(const ZmqTransportOptions& options, TransportHandler& handler) {
  auto started = ZmqTransport::start(options, handler);
  if (!started) throw std::runtime_error(started.error().text);
  return std::move(*started);
}

// One site under test, which knows the peer "b"; who plays b is up to the test.
class ZmqTransportTest : public ::testing::Test {
 protected:
  void start_site() {
    site_ = start(quick(site_keys_), heard_);
    set_peers({{.site = {"b"}, .key = b_keys_.public_key}});
  }
  void set_peers(std::vector<PeerAddress> peers) { site_->set_peers(std::move(peers)); }
  std::string endpoint(Lane lane = Lane::control) { return site_->endpoints(lane).front(); }
  RawPeer raw_b(const std::string& routing_id = {}) {
    return RawPeer(endpoint(), b_keys_, site_keys_.public_key, routing_id);
  }
  PeerAddress site_address() {
    return {.site = {"a"},
            .key = site_keys_.public_key,
            .endpoints = site_->endpoints(Lane::control),
            .bulk_endpoints = site_->endpoints(Lane::bulk)};
  }
  // A real peer comes, speaks and is heard: the site goes on.
  void expect_site_goes_on() {
    Recorder heard_by_b;
    const auto b = start(quick(b_keys_), heard_by_b);
    b->set_peers({site_address()});
    ASSERT_TRUE(until([&] { return b->send({"a"}, Lane::control, "all is well"); }));
    EXPECT_TRUE(until([&] { return heard_.has("all is well"); }));
  }

  TransportKeyPair site_keys_ = make_transport_keys(), b_keys_ = make_transport_keys();
  Recorder heard_;
  std::unique_ptr<ZmqTransport> site_;
};

}  // namespace hansa::test
