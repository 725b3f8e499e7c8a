#include "src/transport/outbox.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "src/transport/envelope.hpp"

namespace hansa::transport {
namespace {

constexpr OutboxBounds bounds{.frames_max = 4, .bytes_max = 200'000};

TEST(Outbox, RefusesFramesWhileThereIsNoConnection) {
  Outbox outbox(bounds);
  EXPECT_EQ(outbox.push("early"), PushResult::refused);
  outbox.open();
  EXPECT_EQ(outbox.push("in time"), PushResult::first);
  outbox.close();
  EXPECT_EQ(outbox.push("late"), PushResult::refused);
}

TEST(Outbox, WhatWaitsWhenTheConnectionIsLostIsDroppedAndCounted) {
  Outbox outbox(bounds);
  outbox.open();
  outbox.push("one");
  outbox.push("two");
  EXPECT_EQ(outbox.close(), 2u);
  outbox.open();
  EXPECT_TRUE(outbox.take().empty());
}

TEST(Outbox, IsBoundedInFrames) {
  Outbox outbox(bounds);
  outbox.open();
  for (int i = 0; i < 4; ++i) EXPECT_NE(outbox.push("x"), PushResult::refused);
  EXPECT_EQ(outbox.push("x"), PushResult::refused);
  outbox.take();
  EXPECT_NE(outbox.push("x"), PushResult::refused);
}

TEST(Outbox, IsBoundedInBytes) {
  Outbox outbox(bounds);
  outbox.open();
  EXPECT_NE(outbox.push(std::string(150'000, 'x')), PushResult::refused);
  EXPECT_EQ(outbox.push(std::string(60'000, 'x')), PushResult::refused);
  EXPECT_NE(outbox.push(std::string(40'000, 'x')), PushResult::refused);
}

TEST(Outbox, UrgentFramesHaveRoomOfTheirOwnAndLeaveFirst) {
  Outbox outbox(bounds);
  outbox.open();
  while (outbox.push("ordinary") != PushResult::refused) continue;
  EXPECT_NE(outbox.push("urgent", Haste::urgent), PushResult::refused);
  EXPECT_EQ(outbox.push("urgent", Haste::urgent), PushResult::refused);
  const auto taken = outbox.take();
  ASSERT_EQ(taken.size(), 5u);
  EXPECT_EQ(taken.front(), "urgent");
  EXPECT_EQ(taken.back(), "ordinary");
  EXPECT_NE(outbox.push("urgent", Haste::urgent), PushResult::refused);
}

TEST(Outbox, OneAnnouncementStandsForManyFrames) {
  Outbox outbox(bounds);
  outbox.open();
  EXPECT_EQ(outbox.push("one"), PushResult::first);
  EXPECT_EQ(outbox.push("two"), PushResult::queued);
  outbox.heard();
  EXPECT_EQ(outbox.push("three"), PushResult::first);
}

TEST(Outbox, TakesAsManyFramesAsTravelTogether) {
  Outbox outbox({.frames_max = 100, .bytes_max = 1u << 20});
  outbox.open();
  for (int i = 0; i < 3; ++i) outbox.push(std::string(25'000, 'x'));
  outbox.push(std::string(packed_bytes_max * 2, 'y'));
  EXPECT_EQ(outbox.take().size(), 2u);
  EXPECT_EQ(outbox.take().size(), 1u);
  EXPECT_EQ(outbox.take().size(), 1u) << "a frame that is larger than a packed message travels alone";
  EXPECT_TRUE(outbox.take().empty());
}

TEST(Outbox, NothingIsLostBetweenManySendersAndOneReader) {
  constexpr int senders = 4, frames = 20'000;
  Outbox outbox({.frames_max = senders * frames, .bytes_max = 64u << 20});
  outbox.open();
  std::vector<std::thread> threads;
  for (int s = 0; s < senders; ++s)
    threads.emplace_back([&outbox, s] {
      for (int i = 0; i < frames; ++i) outbox.push(std::to_string(s) + ":" + std::to_string(i));
    });
  std::vector<int> next(senders);
  for (int taken = 0; taken < senders * frames;)
    for (const auto& frame : outbox.take()) {
      const auto sender = static_cast<std::size_t>(frame[0] - '0');
      ASSERT_EQ(frame.substr(2), std::to_string(next[sender]++));
      ++taken;
    }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace hansa::transport
