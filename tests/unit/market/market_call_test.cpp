// One call: whom it asks, when it closes, what becomes of each bid.
#include "tests/unit/market/helpers.hpp"

namespace hansa::market_test {
namespace {

TEST_F(MarketTest, AJobIsAwardedToTheBidThatStartsNow) {
  site("taihu", 4, 32);
  place(1, gpus(8), minutes(30));
  EXPECT_LE(*market.deadline(), at(0)) << "calls leave with the next tick";
  const auto sends = tick(0);
  ASSERT_EQ(asked(sends), (std::vector<std::string>{"taihu"}));
  const auto call = call_in(sends);
  EXPECT_TRUE(call.hold);
  EXPECT_EQ(call.count, 1u);
  EXPECT_TRUE(released(hear("taihu", bid(call.call, {1}))).empty());
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.kind, VerdictKind::award);
  EXPECT_EQ(verdict.site.value, "taihu");
  EXPECT_EQ(verdict.store, store_of("taihu"));
  EXPECT_EQ(verdict.bid, bid_id(1));
  EXPECT_FALSE(verdict.was_at_home);
  EXPECT_EQ(market.filed_count(), 0u);
  EXPECT_EQ(market.open_calls(), 0u);
}

TEST_F(MarketTest, AsksTheBestByTheirDigests) {
  site("a-busy", 4, 0, 10'000);
  for (const auto* name : {"b", "c", "d", "e"}) site(name, 4, 32);
  place(1, gpus(8), minutes(600));
  EXPECT_EQ(asked(tick(0)), (std::vector<std::string>{"b", "c", "d", "e"}));
}

TEST_F(MarketTest, ChanceDecidesAmongEquals) {
  for (char name = 'a'; name < 'u'; ++name) site(std::string(1, name), 4, 32);
  std::set<std::string> ever;
  for (std::uint64_t i = 1; i <= 30; ++i) {
    place(i, gpus(8), minutes(60));
    for (const auto& name : asked(tick(static_cast<std::int64_t>(i) * 10'000))) ever.insert(name);
    market.remove(job(i));
    tick(static_cast<std::int64_t>(i) * 10'000 + 1'000);
  }
  EXPECT_GT(ever.size(), 12u);
}

TEST_F(MarketTest, HardWishesAndHealthRuleSitesOutWithAReason) {
  for (const auto* name : {"draining", "excluded", "suspect", "unlinked", "good"}) site(name, 4, 32);
  capacity.learn(at(0), CapacityDigest{.site = {"draining"}, .incarnation = {1}, .version = {99}, .draining = true});
  view.links[{"suspect"}] = {MemberState::suspect, true, milliseconds(1), 0};
  view.links[{"unlinked"}] = {MemberState::alive, false, milliseconds(1), 0};
  auto request = gpus(8);
  request.wishes.excluded = {{"excluded"}};
  place(1, request, minutes(60));
  const auto sends = tick(0);
  ASSERT_EQ(asked(sends), (std::vector<std::string>{"good"}));
  hear("good", Decline{.call = call_in(sends).call, .reason = DeclineReason::policy, .text = "nights only"});
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.kind, VerdictKind::home);
  std::map<std::string, std::string> reasons;
  for (const auto& line : verdict.explanation->sites) reasons[line.site.value] = line.reason;
  EXPECT_EQ(reasons["draining"], "it is draining");
  EXPECT_EQ(reasons["excluded"], "excluded by the job");
  EXPECT_EQ(reasons["suspect"], "it is suspect");
  EXPECT_EQ(reasons["unlinked"], "there is no connection to it");
  EXPECT_EQ(reasons["good"], "policy: nights only");
  EXPECT_EQ(verdict.explanation->sites.front().part, Part::home);
}

TEST_F(MarketTest, ACallClosesWhenAllHaveAnswered) {
  site("a", 4, 32);
  site("b", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  EXPECT_TRUE(hear("a", bid(call, {1}, minutes(5))).empty());
  EXPECT_TRUE(market.take_verdicts().empty());
  const auto sends = hear("b", bid(call, {2}, minutes(2)));
  EXPECT_EQ(only_verdict().bid, bid_id(2));
  EXPECT_EQ(released(sends), (std::vector<BidId>{bid_id(1)}));
}

TEST_F(MarketTest, ASilentSiteIsWaitedForOnlySoLong) {
  site("a", 4, 32);
  site("silent", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  hear("a", bid(call, {1}, minutes(2)));
  EXPECT_EQ(market.deadline(), at(200));
  tick(199);
  EXPECT_TRUE(market.take_verdicts().empty());
  tick(200);
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.bid, bid_id(1));
  const auto& lines = verdict.explanation->sites;
  const auto silent = std::find_if(lines.begin(), lines.end(), [](const auto& l) { return l.site.value == "silent"; });
  EXPECT_EQ(silent->part, Part::asked);
  EXPECT_EQ(silent->reason, "it did not answer in time");
}

TEST_F(MarketTest, WhoWasNotWaitedForIsNotCalledLate) {
  site("quick", 4, 32);
  site("slower", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  hear("quick", bid(call, {1}));
  const auto verdict = only_verdict();
  const auto& lines = verdict.explanation->sites;
  const auto slower = std::find_if(lines.begin(), lines.end(), [](const auto& l) { return l.site.value == "slower"; });
  EXPECT_EQ(slower->part, Part::asked);
  EXPECT_EQ(slower->reason, "others had answered well enough before it did");
}

TEST_F(MarketTest, PatienceIsThreeTimesTheSlowestRoundTrip) {
  site("a", 4, 32);
  site("far", 4, 32);
  view.links[{"far"}] = {MemberState::alive, true, milliseconds(150), 0};
  place(1, gpus(8), minutes(60));
  const auto sends = tick(0);
  EXPECT_EQ(market.deadline(), at(450));
  for (const auto& send : sends) {
    const auto& call = std::get<CallForBids>(send.message);
    EXPECT_EQ(call.answer_by, send.to.value == "far" ? milliseconds(300) : milliseconds(449));
  }
}

TEST_F(MarketTest, ALateBidIsReleased) {
  site("a", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  tick(200);
  EXPECT_EQ(only_verdict().kind, VerdictKind::home);
  EXPECT_EQ(released(hear("a", bid(call, {1, 2}))), (std::vector<BidId>{bid_id(1), bid_id(2)}));
  EXPECT_EQ(released(hear("a", bid({12345}, {3}))), (std::vector<BidId>{bid_id(3)}));
  EXPECT_TRUE(market.take_verdicts().empty());
}

TEST_F(MarketTest, ABidFromASiteThatWasNotAskedIsReleased) {
  site("a", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  EXPECT_EQ(released(hear("stranger", bid(call, {1}))), (std::vector<BidId>{bid_id(1)}));
  EXPECT_TRUE(market.take_verdicts().empty());
}

TEST_F(MarketTest, TheSameBidTwiceChangesNothingAnotherOneIsReleased) {
  site("a", 4, 32);
  site("b", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  hear("a", bid(call, {1}, minutes(1)));
  EXPECT_TRUE(hear("a", bid(call, {1}, minutes(1))).empty());
  EXPECT_EQ(released(hear("a", bid(call, {2}, minutes(1)))), (std::vector<BidId>{bid_id(2)}));
  hear("b", Decline{.call = call});
  EXPECT_EQ(only_verdict().bid, bid_id(1));
}

TEST_F(MarketTest, AStartNowOnASecondModelDoesNotCloseTheCall) {
  site("a", 4, 32);
  site("h", 4, 32, 0, "h800");
  place(1, gpus(8, {"h800", "a100"}), minutes(60));
  const auto call = call_in(tick(0)).call;
  hear("a", bid(call, {1}));
  EXPECT_TRUE(market.take_verdicts().empty());
  auto best = bid(call, {2});
  best.pool = "h800";
  best.model = "nvidia-h800";
  EXPECT_EQ(released(hear("h", best)), (std::vector<BidId>{bid_id(1)}));
  EXPECT_EQ(only_verdict().bid, bid_id(2));
}

TEST_F(MarketTest, WhoPrefersTheCheapestHearsAll) {
  site("a", 4, 32);
  site("b", 4, 32);
  auto request = gpus(8);
  request.wishes.prefer = Prefer::cheapest;
  place(1, request, minutes(60));
  const auto call = call_in(tick(0)).call;
  auto dear = bid(call, {1});
  dear.price_per_hour = 50;
  hear("a", dear);
  EXPECT_TRUE(market.take_verdicts().empty());
  auto cheap = bid(call, {2}, minutes(1));
  cheap.price_per_hour = 5;
  hear("b", cheap);
  EXPECT_EQ(only_verdict().bid, bid_id(2));
}

TEST_F(MarketTest, AnOldBidOrOneOfASuspectIsNotTakenUp) {
  site("a", 4, 32);
  site("b", 4, 32);
  site("c", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  auto brief = bid(call, {1}, seconds(1));
  brief.valid_for = milliseconds(550);
  hear("a", brief);
  hear("b", bid(call, {2}, seconds(2)));
  view.links[{"b"}] = {MemberState::suspect, true, milliseconds(1), 0};
  const auto sends = tick(200);
  EXPECT_EQ(only_verdict().kind, VerdictKind::home);
  EXPECT_EQ(released(sends).size(), 2u);
}

TEST_F(MarketTest, NonsenseInABidDoesNoHarm) {
  site("a", 4, 32);
  place(1, gpus(8), minutes(60));
  auto odd = bid(call_in(tick(0)).call, {1}, seconds(-5));
  odd.tflops = std::numeric_limits<double>::quiet_NaN();
  odd.price_per_hour = -1e300;
  hear("a", odd);
  EXPECT_EQ(only_verdict().kind, VerdictKind::award);
}

TEST_F(MarketTest, TransferOfTheFilesCountsAsWaiting) {
  site("far", 4, 32);
  site("near", 4, 32);
  view.links[{"far"}] = {MemberState::alive, true, milliseconds(1), 1e6};
  view.links[{"near"}] = {MemberState::alive, true, milliseconds(1), 1e8};
  auto request = gpus(8);
  request.bundle_bytes = 1'000'000'000;
  place(1, request, minutes(60));
  const auto call = call_in(tick(0)).call;
  hear("far", bid(call, {1}));  // at once, but a thousand seconds of transfer
  EXPECT_TRUE(market.take_verdicts().empty());
  hear("near", bid(call, {2}, minutes(5)));
  EXPECT_EQ(only_verdict().bid, bid_id(2));
}

TEST_F(MarketTest, EqualJobsAskTogetherAndShareTheBids) {
  site("a", 4, 32);
  site("b", 4, 32);
  const Shared<JobRequest> request = gpus(8);
  for (std::uint64_t i = 1; i <= 6; ++i) place(i, i % 2 == 0 ? request : Shared<JobRequest>(gpus(8)), minutes(60));
  const auto sends = tick(0);
  ASSERT_EQ(sends.size(), 2u);
  EXPECT_EQ(call_in(sends).count, 6u);
  const auto call = call_in(sends).call;
  hear("a", bid(call, {1, 2, 3}));
  const auto after = hear("b", bid(call, {11, 12, 13, 14}));
  const auto verdicts = market.take_verdicts();
  ASSERT_EQ(verdicts.size(), 6u);
  std::set<BidId> used;
  for (const auto& verdict : verdicts) {
    EXPECT_EQ(verdict.kind, VerdictKind::award);
    EXPECT_TRUE(used.insert(verdict.bid).second);
  }
  EXPECT_EQ(released(after), (std::vector<BidId>{bid_id(14)}));
}

TEST_F(MarketTest, WhoGetsNoBidOfASharedCallGoesHome) {
  site("a", 4, 32);
  for (std::uint64_t i = 1; i <= 5; ++i) place(i, gpus(8), minutes(60));
  hear("a", bid(call_in(tick(0)).call, {1, 2}));
  std::map<VerdictKind, int> kinds;
  for (const auto& verdict : market.take_verdicts()) ++kinds[verdict.kind];
  EXPECT_EQ(kinds[VerdictKind::award], 2);
  EXPECT_EQ(kinds[VerdictKind::home], 3);
  EXPECT_EQ(market.filed_count(), 3u);
}

TEST_F(MarketTest, MoreThanACallMayAskForCloseTheirTurnOneAfterTheOther) {
  site("a", 400, 3'200);
  for (std::uint64_t i = 1; i <= 1'500; ++i) place(i, gpus(1), minutes(60));
  auto sends = tick(0);
  EXPECT_EQ(call_in(sends).count, 1'024u);
  std::vector<std::uint64_t> ids(1'024);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = i + 1;
  hear("a", bid(call_in(sends).call, ids));
  EXPECT_EQ(market.take_verdicts().size(), 1'024u);
  sends = tick(1);
  EXPECT_EQ(call_in(sends).count, 476u);
}

TEST_F(MarketTest, AJobThatFitsNowhereElseGoesHomeWithoutAskingAnybody) {
  site("a", 4, 32);
  place(1, gpus(8, {"h800"}), minutes(60));
  EXPECT_TRUE(tick(0).empty());
  const auto verdict = only_verdict();
  EXPECT_EQ(verdict.kind, VerdictKind::home);
  EXPECT_EQ(verdict.explanation->how, "there is no site that could be asked");
}

TEST_F(MarketTest, AnIsolatedSiteAsksNobody) {
  site("a", 4, 32);
  view.is_isolated = true;
  place(1, gpus(8), minutes(60));
  EXPECT_TRUE(tick(0).empty());
  EXPECT_EQ(only_verdict().kind, VerdictKind::home);
}

TEST_F(MarketTest, NobodyIsAskedWhoseDigestIsNoBetterThanHome) {
  site("a", 4, 0, 600);
  site("b", 4, 0, 20);
  place(1, gpus(8), minutes(5));
  EXPECT_EQ(asked(tick(0)), (std::vector<std::string>{"b"}));
  place(2, gpus(4), seconds(10));
  EXPECT_TRUE(tick(1).empty());
}

TEST_F(MarketTest, AHostThatRefusedIsPassedOverForThatJob) {
  site("a", 4, 32);
  site("b", 4, 32);
  market.failed(at(0), job(1), {"a"});
  place(1, gpus(8), minutes(60));
  EXPECT_EQ(asked(tick(0)), (std::vector<std::string>{"b"}));
  place(2, gpus(4), minutes(60));
  EXPECT_EQ(asked(tick(1)), (std::vector<std::string>{"a", "b"}));
}

TEST_F(MarketTest, ASharedCallGivesAJobNoBidOfAHostThatItAvoids) {
  site("a", 4, 32);
  market.failed(at(0), job(1), {"a"});
  place(1, gpus(8), minutes(60));
  place(2, gpus(8), minutes(60));
  hear("a", bid(call_in(tick(0)).call, {1, 2}));
  for (const auto& verdict : market.take_verdicts()) {
    EXPECT_EQ(verdict.kind, verdict.job == job(1) ? VerdictKind::home : VerdictKind::award);
  }
}

TEST_F(MarketTest, AJobRemovedMeanwhileGetsNothingAndItsBidIsReleased) {
  site("a", 4, 32);
  place(1, gpus(8), minutes(60));
  const auto call = call_in(tick(0)).call;
  market.remove(job(1));
  EXPECT_EQ(released(hear("a", bid(call, {1}))), (std::vector<BidId>{bid_id(1)}));
  EXPECT_TRUE(market.take_verdicts().empty());
}

TEST_F(MarketTest, AQuestionHoldsNothingAndAwardsNothing) {
  site("a", 4, 32);
  site("b", 4, 0, 100);
  Effects out;
  market.quote(now_at(0), {5}, gpus(8), HomeOffer{.start = at(0) + minutes(10)}, out);
  ASSERT_EQ(out.send.size(), 2u);
  EXPECT_FALSE(call_in(out.send).hold);
  const auto call = call_in(out.send).call;
  hear("a", bid(call, {}));
  EXPECT_TRUE(market.take_quotes().empty());
  hear("b", Decline{.call = call, .reason = DeclineReason::too_busy});
  EXPECT_TRUE(market.take_verdicts().empty());
  const auto quotes = market.take_quotes();
  ASSERT_EQ(quotes.size(), 1u);
  EXPECT_EQ(quotes[0].quote, (QuoteId{5}));
  const auto& lines = quotes[0].explanation->sites;
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].part, Part::home);
  EXPECT_EQ(lines[0].chosen, 0u);
  for (const auto& line : lines) {
    EXPECT_EQ(line.chosen, line.site.value == "a" ? 1u : 0u);
    EXPECT_EQ(line.reason, line.site.value == "b" ? "too busy" : "");
  }
}

TEST_F(MarketTest, AQuestionThatNobodyCanAnswerIsAnsweredAtOnce) {
  Effects out;
  market.quote(now_at(0), {5}, gpus(8), std::nullopt, out);
  EXPECT_TRUE(out.send.empty());
  EXPECT_EQ(market.take_quotes().size(), 1u);
}

}  // namespace
}  // namespace hansa::market_test
