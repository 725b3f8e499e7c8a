// What ZmqTransport does with ports, keys, and those who don't keep to the rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "protocol/wire/limits.hpp"
#include "src/transport/zmq_transport.hpp"
#include "tests/contract/transport/raw_peer.hpp"
#include "tests/contract/transport/transport_network.hpp"
#include "tests/support/tcp_line.hpp"

namespace hansa::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(200us);
  }
  return true;
}

ZmqTransportOptions quick(const TransportKeyPair& keys) {
  return {.public_key = keys.public_key,
          .secret_key = keys.secret_key,
          .listen = {"tcp://127.0.0.1:*"},
          .bulk_listen = {"tcp://127.0.0.1:*"},
          .handshake_time = 1000ms,
          .heartbeat_interval = 50ms,
          .silence_max = 300ms,
          .yield = 20ms,
          .redial_longest = 200ms};
}

std::unique_ptr<ZmqTransport> start(const ZmqTransportOptions& options, TransportHandler& handler) {
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

TEST_F(ZmqTransportTest, APortInUseIsSaidInOneSentenceThatNamesIt) {
  start_site();
  auto options = quick(b_keys_);
  options.listen = site_->endpoints(Lane::control);
  const auto second = ZmqTransport::start(options, heard_);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().text, AllOf(HasSubstr(options.listen.front()), HasSubstr("control lane"),
                                         HasSubstr("another process has this port")));
}

TEST_F(ZmqTransportTest, AnEndpointThatMakesNoSenseIsNamed) {
  for (const auto* endpoint : {"ipc:///tmp/x", "tcp://", "tcp://127.0.0.1", "7700", "tcp://127.0.0.1:port"}) {
    auto options = quick(b_keys_);
    options.bulk_listen = {endpoint};
    const auto started = ZmqTransport::start(options, heard_);
    ASSERT_FALSE(started.ok()) << endpoint;
    EXPECT_THAT(started.error().text, AllOf(HasSubstr(endpoint), HasSubstr("bulk lane")));
  }
}

TEST_F(ZmqTransportTest, KeysThatDoNotBelongTogetherAreRefused) {
  auto options = quick(site_keys_);
  options.public_key = b_keys_.public_key;
  EXPECT_FALSE(ZmqTransport::start(options, heard_).ok());
}

TEST_F(ZmqTransportTest, GarbageOnThePortIsCountedAndCut) {
  start_site();
  std::mt19937 random(7);
  for (int i = 0; i < 50; ++i) {
    const int fd = tcp_connect(port_of(endpoint(i % 2 ? Lane::bulk : Lane::control)));
    std::string garbage(1 + random() % 5000, '\0');
    for (auto& byte : garbage) byte = static_cast<char>(random());
    [[maybe_unused]] const auto sent = send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL);
    close(fd);
  }
  EXPECT_TRUE(until([&] { return site_->counters().handshakes_refused_total >= 50; }));
  EXPECT_THAT(heard_.entries(), IsEmpty());
  expect_site_goes_on();
}

TEST_F(ZmqTransportTest, AConnectionThatSaysNothingIsCutAfterAWhile) {
  start_site();
  const int fd = tcp_connect(port_of(endpoint()));
  char buffer[256];
  while (recv(fd, buffer, sizeof buffer, 0) > 0) {  // its greeting, and then the end
  }
  close(fd);
  EXPECT_TRUE(until([&] { return site_->counters().handshakes_refused_total == 1; }));
  expect_site_goes_on();
}

TEST_F(ZmqTransportTest, AGreetingOfZeroMqThatBreaksOffDoesNoHarm) {
  start_site();
  const std::string signature("\xff\0\0\0\0\0\0\0\1\x7f\3\0CURVE", 17);
  for (std::size_t size = 1; size <= signature.size(); ++size) {
    const int fd = tcp_connect(port_of(endpoint()));
    ASSERT_EQ(send(fd, signature.data(), size, MSG_NOSIGNAL), static_cast<ssize_t>(size));
    close(fd);
  }
  EXPECT_TRUE(until([&] { return site_->counters().handshakes_refused_total >= signature.size(); }));
  expect_site_goes_on();
}

TEST_F(ZmqTransportTest, AStrangerIsRefusedCountedAndNoticed) {
  std::mutex mutex;
  std::string noticed;
  auto options = quick(site_keys_);
  options.notice = [&](const std::string& text) {
    const std::scoped_lock lock(mutex);
    noticed = text;
  };
  site_ = start(options, heard_);
  RawPeer stranger(endpoint(), make_transport_keys(), site_keys_.public_key);
  stranger.send(hello());
  EXPECT_TRUE(until([&] { return site_->counters().handshakes_refused_total >= 1; }));
  EXPECT_THAT(heard_.entries(), IsEmpty());
  const std::scoped_lock lock(mutex);
  EXPECT_THAT(noticed, AllOf(HasSubstr("127.0.0.1"), HasSubstr("no known peer")));
}

TEST_F(ZmqTransportTest, WhoeverSpeaksInTheClearIsRefused) {
  start_site();
  RawPeer plain(endpoint());
  plain.send(hello());
  EXPECT_TRUE(until([&] { return site_->counters().handshakes_refused_total >= 1; }));
  EXPECT_THAT(heard_.entries(), IsEmpty());
}

TEST_F(ZmqTransportTest, ARoutingIdIsNoName) {
  start_site();
  const auto c_keys = make_transport_keys();
  set_peers({{.site = {"b"}, .key = b_keys_.public_key}, {.site = {"c"}, .key = c_keys.public_key}});
  RawPeer b = raw_b("b");
  ASSERT_TRUE(b.greet());
  RawPeer c(endpoint(), c_keys, site_keys_.public_key, "a");
  ASSERT_TRUE(c.greet());
  c.send(one_frame("I am b, really"));
  ASSERT_TRUE(until([&] { return heard_.has("I am b, really"); }));
  EXPECT_THAT(heard_.frames({"c"}), ElementsAre("I am b, really"));
  EXPECT_THAT(heard_.frames({"b"}), IsEmpty());
}

TEST_F(ZmqTransportTest, AFrameBeforeTheGreetingIsRefused) {
  start_site();
  RawPeer b = raw_b();
  b.send(one_frame("no greeting"));
  EXPECT_TRUE(until([&] { return site_->counters().frames_refused_total >= 1; }));
  EXPECT_THAT(heard_.entries(), IsEmpty());
  expect_site_goes_on();
}

// Whatever breaks the rules on an established connection costs the connection, and nothing else.
class BreachTest : public ZmqTransportTest,
                   public ::testing::WithParamInterface<std::pair<const char*, std::string>> {};

TEST_P(BreachTest, CostsTheConnectionAndNothingElse) {
  start_site();
  RawPeer b = raw_b();
  ASSERT_TRUE(b.greet());
  b.send(GetParam().second);
  EXPECT_TRUE(until([&] { return heard_.count(Recorder::Entry::down) == 1; }));
  EXPECT_EQ(heard_.count(Recorder::Entry::frame), 0u);
  expect_site_goes_on();
}

const std::string frames_head{static_cast<char>(transport::EnvelopeKind::frames), 0, 0, 0, 0};

INSTANTIATE_TEST_SUITE_P(
    Breaches, BreachTest,
    ::testing::Values(std::pair("Empty", std::string()), std::pair("UnknownKind", std::string("\x7f what")),
                      std::pair("WelcomeFromADialler",
                                transport::make_greeting(transport::EnvelopeKind::welcome, Lane::control, 42)),
                      std::pair("HalfALength", frames_head + "\x01"),
                      std::pair("LengthBeyondTheEnd", frames_head + std::string("\xff\xff\xff\x7f", 4) + "short"),
                      std::pair("GoodThenBad", frames_head + std::string("\1\0\0\0", 4) + "x" + "\x05"),
                      std::pair("FrameTooLarge", one_frame(std::string(limits::control_frame_bytes_max + 1, 'x'))),
                      std::pair("MessageTooLarge", one_frame(std::string(8u << 20, 'x')))),
    [](const auto& breach) { return breach.param.first; });

TEST_F(ZmqTransportTest, AMessageInPartsIsABreach) {
  start_site();
  RawPeer b = raw_b();
  ASSERT_TRUE(b.greet());
  b.send(one_frame("first part"), true);
  b.send(one_frame("second part"));
  EXPECT_TRUE(until([&] { return heard_.count(Recorder::Entry::down) == 1; }));
  EXPECT_EQ(heard_.count(Recorder::Entry::frame), 0u);
}

TEST_F(ZmqTransportTest, ARemovedPeerIsNotHeardAnyMoreNorLetInAgain) {
  start_site();
  RawPeer b = raw_b();
  ASSERT_TRUE(b.greet());
  set_peers({});
  ASSERT_TRUE(until([&] { return heard_.count(Recorder::Entry::down) == 1; }));
  for (int i = 0; i < 100; ++i) b.send(one_frame("still here"));
  // Its socket dials again by itself, and is refused.
  EXPECT_TRUE(until([&] { return site_->counters().handshakes_refused_total >= 1; }));
  EXPECT_EQ(heard_.count(Recorder::Entry::frame), 0u);
  EXPECT_FALSE(heard_.is_up({"b"}));
}

TEST_F(ZmqTransportTest, ANewKeyEndsTheOldOne) {
  start_site();
  RawPeer b = raw_b();
  ASSERT_TRUE(b.greet());
  const auto new_keys = make_transport_keys();
  set_peers({{.site = {"b"}, .key = new_keys.public_key}});
  ASSERT_TRUE(until([&] { return heard_.count(Recorder::Entry::down) == 1; }));
  RawPeer renewed(endpoint(), new_keys, site_keys_.public_key);
  ASSERT_TRUE(renewed.greet());
  EXPECT_TRUE(until([&] { return heard_.is_up({"b"}); }));
}

TEST_F(ZmqTransportTest, EndpointsAreTriedInOrderUntilOneAnswers) {
  start_site();
  std::uint16_t closed_port = 0, mute_port = 0;
  close(tcp_listen(closed_port));
  const int mute = tcp_listen(mute_port);  // takes connections and says nothing
  auto options = quick(b_keys_);
  options.listen = options.bulk_listen = {};
  Recorder heard_by_b;
  const auto b = start(options, heard_by_b);
  auto address = site_address();
  address.endpoints.insert(address.endpoints.begin(),
                           {"ipc:///nowhere", "tcp://127.0.0.1:" + std::to_string(closed_port),
                            "tcp://127.0.0.1:" + std::to_string(mute_port)});
  b->set_peers({address});
  EXPECT_TRUE(until([&] { return heard_by_b.is_up({"a"}); }));
  close(mute);
}

TEST_F(ZmqTransportTest, AHostNameIsDialledAtEachOfItsAddresses) {
  start_site();
  auto options = quick(b_keys_);
  options.listen = options.bulk_listen = {};
  Recorder heard_by_b;
  const auto b = start(options, heard_by_b);
  auto address = site_address();
  address.endpoints = {"tcp://no-such-host.invalid:7700",
                       "tcp://localhost:" + std::to_string(port_of(endpoint()))};  // which may be ::1 first
  b->set_peers({address});
  EXPECT_TRUE(until([&] { return heard_by_b.is_up({"a"}); }));
}

TEST_F(ZmqTransportTest, WhatWasSentBeforeAnOrderlyEndStillArrives) {
  start_site();
  for (int i = 0; i < 2; ++i) {  // the side that dialled, and the side that was dialled
    Recorder heard_by_b;
    auto options = quick(b_keys_);
    if (i == 0) options.listen = options.bulk_listen = {};
    auto b = start(options, heard_by_b);
    PeerAddress address = site_address();
    if (i == 1) {
      address.endpoints = address.bulk_endpoints = {};
      set_peers({{.site = {"b"}, .key = b_keys_.public_key, .endpoints = b->endpoints(Lane::control)}});
    }
    b->set_peers({address});
    ASSERT_TRUE(until([&] { return heard_.is_up({"b"}) && heard_by_b.is_up({"a"}); }));
    for (int n = 0; n < 1000; ++n) ASSERT_TRUE(b->send({"a"}, Lane::control, "word"));
    b->send({"a"}, Lane::control, "goodbye" + std::to_string(i));
    b.reset();
    EXPECT_TRUE(until([&] { return heard_.has("goodbye" + std::to_string(i)); }))
        << i << ": " << heard_.count(Recorder::Entry::frame) << " frames came, dropped "
        << site_->counters().frames_dropped_total << ", refused " << site_->counters().frames_refused_total;
    ASSERT_TRUE(until([&] { return !heard_.is_up({"b"}); }));
  }
}

TEST_F(ZmqTransportTest, ADeadLineIsNoticedAndWhatWaitedForItIsDropped) {
  start_site();
  TcpLine line(port_of(endpoint()));
  auto options = quick(b_keys_);
  options.listen = options.bulk_listen = {};
  Recorder heard_by_b;
  const auto b = start(options, heard_by_b);
  auto address = site_address();
  address.endpoints = {line.endpoint()};
  b->set_peers({address});
  ASSERT_TRUE(until([&] { return heard_.is_up({"b"}) && heard_by_b.is_up({"a"}); }));
  line.freeze();
  while (b->send({"a"}, Lane::control, "probe" + std::string(60'000, '.'))) {
  }
  while (site_->send({"b"}, Lane::control, "probe" + std::string(60'000, '.'))) {
  }
  ASSERT_TRUE(until([&] { return !heard_.is_up({"b"}) && !heard_by_b.is_up({"a"}); }));
  const auto before = heard_.frames({"b"}).size(), before_b = heard_by_b.frames({"a"}).size();
  line.thaw();
  ASSERT_TRUE(until([&] { return b->send({"a"}, Lane::control, "new") && heard_.has("new"); }));
  ASSERT_TRUE(until([&] { return site_->send({"b"}, Lane::control, "new") && heard_by_b.has("new"); }));
  auto after = heard_.frames({"b"}), after_b = heard_by_b.frames({"a"});
  after.erase(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(before));
  after_b.erase(after_b.begin(), after_b.begin() + static_cast<std::ptrdiff_t>(before_b));
  EXPECT_THAT(after, Each(std::string("new")));
  EXPECT_THAT(after_b, Each(std::string("new")));
}

}  // namespace
}  // namespace hansa::test
