#include "protocol/wire/session.hpp"

#include <gtest/gtest.h>

#include "protocol/wire/limits.hpp"

namespace hansa {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Instant start{seconds(1000)};

Hello hello(ProtocolVersion oldest, ProtocolVersion newest) {
  return Hello{.protocol = {oldest, newest}};
}
std::string hello_frame(ProtocolVersion oldest, ProtocolVersion newest) {
  return encode_frame(oldest, {hello(oldest, newest)});
}

template <class T>
bool is(const SessionVerdict& verdict) {
  return std::holds_alternative<T>(verdict);
}

Session greeted() {
  Session session;
  EXPECT_TRUE(is<Deliver>(session.receive(start, hello_frame(1, 1))));
  return session;
}

TEST(Session, TwoSitesAgreeOnTheHighestVersionThatBothSpeak) {
  EXPECT_EQ(*negotiate({1, 3}, {2, 5}), 3);
  EXPECT_EQ(*negotiate({2, 5}, {1, 3}), 3);
  EXPECT_EQ(*negotiate({1, 1}, {1, 9}), 1);
}

TEST(Session, WithoutACommonVersionTheRefusalNamesBothRanges) {
  const auto refused = negotiate({1, 2}, {3, 3});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(
      refused.error().text,
      "no common protocol version: this site speaks 1 to 2 and the peer 3; upgrade the one that speaks the older");
}

TEST(Session, NothingIsReadBeforeTheHello) {
  Session session;
  EXPECT_TRUE(is<Drop>(session.receive(start, encode_frame(1, {ProbeNack{1}}))));
  EXPECT_EQ(session.counters().early_frames_total, 1u);
  EXPECT_EQ(session.counters().bad_frames_total, 0u);
  EXPECT_FALSE(session.version().has_value());
}

TEST(Session, NothingButTheHelloIsSaidBeforeThePeersHello) {
  Session session;
  const auto first = decode_frame(session.open(hello(1, 1)));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->messages, std::vector<Message>{hello(1, 1)});
  EXPECT_TRUE(session.seal({ProbeNack{1}}).empty());
}

TEST(Session, AfterTheHelloMessagesGoBothWaysInTheAgreedVersion) {
  Session session({1, 4});
  const auto verdict = session.receive(start, hello_frame(2, 3));
  ASSERT_TRUE(is<Deliver>(verdict));
  EXPECT_EQ(std::get<Deliver>(verdict).messages, std::vector<Message>{hello(2, 3)});
  EXPECT_EQ(session.version(), ProtocolVersion{3});
  const auto frames = session.seal({ProbeNack{1}});
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(decode_frame(frames[0])->version, 3);
  EXPECT_TRUE(is<Deliver>(session.receive(start, encode_frame(3, {ProbeNack{1}}))));
}

// A word that version 1 lacks would make the whole frame unreadable there.
TEST(Session, WhatVersionOneCannotSayIsToldItInItsOwnWords) {
  const Decline slow{.call = CallId{7}, .reason = DeclineReason::slow_down, .retry_after = seconds(3)};
  Session to_new;
  EXPECT_TRUE(is<Deliver>(to_new.receive(start, hello_frame(1, 2))));
  EXPECT_EQ(decode_frame(to_new.seal({slow})[0])->messages, std::vector<Message>{slow});

  Session to_old;
  EXPECT_TRUE(is<Deliver>(to_old.receive(start, hello_frame(1, 1))));
  const auto frame = to_old.seal({slow})[0];
  EXPECT_EQ(frame, encode_frame(1, {Decline{.call = CallId{7}, .reason = DeclineReason::overloaded}}));
  EXPECT_EQ(decode_frame(frame)->version, 1);
}

TEST(Session, AFrameOfAnotherVersionThanAgreedIsBad) {
  auto session = greeted();
  EXPECT_TRUE(is<Drop>(session.receive(start, encode_frame(2, {ProbeNack{1}}))));
  EXPECT_EQ(session.counters().bad_frames_total, 1u);
}

TEST(Session, APeerWithoutACommonVersionIsCutOff) {
  Session session({1, 1});
  const auto verdict = session.receive(start, hello_frame(2, 3));
  ASSERT_TRUE(is<CutOff>(verdict));
  EXPECT_EQ(std::get<CutOff>(verdict).for_how_long, cut_off_for_version);
  EXPECT_FALSE(session.version().has_value());
}

TEST(Session, ANewHelloStartsTheSessionAnew) {
  Session session({1, 2});
  ASSERT_TRUE(is<Deliver>(session.receive(start, hello_frame(1, 1))));
  ASSERT_TRUE(is<Deliver>(session.receive(start, hello_frame(1, 2))));
  EXPECT_EQ(session.version(), ProtocolVersion{2});
}

TEST(Session, ALinkThatComesUpAgainHasToBeGreetedAgain) {
  auto session = greeted();
  session.close();
  EXPECT_TRUE(is<Drop>(session.receive(start, encode_frame(1, {ProbeNack{1}}))));
  EXPECT_TRUE(is<Deliver>(session.receive(start, hello_frame(1, 1))));
  session.open(hello(1, 1));
  EXPECT_TRUE(session.seal({ProbeNack{1}}).empty());
}

TEST(Session, AHelloAnywhereButFirstIsBad) {
  auto session = greeted();
  EXPECT_TRUE(is<Drop>(session.receive(start, encode_frame(1, {ProbeNack{1}, hello(1, 1)}))));
  EXPECT_TRUE(is<Drop>(session.receive(start, encode_frame(1, {hello(1, 1), hello(1, 1)}))));
  EXPECT_EQ(session.counters().bad_frames_total, 2u);
}

TEST(Session, AFewBadFramesAreDroppedAndManyCutThePeerOff) {
  auto session = greeted();
  for (std::size_t i = 1; i < bad_frames_max; ++i) {
    ASSERT_TRUE(is<Drop>(session.receive(start + milliseconds(i), "rubbish")));
  }
  EXPECT_TRUE(is<Deliver>(session.receive(start, encode_frame(1, {ProbeNack{1}}))));
  const auto verdict = session.receive(start + seconds(1), "rubbish");
  ASSERT_TRUE(is<CutOff>(verdict));
  EXPECT_EQ(std::get<CutOff>(verdict).for_how_long, cut_off_for_bad_frames);
  EXPECT_TRUE(is<Drop>(session.receive(start + seconds(2), "rubbish"))) << "counting begins anew";
}

TEST(Session, BadFramesFarApartAreForgiven) {
  auto session = greeted();
  for (std::size_t i = 0; i < 10 * bad_frames_max; ++i) {
    ASSERT_TRUE(is<Drop>(session.receive(start + i * (bad_frames_window / (bad_frames_max - 2)), "rubbish")));
  }
}

TEST(Session, ALongAbsenceOfTheWindowsFirstFrameDoesNotHideABurst) {
  auto session = greeted();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(is<Drop>(session.receive(start, "rubbish")));
  for (std::size_t i = 1; i < bad_frames_max; ++i) {
    ASSERT_TRUE(is<Drop>(session.receive(start + seconds(100), "rubbish"))) << i;
  }
  EXPECT_TRUE(is<CutOff>(session.receive(start + seconds(100), "rubbish")));
}

TEST(Session, UnknownTagsAreCounted) {
  auto session = greeted();
  const std::string newer = "\x92\x01\x92\x7f\xc0";
  EXPECT_TRUE(is<Deliver>(session.receive(start, newer)));
  EXPECT_EQ(session.counters().unknown_tags_total, 1u);
}

TEST(Session, MessagesThatDoNotFitOneFrameGoInSeveralInOrder) {
  auto session = greeted();
  std::vector<Message> messages;
  for (std::uint64_t i = 0; i < 10'000; ++i) messages.push_back(ProbeNack{i});
  messages.push_back(Decline{.text = std::string(3'000'000, 'x')});
  messages.push_back(Decline{.text = std::string(3'000'000, 'y')});
  std::vector<Message> received;
  for (const auto& frame : session.seal(messages)) {
    const auto verdict = session.receive(start, frame);
    ASSERT_TRUE(is<Deliver>(verdict));
    for (const auto& message : std::get<Deliver>(verdict).messages) received.push_back(message);
  }
  EXPECT_EQ(received, messages);
}

TEST(Session, AnAwardWhoseTasksDoNotFitOneFrameGoesInSeveral) {
  auto session = greeted();
  Award award;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    award.tasks.push_back({.run = {.job = {.number = i}}, .payload = EncodedPayload(std::string(1'500'000, 'p'))});
  }
  std::vector<std::uint64_t> came;
  for (const auto& frame : session.seal({award})) {
    EXPECT_LE(frame.size(), limits::control_frame_bytes_max);
    const auto decoded = decode_frame(frame);
    ASSERT_TRUE(decoded.ok()) << decoded.error().text;
    for (const auto& message : decoded->messages) {
      for (const auto& task : std::get<Award>(message).tasks) came.push_back(task.run.job.number);
    }
  }
  EXPECT_EQ(came, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(session.counters().unsendable_total, 0u);
}

TEST(Session, AMessageLargerThanAnyFrameIsLeftOutAndCounted) {
  auto session = greeted();
  const auto frames = session.seal({ProbeNack{1}, Decline{.text = std::string(5'000'000, 'x')}, ProbeNack{2}});
  std::vector<Message> received;
  for (const auto& frame : frames) {
    const auto read = decode_frame(frame);
    ASSERT_TRUE(read.ok());
    received.insert(received.end(), read->messages.begin(), read->messages.end());
  }
  EXPECT_EQ(received, (std::vector<Message>{ProbeNack{1}, ProbeNack{2}}));
  EXPECT_EQ(session.counters().unsendable_total, 1u);
}

}  // namespace
}  // namespace hansa
