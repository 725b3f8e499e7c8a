// A bid is a promise to one caller that dies at its first use.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct BidderTest : testing::Test {
  Bidder bidder;
  CountingIds ids;
  TestClock now;
  Shared<JobRequest> request;

  BidId mint(const SiteName& caller = wujiang) { return bidder.mint(ids, caller, request, now.instant + seconds(10)); }
};

TEST_F(BidderTest, ABidIsLiveForItsCallerOnly) {
  const auto bid = mint();
  EXPECT_TRUE(bidder.is_live(bid, wujiang));
  EXPECT_FALSE(bidder.is_live(bid, suzhou));
}

TEST_F(BidderTest, ABidIsUsedOnceAndOnlyByItsCaller) {
  const auto bid = mint();
  EXPECT_FALSE(bidder.use_up(bid, suzhou));
  EXPECT_TRUE(bidder.use_up(bid, wujiang));
  EXPECT_FALSE(bidder.use_up(bid, wujiang));
  EXPECT_FALSE(bidder.is_live(bid, wujiang));
}

TEST_F(BidderTest, ABidExpires) {
  const auto bid = mint();
  ASSERT_EQ(bidder.deadline(), now.instant + seconds(10));
  bidder.expire(now.instant + seconds(10) - Duration(1));
  EXPECT_TRUE(bidder.is_live(bid, wujiang));
  bidder.expire(now.instant + seconds(10));
  EXPECT_FALSE(bidder.is_live(bid, wujiang));
  EXPECT_FALSE(bidder.deadline());
}

TEST_F(BidderTest, TheDeadAreReportedOnceSoThatWhatWasHeldGoesFree) {
  const auto used = mint();
  const auto expired = mint();
  bidder.use_up(used, wujiang);
  bidder.expire(now.instant + seconds(10));
  EXPECT_EQ(bidder.take_dead(), (std::vector{used, expired}));
  EXPECT_TRUE(bidder.take_dead().empty());
}

TEST_F(BidderTest, LiveBidsAreCountedByCaller) {
  const auto first = mint();
  mint();
  mint(suzhou);
  EXPECT_EQ(bidder.live_count(), 3u);
  EXPECT_EQ(bidder.live_count_of(wujiang), 2u);
  bidder.use_up(first, wujiang);
  EXPECT_EQ(bidder.live_count_of(wujiang), 1u);
  EXPECT_EQ(bidder.live_count_of(taihu), 0u);
}

TEST(Backoff, DoublesUpToItsLast) {
  const Backoff backoff{.first = seconds(1), .last = seconds(5)};
  EXPECT_EQ(backoff.after(0), seconds(1));
  EXPECT_EQ(backoff.after(2), seconds(4));
  EXPECT_EQ(backoff.after(3), seconds(5));
  EXPECT_EQ(backoff.after(4'000'000'000u), seconds(5));
}

TEST(Timers, AreDueInOrderOfTimeThenOfKey) {
  Timers<int> timers;
  timers.set(2, Instant{seconds(5)});
  timers.set(1, Instant{seconds(5)});
  timers.set(3, Instant{seconds(9)});
  timers.set(3, Instant{seconds(4)});
  timers.set(4, Instant{seconds(6)});
  timers.clear(4);
  EXPECT_EQ(timers.next(), Instant{seconds(4)});
  EXPECT_EQ(timers.take_due(Instant{seconds(5)}), (std::vector{3, 1, 2}));
  EXPECT_FALSE(timers.next());
}

}  // namespace
}  // namespace hansa::test
