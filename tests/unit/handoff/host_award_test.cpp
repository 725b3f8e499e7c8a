// Award and Confirm at the host: the left column of the contract's table, row by row.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct HostAward : testing::Test, HostKit {
  const RunKey run = run_of(1, 1);
};

// --- nothing, bid live ----------------------------------------------------------------------------------------------

TEST_F(HostAward, UnderALiveBidIsStoredThenAccepted) {
  award(run, bid());
  EXPECT_EQ(written(out, run)->state, RunState::accepted);
  EXPECT_EQ(written(out, run)->origin, wujiang);
  EXPECT_EQ(all_of_type<PutRunPayload>(out.persist).size(), 1u);
  EXPECT_EQ(expect_send<Accepted>(out, wujiang).run, run);
  EXPECT_TRUE(out.backend.empty()) << "nothing starts before Confirm";
  EXPECT_EQ(host.bidder().live_count(), 0u) << "the bid dies when it is accepted";
}

TEST_F(HostAward, FetchesTheFilesOfAJobThatHasSome) {
  request.bundle_bytes = 1'000;
  award(run, bid());
  EXPECT_EQ(all_of_type<FetchInputs>(out.staging).at(0).origin, wujiang);
}

TEST_F(HostAward, ARefusalBurnsTheBidAndLeavesAtOnce) {
  const auto live = bid();
  award(run, live, wujiang, DeclineReason::draining);
  EXPECT_EQ(expect_prompt<Refused>(out, wujiang).reason, DeclineReason::draining);
  EXPECT_TRUE(out.persist.empty());
  EXPECT_EQ(host.bidder().live_count(), 0u);
  // The same award again meets a dead bid.
  award(run, live);
  EXPECT_EQ(expect_prompt<Refused>(out, wujiang).run, run);
}

TEST_F(HostAward, ALowerEpochThatWaitsIsRevokedInTheSameStep) {
  confirm(run_of(1, 1));
  award(run_of(1, 2), bid());
  EXPECT_EQ(written(out, run_of(1, 1))->state, RunState::revoked);
  EXPECT_EQ(written(out, run_of(1, 2))->state, RunState::accepted);
}

TEST_F(HostAward, ALowerEpochThatRunsIsStoppedFirst) {
  start(run_of(1, 1));
  const auto live = bid();
  award(run_of(1, 2), live);
  EXPECT_EQ(all_of_type<StopRun>(out.backend).at(0).run, run_of(1, 1));
  EXPECT_TRUE(durable<Accepted>(out, wujiang).empty());
  EXPECT_TRUE(host.bidder().is_live(live, wujiang)) << "the award comes again under the same bid";
  end(run_of(1, 1));
  event(OutputsCollected{.run = run_of(1, 1)});
  award(run_of(1, 2), live);
  EXPECT_EQ(expect_send<Accepted>(out, wujiang).run, run_of(1, 2));
}

TEST_F(HostAward, ALowerEpochOnItsWayToAStartIsClaimedFirst) {
  confirm_and_issue_start(run_of(1, 1));
  const auto live = bid();
  award(run_of(1, 2), live);
  EXPECT_EQ(all_of_type<ClaimRun>(out.backend).at(0).run, run_of(1, 1));
  award(run_of(1, 2), live);
  EXPECT_TRUE(does_nothing(out)) << "the claim is asked for once";
  event(ClaimDecided{.run = run_of(1, 1), .won = true});
  award(run_of(1, 2), live);
  EXPECT_EQ(expect_send<Accepted>(out, wujiang).run, run_of(1, 2));
}

TEST_F(HostAward, ALowerEpochThatEndedKeepsItsResultWhileItsOutputsAreCollected) {
  start(run_of(1, 1));
  end(run_of(1, 1), {.state = FinalState::completed});
  const auto live = bid();
  award(run_of(1, 2), live);
  EXPECT_TRUE(out.backend.empty()) << "there is nothing left to stop";
  event(OutputsCollected{.run = run_of(1, 1)});
  EXPECT_EQ(written(out, run_of(1, 1))->outcome->state, FinalState::completed);
}

TEST_F(HostAward, OfALowerEpochThanOneKnownHereIsRefused) {
  accept(run_of(1, 2));
  award(run_of(1, 1), bid());
  expect_prompt<Refused>(out, wujiang);
  EXPECT_EQ(host.bidder().live_count(), 0u);
  EXPECT_EQ(host.find(run_of(1, 1)), nullptr);
}

// --- nothing, bid dead ----------------------------------------------------------------------------------------------

TEST_F(HostAward, UnderADeadBidIsRefused) {
  award(run, bid_of(99));
  expect_prompt<Refused>(out, wujiang);
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(HostAward, UnderSomebodyElsesBidIsRefusedAndTheBidLives) {
  const auto theirs = bid(suzhou);
  award(run, theirs, wujiang);
  expect_prompt<Refused>(out, wujiang);
  EXPECT_TRUE(host.bidder().is_live(theirs, suzhou));
}

TEST_F(HostAward, UnderAnExpiredBidIsRefused) {
  const auto live = bid();
  pass(seconds(11));
  award(run, live);
  expect_prompt<Refused>(out, wujiang);
}

// Units were held and policy was asked for one thing: whoever awards another would have it for nothing.
TEST_F(HostAward, OfAnotherRequestThanTheBidWasMadeForIsRefused) {
  const auto live = bid();
  request.resources.nodes = 40;
  award(run, live);
  EXPECT_EQ(expect_prompt<Refused>(out, wujiang).reason, DeclineReason::policy);
  EXPECT_TRUE(out.persist.empty());
  EXPECT_EQ(host.bidder().live_count(), 0u);
}

TEST_F(HostAward, BidsDieWithTheDaemon) {
  const auto live = bid();
  restart();
  award(run, live);
  expect_prompt<Refused>(out, wujiang);
}

// --- known ----------------------------------------------------------------------------------------------------------

TEST_F(HostAward, TwiceIsAcceptedAgainAndStoredOnce) {
  const auto live = bid();
  award(run, live);
  const auto first = expect_send<Accepted>(out, wujiang).number;
  award(run, live);
  EXPECT_NE(expect_send<Accepted>(out, wujiang).number, first) << "a number is never used before";
  EXPECT_TRUE(out.persist.empty());
  EXPECT_EQ(host.runs().size(), 1u);
}

TEST_F(HostAward, OfAConfirmedOrStartedRunIsAcceptedAgain) {
  confirm(run);
  award(run, bid());
  expect_send<Accepted>(out, wujiang);
  start(run_of(2, 1));
  award(run_of(2, 1), bid());
  expect_send<Accepted>(out, wujiang);
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(HostAward, OfARunBeingStoppedHasNoAnswerYet) {
  start(run);
  revoke(run);
  award(run, bid());
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostAward, OfARunThatIsOverIsAnsweredAsItsRecordStands) {
  accept(run_of(1, 1));
  revoke(run_of(1, 1));
  award(run_of(1, 1), bid());
  EXPECT_EQ(expect_send<Revoked>(out, wujiang).run, run_of(1, 1));

  confirm(run_of(2, 1));
  did([&] { host.give_back(now, run_of(2, 1), ReturnReason::drained, "drained", out); });
  award(run_of(2, 1), bid());
  EXPECT_EQ(expect_send<Return>(out, wujiang).run, run_of(2, 1));

  finish(run_of(3, 1));
  award(run_of(3, 1), bid());
  EXPECT_EQ(expect_send<Finished>(out, wujiang).run, run_of(3, 1));
}

TEST_F(HostAward, OfAnothersRunIsNotAnswered) {
  accept(run);
  award(run, bid(suzhou), suzhou);
  EXPECT_TRUE(does_nothing(out));
}

// --- Confirm --------------------------------------------------------------------------------------------------------

TEST_F(HostAward, ConfirmIsStoredAndTheRunMayStart) {
  confirm(run);
  EXPECT_EQ(written(out, run)->state, RunState::confirmed);
  EXPECT_TRUE(host.is_ready(*host.find(run), now.instant));
  EXPECT_EQ(expect_send<Progress>(out, wujiang).phase, RunPhase::queued);
}

TEST_F(HostAward, ConfirmTwiceChangesNothing) {
  const auto number = accept(run);
  hear(wujiang, Confirm{.run = run, .number = number});
  const auto before = host;
  hear(wujiang, Confirm{.run = run, .number = number});
  EXPECT_TRUE(does_nothing(out));
  EXPECT_EQ(host, before);
}

TEST_F(HostAward, ConfirmOfANumberThatThisDaemonDidNotSendIsDropped) {
  auto number = accept(run);
  hear(wujiang, Confirm{.run = run, .number = {.daemon = daemon_of(8), .count = number.count}});
  EXPECT_TRUE(does_nothing(out));
  hear(wujiang, Confirm{.run = run, .number = {.daemon = number.daemon, .count = number.count + 1}});
  EXPECT_TRUE(does_nothing(out));
  EXPECT_EQ(state(run), RunState::accepted);
}

TEST_F(HostAward, ConfirmFromAnotherSiteIsDropped) {
  const auto number = accept(run);
  hear(suzhou, Confirm{.run = run, .number = number});
  EXPECT_TRUE(does_nothing(out));
  hear(wujiang, Confirm{.run = run, .number = number});
  EXPECT_EQ(state(run), RunState::confirmed) << "the number was still good";
}

TEST_F(HostAward, ConfirmOfARunThatIsOverIsIgnored) {
  const auto number = accept(run);
  revoke(run);
  hear(wujiang, Confirm{.run = run, .number = number});
  EXPECT_TRUE(does_nothing(out));
  EXPECT_EQ(state(run), RunState::revoked);
}

TEST_F(HostAward, AcceptedIsRepeatedUntilConfirmed) {
  accept(run);
  pass(seconds(20));
  EXPECT_GE(durable<Accepted>(out, wujiang).size(), 3u);
  award(run, bid());
  hear(wujiang, Confirm{.run = run, .number = expect_send<Accepted>(out, wujiang).number});
  pass(minutes(5));
  EXPECT_TRUE(durable<Accepted>(out, wujiang).empty());
}

TEST_F(HostAward, AnOwnRunIsConfirmedFromTheStart) {
  did([&] { host.take_own(now, run, request, out); });
  EXPECT_EQ(written(out, run)->state, RunState::confirmed);
  EXPECT_EQ(written(out, run)->origin, taihu);
  EXPECT_TRUE(says_nothing(out));
  EXPECT_TRUE(host.is_ready(*host.find(run), now.instant));
}

TEST_F(HostAward, ReleaseKillsTheBidsOfItsSenderOnly) {
  const auto ours = bid();
  const auto theirs = bid(suzhou);
  hear(wujiang, Release{.bids = {ours, theirs}});
  EXPECT_TRUE(says_nothing(out));
  EXPECT_FALSE(host.bidder().is_live(ours, wujiang));
  EXPECT_TRUE(host.bidder().is_live(theirs, suzhou));
  hear(wujiang, Release{.bids = {ours}});
  EXPECT_EQ(host.bidder().live_count(), 1u) << "released twice changes nothing";
}

}  // namespace
}  // namespace hansa::test
