// What ZmqTransport does with strangers, garbage, and those who don't keep to the rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <random>

#include "protocol/wire/limits.hpp"
#include "tests/contract/transport/zmq_site.hpp"
#include "tests/support/tcp_line.hpp"

namespace hansa::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace hansa::test
