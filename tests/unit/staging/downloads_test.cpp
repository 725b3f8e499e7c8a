#include <gtest/gtest.h>

#include "src/staging/chunk.hpp"
#include "src/staging/downloads.hpp"

namespace hansa::staging {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SiteName a{"a"}, b{"b"};

ContentHash chunk(int number) {
  return chunk_hash("chunk " + std::to_string(number));
}
std::vector<ContentHash> chunks(int from, int to) {
  std::vector<ContentHash> hashes;
  for (int i = from; i < to; ++i) hashes.push_back(chunk(i));
  return hashes;
}
TransferKey inputs(std::uint64_t job) {
  return {{.job = {.number = job}, .epoch = {1}}, BundleSide::inputs};
}

struct Asking : ::testing::Test {
  Downloads downloads{DownloadOptions{.window_per_peer = 4, .window_total = 6}};
  Instant now{seconds(100)};

  void answer(const Downloads::Ask& ask) {
    ASSERT_TRUE(downloads.answered(ask.peer, ask.get.hash, now));
    downloads.arrived(ask.get.hash);
  }
};

TEST_F(Asking, KeepsAWindowInFlightAndFillsItAsAnswersCome) {
  downloads.want(inputs(1), a, chunks(0, 10));
  const auto first = downloads.due(now);
  EXPECT_EQ(first.size(), 4u);
  EXPECT_TRUE(downloads.due(now).empty());
  answer(first[0]);
  EXPECT_EQ(downloads.due(now).size(), 1u);
}

TEST_F(Asking, NeverHasMoreInFlightThanMemoryAllows) {
  downloads.want(inputs(1), a, chunks(0, 10));
  downloads.want(inputs(2), b, chunks(10, 20));
  EXPECT_EQ(downloads.due(now).size(), 6u);
  EXPECT_EQ(downloads.in_flight(), 6u);
}

TEST_F(Asking, TakesTransfersInTurnSoThatASmallOneDoesNotWait) {
  downloads.want(inputs(1), a, chunks(0, 100));
  downloads.want(inputs(2), a, chunks(100, 101));
  const auto asks = downloads.due(now);
  EXPECT_TRUE(std::any_of(asks.begin(), asks.end(), [](const auto& ask) { return ask.get.hash == chunk(100); }));
}

TEST_F(Asking, FetchesAChunkThatManyWantOnce) {
  for (std::uint64_t job = 1; job <= 5; ++job) downloads.want(inputs(job), a, chunks(0, 2));
  const auto asks = downloads.due(now);
  ASSERT_EQ(asks.size(), 2u);
  ASSERT_TRUE(downloads.answered(a, chunk(0), now));
  EXPECT_EQ(downloads.arrived(chunk(0)).size(), 5u);
  ASSERT_TRUE(downloads.answered(a, chunk(1), now));
  for (const auto& arrival : downloads.arrived(chunk(1))) EXPECT_TRUE(arrival.complete);
  EXPECT_FALSE(downloads.has(inputs(1)));
  EXPECT_FALSE(downloads.deadline());
}

TEST_F(Asking, AsksForTheOthersWhenTheOneWhoAskedIsDropped) {
  downloads.want(inputs(1), a, chunks(0, 1));
  downloads.want(inputs(2), a, chunks(0, 1));
  EXPECT_EQ(downloads.due(now).size(), 1u);
  downloads.drop(inputs(1));
  const auto asks = downloads.due(now);
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].get.run, inputs(2).run);
}

TEST_F(Asking, AsksAgainWhenTheConnectionCameBack) {
  downloads.want(inputs(1), a, chunks(0, 4));
  EXPECT_EQ(downloads.due(now).size(), 4u);
  downloads.link(a, false, now);
  EXPECT_TRUE(downloads.due(now).empty());
  downloads.link(a, true, now);
  const auto again = downloads.due(now);
  ASSERT_EQ(again.size(), 4u);
}

TEST_F(Asking, AsksASilentPeerAgainWithoutEndButEverMoreRarely) {
  downloads.want(inputs(1), a, chunks(0, 1));
  std::vector<Duration> gaps;
  auto last = now;
  for (int i = 0; i < 12; ++i) {
    while (downloads.due(now).empty()) now = std::max(now, *downloads.deadline());
    gaps.push_back(now - last);
    last = now;
  }
  EXPECT_GT(gaps[5], gaps[2]);
  EXPECT_LE(gaps.back(), seconds(60) + seconds(30));
}

TEST_F(Asking, BacksOffWhenNothingCanBeSent) {
  downloads.want(inputs(1), a, chunks(0, 2));
  for (const auto& ask : downloads.due(now)) downloads.not_sent(ask, now);
  EXPECT_TRUE(downloads.due(now).empty());
  ASSERT_TRUE(downloads.deadline());
  now = *downloads.deadline();
  EXPECT_EQ(downloads.due(now).size(), 2u);
}

TEST_F(Asking, NoticesALostAnswerWhenLaterOnesOvertakeIt) {
  downloads.want(inputs(1), a, chunks(0, 50));
  const auto lost = downloads.due(now).front();
  std::size_t asked_again = 0;
  for (int i = 0; i < 12 && asked_again == 0; ++i) {
    for (int j = 0; j < 50; ++j) {
      const auto hash = chunk(j);
      if (hash != lost.get.hash && downloads.answered(a, hash, now)) downloads.arrived(hash);
    }
    for (const auto& ask : downloads.due(now)) asked_again += ask.get.hash == lost.get.hash;
  }
  EXPECT_EQ(asked_again, 1u);
}

TEST_F(Asking, LearnsHowLongAPeerTakesAndWaitsAccordingly) {
  downloads.want(inputs(1), a, chunks(0, 10));
  const auto first = downloads.due(now);
  now += milliseconds(10);
  answer(first[0]);
  (void)downloads.due(now);
  EXPECT_EQ(*downloads.deadline(), first.empty() ? now : Instant(seconds(100)) + seconds(5)) << "the least it waits";
}

TEST_F(Asking, IgnoresAnswersThatNobodyAskedFor) {
  downloads.want(inputs(1), a, chunks(0, 1));
  EXPECT_FALSE(downloads.answered(a, chunk(0), now)) << "not asked yet";
  (void)downloads.due(now);
  EXPECT_FALSE(downloads.answered(b, chunk(0), now)) << "asked of somebody else";
  EXPECT_FALSE(downloads.answered(a, chunk(7), now));
  EXPECT_TRUE(downloads.answered(a, chunk(0), now));
  EXPECT_FALSE(downloads.answered(a, chunk(0), now)) << "twice changes nothing";
}

TEST_F(Asking, AsksAgainForADamagedChunkButNotForEver) {
  downloads.want(inputs(1), a, chunks(0, 1));
  int asked = 0;
  while (true) {
    asked += static_cast<int>(downloads.due(now).size());
    ASSERT_TRUE(downloads.answered(a, chunk(0), now));
    if (!downloads.again(chunk(0))) break;
  }
  EXPECT_EQ(asked, 5);
  EXPECT_TRUE(downloads.give_up(inputs(1), chunk(0)).complete);
  EXPECT_EQ(downloads.in_flight(), 0u);
}

TEST_F(Asking, GivesUpAChunkForOneTransferAlone) {
  downloads.want(inputs(1), a, chunks(0, 2));
  downloads.want(inputs(2), a, chunks(0, 1));
  (void)downloads.due(now);
  ASSERT_TRUE(downloads.answered(a, chunk(0), now));
  EXPECT_FALSE(downloads.give_up(inputs(1), chunk(0)).complete);
  EXPECT_TRUE(downloads.has(inputs(2)));
  const auto asks = downloads.due(now);
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].get.run, inputs(2).run);
}

TEST_F(Asking, PausesAPeerWhenThereIsNoRoom) {
  downloads.want(inputs(1), a, chunks(0, 1));
  (void)downloads.due(now);
  ASSERT_TRUE(downloads.answered(a, chunk(0), now));
  downloads.later(chunk(0), seconds(5), now);
  EXPECT_TRUE(downloads.due(now).empty());
  EXPECT_EQ(*downloads.deadline(), now + seconds(5));
  now += seconds(5);
  EXPECT_EQ(downloads.due(now).size(), 1u);
}

}  // namespace
}  // namespace hansa::staging
