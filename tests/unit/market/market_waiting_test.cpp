// Jobs that wait: when they are asked for again, and when they move.
#include "tests/unit/market/helpers.hpp"

namespace hansa::market_test {
namespace {

class Waiting : public MarketTest {
 protected:
  // A job that was asked for in vain and waits at home since.
  void wait_at_home(std::uint64_t number, Duration home_wait) {
    place(number, gpus(8), home_wait, true);
    EXPECT_TRUE(tick(time_ms).empty());
  }
  std::vector<Send> better_news(std::int64_t ms, std::uint64_t free = 32) {
    time_ms = ms;
    if (digest("a", free)) market.picture_improved(at(ms));
    return tick(ms);
  }
};

TEST_F(Waiting, IsAskedForWhenGossipCrossesItsNeed) {
  site("a", 4, 0, 7'200);
  wait_at_home(1, minutes(60));
  const auto sends = better_news(5'000);
  ASSERT_EQ(asked(sends), (std::vector<std::string>{"a"}));
  hear("a", bid(call_in(sends).call, {1}));
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.kind, VerdictKind::award);
  EXPECT_TRUE(verdict.was_at_home);
}

TEST_F(Waiting, WhoWasSentHomeIsAtHomeFromThenOn) {
  site("a", 4, 0, 7'200);
  place(1, gpus(8), minutes(60));
  EXPECT_TRUE(tick(0).empty());
  EXPECT_EQ(only_verdict().kind, VerdictKind::home);
  view.home[job(1)] = at(5'000) + minutes(2);  // it stands there with a place of its own
  const auto sends = better_news(5'000);
  hear("a", bid(call_in(sends).call, {1}));
  EXPECT_TRUE(only_verdict().was_at_home);
}

TEST_F(Waiting, IsAskedForAgainNowAndThenWithoutNews) {
  site("a", 4, 32);
  wait_at_home(1, minutes(60));
  EXPECT_EQ(market.deadline(), at(30'000));
  EXPECT_EQ(asked(tick(30'000)).size(), 1u);
}

TEST_F(Waiting, CallsInVainComeAtAPauseThatGrows) {
  site("a", 4, 0, 7'200);
  wait_at_home(1, minutes(600));
  int calls = 0;
  for (std::int64_t ms = 1'000; ms <= 120'000; ms += 100) {
    for (const auto& send : tick(ms)) {
      const auto* call = std::get_if<CallForBids>(&send.message);
      if (call == nullptr) continue;
      ++calls;
      hear("a", Decline{.call = call->call, .reason = DeclineReason::too_busy});
    }
  }
  EXPECT_GE(calls, 5);
  EXPECT_LE(calls, 8) << "at 30 s, then after 1, 2, 4, 8, 16 and 30 s";
  EXPECT_TRUE(market.take_verdicts().empty()) << "who waits has no news to hear";
}

TEST_F(Waiting, AStreamOfNewsMakesAtMostOneCallAnInterval) {
  site("a", 4, 0, 7'200);
  wait_at_home(1, minutes(600));
  int calls = 0;
  for (std::int64_t ms = 1'000; ms < 11'000; ms += 50) {
    for (const auto& send : better_news(ms, 8 + static_cast<std::uint64_t>(ms / 50) % 2 * 8)) {
      const auto* call = std::get_if<CallForBids>(&send.message);
      if (call == nullptr) continue;
      ++calls;
      hear("a", Decline{.call = call->call, .reason = DeclineReason::too_busy});
    }
  }
  EXPECT_GE(calls, 8);
  EXPECT_LE(calls, 11);
}

TEST_F(Waiting, AFreshJobDoesNotRepeatWhatItsLikeJustHeard) {
  site("a", 4, 32);
  place(1, gpus(8), minutes(60));
  hear("a", Decline{.call = call_in(tick(0)).call});
  EXPECT_EQ(only_verdict().kind, VerdictKind::home);
  place(2, gpus(8), minutes(60));
  EXPECT_TRUE(tick(100).empty());
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.kind, VerdictKind::home);
  EXPECT_EQ(verdict.explanation, market.explanation(job(1)));
}

TEST_F(Waiting, WhoWaitedLongerIsServedFirst) {
  site("a", 4, 0, 7'200);
  wait_at_home(1, minutes(60));
  wait_at_home(2, minutes(90));
  place(3, gpus(8), minutes(120));
  const auto sends = better_news(5'000);
  EXPECT_EQ(call_in(sends).count, 3u);
  hear("a", bid(call_in(sends).call, {1}));
  for (const auto& verdict : market.take_verdicts()) {
    EXPECT_EQ(verdict.kind, verdict.job == job(1) ? VerdictKind::award : VerdictKind::home);
    EXPECT_NE(verdict.job, job(2)) << "it waits on and hears nothing";
  }
}

TEST_F(Waiting, WhoStartsSoonAtHomeIsLeftAlone) {
  site("a", 4, 0, 7'200);
  for (std::uint64_t i = 1; i <= 100; ++i) place(i, gpus(8), seconds(i), true);
  tick(0);
  view.home.erase(job(1));  // it runs, and nobody said so yet
  view.home_asked = 0;
  const auto sends = better_news(5'000);
  EXPECT_EQ(call_in(sends).count, 92u) << "those that wait more than the margin of 3 s after these 5 s";
  EXPECT_LT(view.home_asked, 110u);
}

TEST_F(Waiting, MovesOnlyForMoreThanTheMargin) {
  site("a", 4, 0, 7'200);
  wait_at_home(1, seconds(65));
  auto sends = better_news(5'000);
  hear("a", bid(call_in(sends).call, {1}, milliseconds(57'500)));  // 2.5 s sooner
  EXPECT_TRUE(market.take_verdicts().empty());
  EXPECT_EQ(market.filed_count(), 1u);
  better_news(6'000, 8);
  sends = better_news(7'000, 32);
  ASSERT_FALSE(sends.empty());
  hear("a", bid(call_in(sends).call, {2}, milliseconds(54'000)));  // 4 s sooner
  EXPECT_EQ(only_verdict().kind, VerdictKind::award);
}

// The host gives back each time, and looks as good as ever.
TEST_F(Waiting, DoesNotPingPong) {
  site("a", 4, 32);
  int moves = 0;
  for (std::int64_t ms = 0; ms < 3'600'000; ms += 1'000) {
    time_ms = ms;
    if (market.filed_count() == 0) {
      if (moves > 0) market.failed(at(ms), job(1), {"a"});
      place(1, gpus(8), minutes(10), true);
    }
    view.home[job(1)] = at(ms) + minutes(10);
    for (const auto& send : better_news(ms, 16 + static_cast<std::uint64_t>(ms / 1'000) % 2 * 16)) {
      if (const auto* call = std::get_if<CallForBids>(&send.message)) hear("a", bid(call->call, {1}));
    }
    for (const auto& verdict : market.take_verdicts()) moves += verdict.kind == VerdictKind::award ? 1 : 0;
  }
  EXPECT_GE(moves, 5);
  EXPECT_LE(moves, 8) << "3 s doubled eight times is more than the ten minutes to be gained";
}

TEST_F(Waiting, WhatIsForgottenStartsAnew) {
  site("a", 4, 32);
  for (int round = 0; round < 12; ++round) {
    place(1, gpus(8), seconds(60));
    const auto sends = tick(round * 10'000);
    ASSERT_FALSE(sends.empty()) << round;
    hear("a", bid(call_in(sends).call, {1}));
    EXPECT_EQ(only_verdict().kind, VerdictKind::award);
    market.forget(job(1));
  }
}

TEST_F(Waiting, WhoCannotStayIsAskedForAgainUntilSomebodyHasIt) {
  place(1, gpus(8), std::nullopt);
  EXPECT_TRUE(tick(0).empty());
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.kind, VerdictKind::nothing);
  EXPECT_EQ(verdict.explanation->how, "there is no site that could be asked");
  site("a", 4, 32);
  market.picture_improved(at(100));
  const auto sends = tick(100);
  ASSERT_EQ(asked(sends), (std::vector<std::string>{"a"}));
  hear("a", bid(call_in(sends).call, {1}, minutes(500)));
  const auto later = only_verdict();
  EXPECT_EQ(later.kind, VerdictKind::award) << "later than never";
  EXPECT_FALSE(later.was_at_home);
}

TEST_F(Waiting, NothingIsDueWhenNothingIsFiled) {
  EXPECT_FALSE(market.deadline());
  place(1, gpus(8), minutes(1), true);
  EXPECT_TRUE(market.deadline());
  market.forget(job(1));
  tick(30'000);
  EXPECT_FALSE(market.deadline());
}

}  // namespace
}  // namespace hansa::market_test
