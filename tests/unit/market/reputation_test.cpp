// Promises: what counts as kept and broken, what it costs, and how a choice of bids weighs it.
#include <cmath>
#include <limits>

#include "protocol/market/promises.hpp"
#include "tests/unit/market/helpers.hpp"

namespace hansa::market_test {
namespace {

using std::chrono::hours;

const SiteName taihu{"taihu"};

class PromisesTest : public testing::Test {
 protected:
  // Awarded at 0 s, to start there after so long.
  void promise(std::uint64_t number, Duration start) {
    promises.made(at(0), job(number), {.site = taihu, .start = at(0) + start});
  }
  PromiseCounts counts(Instant now) { return promises.reputation().counts(now, taihu); }
  double delay_s(Instant now) { return hansa::seconds(promises.reputation().expected_delay(now, taihu)); }
  std::vector<JobId> overdue_at(Instant now, bool heard = true) {
    return promises.take_overdue(now, [&](const SiteName&) { return heard; });
  }

  Promises promises{{}, {}};
};

TEST_F(PromisesTest, AStrangerOwesNothing) {
  EXPECT_EQ(counts(at(0)), PromiseCounts{});
  EXPECT_EQ(delay_s(at(0)), 0);
}

TEST_F(PromisesTest, ARunThatStartsInTimeAndEndsIsTwoPromisesKept) {
  promise(1, seconds(10));
  promises.started(at(12'000), job(1), taihu, at(12'000));
  promises.ended(at(20'000), job(1), taihu);
  EXPECT_NEAR(counts(at(20'000)).kept, 2, 0.01);
  EXPECT_EQ(counts(at(20'000)).broken, 0);
  EXPECT_EQ(delay_s(at(20'000)), 0);
  EXPECT_FALSE(promises.deadline());
}

TEST_F(PromisesTest, AStartThatIsToldTwiceCountsOnce) {
  promise(1, seconds(0));
  promises.started(at(1'000), job(1), taihu, at(1'000));
  promises.started(at(2'000), job(1), taihu, at(1'000));
  EXPECT_NEAR(counts(at(2'000)).kept, 1, 0.01);
}

TEST_F(PromisesTest, WordOfAStartMayComeLateWhenTheStartWasInTime) {
  promise(1, seconds(10));
  EXPECT_TRUE(overdue_at(at(60'000), false).empty()) << "its host is not heard of: who knows";
  promises.started(at(500'000), job(1), taihu, at(11'000));
  EXPECT_NEAR(counts(at(500'000)).kept, 1, 0.01);
  EXPECT_EQ(counts(at(500'000)).broken, 0);
}

TEST_F(PromisesTest, ARunThatDoesNotStartIsOverdueAndCostsMoreTheLongerItLasts) {
  promise(1, seconds(10));
  EXPECT_TRUE(overdue_at(at(39'000)).empty());
  EXPECT_EQ(overdue_at(at(43'000)), std::vector<JobId>{job(1)});
  EXPECT_NEAR(counts(at(43'000)).broken, 1, 0.01);
  const auto soon = delay_s(at(43'000));
  EXPECT_NEAR(soon, 33.0 / 2, 0.5) << "33 s late, for two promises that it is taken to have kept";
  EXPECT_EQ(overdue_at(at(80'000)), std::vector<JobId>{job(1)});
  EXPECT_NEAR(counts(at(80'000)).broken, 1, 0.01) << "one promise is broken once";
  EXPECT_GT(delay_s(at(80'000)), soon);
}

TEST_F(PromisesTest, AnOverdueJobIsExpectedToWaitAsLongAgainAsTheWorstOfItsHostHas) {
  promise(1, seconds(0));
  promises.made(at(20'000), job(2), {.site = taihu, .start = at(20'000)});
  EXPECT_FALSE(promises.overdue(at(20'000), job(1)));
  overdue_at(at(60'000));
  ASSERT_TRUE(promises.overdue(at(60'000), job(1)));
  EXPECT_EQ(promises.overdue(at(60'000), job(1))->start, at(120'000));
  EXPECT_EQ(promises.overdue(at(60'000), job(2))->start, at(120'000));
  promises.drop(job(1));
  EXPECT_EQ(promises.overdue(at(60'000), job(2))->start, at(100'000));
  promises.started(at(61'000), job(2), taihu, at(61'000));
  EXPECT_FALSE(promises.overdue(at(61'000), job(2)));
}

TEST_F(PromisesTest, ALongWaitMayBeLongerByAQuarter) {
  promise(1, hours(1));
  promises.started(at(4'400'000), job(1), taihu, at(4'400'000));  // 73 of 75 minutes
  EXPECT_NEAR(counts(at(4'400'000)).kept, 1, 0.01);
}

TEST_F(PromisesTest, FilesUnderWayGiveItTenMinutes) {
  promise(1, seconds(0));
  promises.staging(job(1), taihu);
  EXPECT_TRUE(overdue_at(at(590'000)).empty());
  EXPECT_EQ(overdue_at(at(601'000)).size(), 1u);
}

TEST_F(PromisesTest, WhatIsGivenBackCostsTheTimeItWasThere) {
  promise(1, seconds(0));
  promises.broken(at(100'000), job(1), taihu);
  EXPECT_NEAR(delay_s(at(100'000)), 50, 0.1);
  EXPECT_FALSE(promises.deadline());
}

TEST_F(PromisesTest, ALostNodeCostsTheWholeRun) {
  promise(1, seconds(0));
  promises.started(at(1'000), job(1), taihu, at(1'000));
  promises.failed(at(601'000), job(1), taihu, minutes(10));
  EXPECT_NEAR(counts(at(601'000)).lost_seconds, 600, 1);
}

TEST_F(PromisesTest, NothingThatAPeerDoesCostsMoreThanAnHour) {
  for (std::uint64_t i = 1; i <= 100; ++i) promises.failed(at(0), job(i), taihu, forever);
  EXPECT_EQ(delay_s(at(0)), 3'600);
}

TEST_F(PromisesTest, WhoMendedComesBack) {
  promises.failed(at(0), job(1), taihu, minutes(10));
  const auto bad = delay_s(at(0));
  for (std::uint64_t i = 2; i <= 30; ++i) promises.ended(at(0), job(i), taihu);
  EXPECT_LT(delay_s(at(0)), bad / 10) << "by keeping promises";
  EXPECT_LT(delay_s(at(0) + hours(48)), bad / 100) << "and by time";
}

TEST_F(PromisesTest, SomebodyElsesWordAboutAJobCountsForNobody) {
  promise(1, seconds(0));
  promises.started(at(90'000), job(1), {"mallory"}, at(90'000));
  promises.broken(at(90'000), job(7), {"stranger"});
  EXPECT_EQ(counts(at(90'000)), PromiseCounts{});
  EXPECT_EQ(promises.reputation().counts(at(90'000), {"mallory"}), PromiseCounts{});
}

TEST_F(PromisesTest, WhatWasRememberedFadesByTheTimeThatPassedMeanwhile) {
  promises.reputation().restore(at(0), taihu, {.kept = 8, .broken = 2, .lost_seconds = 100}, hours(6));
  EXPECT_NEAR(counts(at(0)).kept, 4, 0.001);
  EXPECT_NEAR(counts(at(0)).lost_seconds, 50, 0.001);
  promises.reputation().restore(at(0), taihu, {.kept = 8}, -hours(600));  // a clock that was set back
  EXPECT_NEAR(counts(at(0)).kept, 8, 0.001);
}

TEST_F(PromisesTest, WhatAFileSaysThatCannotBeIsNothing) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  promises.reputation().restore(at(0), taihu, {.kept = nan, .broken = -3, .lost_seconds = nan}, hours(0));
  EXPECT_EQ(counts(at(0)), PromiseCounts{});
}

// --- What the market makes of it.

class WeighedByReputation : public MarketTest {
 protected:
  void SetUp() override {
    site("hai", 4, 32);
    site("mallory", 4, 32);
  }
  // Both bid, mallory as told; who gets it?
  std::string winner(Duration hai_start, Duration mallory_start) {
    place(1, gpus(8), std::nullopt);
    const auto sends = tick(0);
    hear("hai", bid(call_in(sends).call, {1}, hai_start));
    hear("mallory", bid(call_in(sends).call, {2}, mallory_start));
    tick(1'000);
    const auto verdict = only_verdict();
    return verdict.site.value;
  }
};

TEST_F(WeighedByReputation, TheBetterBidOfAPeerThatBreaksItsWordLosesToAnHonestOne) {
  view.delays[{"mallory"}] = seconds(100);
  EXPECT_EQ(winner(seconds(60), seconds(1)), "hai");
}

TEST_F(WeighedByReputation, AndIsTakenWhenItIsBetterByMoreThanItsWordIsWorthLess) {
  view.delays[{"mallory"}] = seconds(100);
  EXPECT_EQ(winner(minutes(10), seconds(1)), "mallory");
}

TEST_F(WeighedByReputation, AnAwardSaysWhatWasPromised) {
  place(1, gpus(8), std::nullopt);
  const auto sends = tick(0);
  hear("mallory", bid(call_in(sends).call, {2}, seconds(5)));
  tick(1'000);
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.promise.site, SiteName{"mallory"});
  EXPECT_GE(verdict.promise.start, at(5'000));
  EXPECT_LT(verdict.promise.start, at(7'000));
}

}  // namespace
}  // namespace hansa::market_test
