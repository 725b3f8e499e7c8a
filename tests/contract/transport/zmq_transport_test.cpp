// What ZmqTransport does with ports, keys, endpoints and dead lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/transport/zmq_site.hpp"
#include "tests/support/tcp_line.hpp"

namespace hansa::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;

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
