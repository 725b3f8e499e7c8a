// Revoke, return, stop and finish at the host: the right column of the contract's table, and what follows an end.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct HostEnd : testing::Test, HostKit {
  const RunKey run = run_of(1, 1);
};

// --- Revoke ---------------------------------------------------------------------------------------------------------

TEST_F(HostEnd, RevokeOfNothingKillsTheLiveBidAndIsAnsweredAtOnce) {
  const auto live = bid();
  revoke(run, RevokeMode::always, live);
  EXPECT_EQ(expect_prompt<Revoked>(out, wujiang).run, run);
  EXPECT_EQ(host.bidder().live_count(), 0u);
  award(run, live);
  expect_prompt<Refused>(out, wujiang);  // an award that comes later finds nothing to stand on
}

TEST_F(HostEnd, RevokeOfNothingWithADeadBidIsAnsweredAtOnce) {
  revoke(run, RevokeMode::always, bid_of(9));
  expect_prompt<Revoked>(out, wujiang);
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(HostEnd, RevokeOfAWaitingRunIsStoredThenSaid) {
  for (const auto mode : {RevokeMode::always, RevokeMode::if_not_started}) {
    const auto key = run_of(mode == RevokeMode::always ? 1 : 2, 1);
    accept(key);
    revoke(key, mode);
    EXPECT_EQ(written(out, key)->state, RunState::revoked);
    EXPECT_EQ(expect_send<Revoked>(out, wujiang).run, key);
    EXPECT_TRUE(out.backend.empty()) << "what was never handed over needs no claim";
  }
}

TEST_F(HostEnd, RevokeOfARunOnItsWayToAStartAsksForTheClaim) {
  confirm_and_issue_start(run);
  revoke(run, RevokeMode::if_not_started);
  EXPECT_EQ(all_of_type<ClaimRun>(out.backend).at(0).run, run);
  EXPECT_TRUE(says_nothing(out));
  event(ClaimDecided{.run = run, .won = true});
  EXPECT_EQ(written(out, run)->state, RunState::revoked);
  expect_send<Revoked>(out, wujiang);
}

TEST_F(HostEnd, RevokeAgainWhileTheClaimIsOpenHasNoAnswerYet) {
  confirm_and_issue_start(run);
  revoke(run);
  revoke(run);
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, ALostClaimMeansThatItHasStarted) {
  confirm_and_issue_start(run);
  revoke(run, RevokeMode::if_not_started);
  event(ClaimDecided{.run = run, .won = false});
  EXPECT_EQ(written(out, run)->state, RunState::started);
  EXPECT_EQ(expect_send<Progress>(out, wujiang).phase, RunPhase::running);
  revoke(run, RevokeMode::if_not_started);
  EXPECT_EQ(expect_send<Progress>(out, wujiang).phase, RunPhase::running);
  EXPECT_TRUE(out.backend.empty()) << "a run that has started is not touched by 'if not started'";
}

TEST_F(HostEnd, AStartThatFailsWhileTheClaimIsOpenLeavesTheClaimToDecide) {
  confirm_and_issue_start(run);
  revoke(run);
  event(StartFailed{.run = run, .claim_lost = true});
  EXPECT_TRUE(does_nothing(out));
  event(ClaimDecided{.run = run, .won = true});
  expect_send<Revoked>(out, wujiang);
}

TEST_F(HostEnd, AStartReportedWhileTheClaimIsOpenWins) {
  confirm_and_issue_start(run);
  revoke(run);
  event(RunStarted{.run = run});
  EXPECT_EQ(state(run), RunState::started);
  event(ClaimDecided{.run = run, .won = false});
  EXPECT_EQ(state(run), RunState::started);
  revoke(run);
  EXPECT_EQ(all_of_type<StopRun>(out.backend).size(), 1u) << "the revoke that comes again stops it";
}

TEST_F(HostEnd, RevokeOfAStartedRunIsDecidedOnDiskThenStopsItThenSaysFinished) {
  start(run);
  revoke(run);
  EXPECT_TRUE(written(out, run)->stopping);
  EXPECT_EQ(all_of_type<StopRun>(out.backend).at(0).run, run);
  EXPECT_TRUE(durable<Finished>(out, wujiang).empty());
  revoke(run);
  EXPECT_TRUE(does_nothing(out)) << "being stopped: no answer yet";
  end(run, {.state = FinalState::cancelled, .usage = {.elapsed = seconds(3)}});
  EXPECT_TRUE(durable<Finished>(out, wujiang).empty()) << "its outputs are collected first";
  EXPECT_EQ(all_of_type<CollectOutputs>(out.staging).size(), 1u);
  event(OutputsCollected{.run = run});
  const auto finished = expect_send<Finished>(out, wujiang);
  EXPECT_EQ(finished.outcome.state, FinalState::cancelled);
  EXPECT_EQ(finished.outcome.usage.elapsed, seconds(3));
  EXPECT_EQ(written(out, run)->state, RunState::finished);
}

TEST_F(HostEnd, RevokeOfARunThatIsOverIsAnsweredAsItsRecordStands) {
  accept(run_of(1, 1));
  revoke(run_of(1, 1));
  revoke(run_of(1, 1));
  expect_send<Revoked>(out, wujiang);
  EXPECT_TRUE(out.persist.empty());

  confirm(run_of(2, 1));
  did([&] { host.give_back(now, run_of(2, 1), ReturnReason::drained, "drained", out); });
  revoke(run_of(2, 1));
  expect_send<Return>(out, wujiang);

  finish(run_of(3, 1));
  revoke(run_of(3, 1));
  expect_send<Finished>(out, wujiang);
}

TEST_F(HostEnd, RevokeFromAnotherSiteIsIgnored) {
  start(run);
  hear(suzhou, Revoke{.run = run});
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, RevokeOfARunWhoseOutputsAreCollectedHasNoAnswerYet) {
  start(run);
  end(run);
  revoke(run);
  EXPECT_TRUE(does_nothing(out));
  event(OutputsCollected{.run = run});
  EXPECT_EQ(expect_send<Finished>(out, wujiang).outcome.state, FinalState::completed);
}

// --- Return ---------------------------------------------------------------------------------------------------------

TEST_F(HostEnd, AWaitingRunIsGivenBackStoredThenSaid) {
  confirm(run);
  did([&] { host.give_back(now, run, ReturnReason::drained, "drained", out); });
  EXPECT_EQ(written(out, run)->state, RunState::returned);
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::drained);
  did([&] { host.give_back(now, run, ReturnReason::drained, "drained", out); });
  EXPECT_TRUE(does_nothing(out)) << "twice changes nothing";
}

TEST_F(HostEnd, ARunOnItsWayToAStartIsGivenBackByTheClaimOnly) {
  confirm_and_issue_start(run);
  did([&] { host.give_back(now, run, ReturnReason::drained, "drained", out); });
  EXPECT_EQ(all_of_type<ClaimRun>(out.backend).size(), 1u);
  EXPECT_TRUE(says_nothing(out));
  event(ClaimDecided{.run = run, .won = true});
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::drained);
}

TEST_F(HostEnd, AStartedRunIsNotGivenBack) {
  start(run);
  did([&] { host.give_back(now, run, ReturnReason::drained, "drained", out); });
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, AStartThatFailsIsReturnedWithItsReason) {
  confirm_and_issue_start(run);
  event(StartFailed{.run = run, .text = "no such user"});
  const auto back = expect_send<Return>(out, wujiang);
  EXPECT_EQ(back.reason, ReturnReason::start_failed);
  EXPECT_EQ(back.text, "no such user");
  event(StartFailed{.run = run, .text = "no such user"});
  EXPECT_TRUE(does_nothing(out)) << "twice changes nothing";
}

TEST_F(HostEnd, InputsThatNeverComeReturnTheRun) {
  request.bundle_bytes = 10;
  confirm(run);
  EXPECT_FALSE(host.is_ready(*host.find(run), now.instant));
  event(InputsFailed{.run = run, .text = "a chunk is gone"});
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::staging_failed);
}

TEST_F(HostEnd, ReturnIsRepeatedUntilAcknowledged) {
  confirm(run);
  did([&] { host.give_back(now, run, ReturnReason::drained, "drained", out); });
  pass(seconds(20));
  EXPECT_GE(durable<Return>(out, wujiang).size(), 3u);
  hear(suzhou, ReturnAck{.run = run});
  EXPECT_TRUE(does_nothing(out)) << "only its origin acknowledges";
  hear(wujiang, ReturnAck{.run = run});
  EXPECT_TRUE(written(out, run)->answered);
  hear(wujiang, ReturnAck{.run = run});
  EXPECT_TRUE(does_nothing(out));
  pass(minutes(5));
  EXPECT_TRUE(says_nothing(out));
}

// --- Finished -------------------------------------------------------------------------------------------------------

TEST_F(HostEnd, ARunLivesFromConfirmToFinished) {
  confirm(run);
  issue_start(run);
  const auto start = all_of_type<StartRun>(out.backend).at(0);
  EXPECT_EQ(start.allocation, two_nodes());
  EXPECT_FALSE(start.under_lease);
  EXPECT_EQ(written(out, run)->allocation, two_nodes()) << "where it starts is on disk before it starts";
  event(RunStarted{.run = run, .at = {5}});
  EXPECT_EQ(written(out, run)->state, RunState::started);
  EXPECT_EQ(expect_send<Progress>(out, wujiang).where, "cpu[3,4]");
  end(run, {.state = FinalState::failed, .exit = {.code = 3}});
  EXPECT_TRUE(durable<Finished>(out, wujiang).empty());
  event(OutputsCollected{.run = run, .bytes = 7, .problem = "a link was left out"});
  const auto finished = expect_send<Finished>(out, wujiang);
  EXPECT_EQ(finished.outcome.exit.code, 3);
  EXPECT_EQ(finished.outcome.output_bytes, 7u);
  EXPECT_EQ(finished.outcome.reason, "a link was left out");
  EXPECT_EQ(written(out, run)->state, RunState::finished);
}

TEST_F(HostEnd, NothingStartsThatIsNotConfirmed) {
  accept(run);
  issue_start(run);
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, NothingStartsBeforeItsFilesAreHere) {
  request.bundle_bytes = 10;
  confirm(run);
  issue_start(run);
  EXPECT_TRUE(out.backend.empty());
  event(InputsReady{.run = run});
  issue_start(run);
  EXPECT_EQ(all_of_type<StartRun>(out.backend).size(), 1u);
}

TEST_F(HostEnd, ARunIsHandedToTheBackendOnce) {
  confirm_and_issue_start(run);
  issue_start(run);
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, EventsThatComeTwiceChangeNothing) {
  start(run);
  event(RunStarted{.run = run});
  EXPECT_TRUE(does_nothing(out));
  end(run);
  end(run);
  EXPECT_TRUE(does_nothing(out));
  event(OutputsCollected{.run = run});
  event(OutputsCollected{.run = run});
  EXPECT_TRUE(does_nothing(out));
  end(run);
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, EventsOfAnUnknownRunAreIgnored) {
  event(RunStarted{.run = run});
  end(run);
  event(StartFailed{.run = run});
  event(ClaimDecided{.run = run, .won = true});
  event(RunFound{.run = run});
  event(OutputsCollected{.run = run});
  event(InputsReady{.run = run});
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, FinishedIsRepeatedUntilAcknowledgedByItsOrigin) {
  finish(run);
  pass(seconds(20));
  EXPECT_GE(durable<Finished>(out, wujiang).size(), 3u);
  hear(suzhou, FinishedAck{.run = run});
  EXPECT_TRUE(does_nothing(out));
  hear(wujiang, FinishedAck{.run = run});
  EXPECT_TRUE(written(out, run)->answered);
  hear(wujiang, FinishedAck{.run = run});
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostEnd, OutputsAckLetsTheFilesGo) {
  finish(run);
  hear(wujiang, FinishedAck{.run = run});
  hear(suzhou, OutputsAck{.run = run});
  EXPECT_TRUE(does_nothing(out));
  hear(wujiang, OutputsAck{.run = run});
  EXPECT_FALSE(written(out, run)->outputs_kept);
  EXPECT_EQ(all_of_type<DropRunFiles>(out.staging).size(), 1u);
  hear(wujiang, OutputsAck{.run = run});
  EXPECT_TRUE(does_nothing(out));
}

// --- What goes when -------------------------------------------------------------------------------------------------

TEST_F(HostEnd, AnUnansweredRecordNeverGoesByTime) {
  finish(run_of(1, 1));
  confirm(run_of(2, 1));
  did([&] { host.give_back(now, run_of(2, 1), ReturnReason::drained, "", out); });
  accept(run_of(3, 1));
  pass(std::chrono::hours(20));
  EXPECT_TRUE(all_of_type<DropRun>(out.persist).empty());
  EXPECT_EQ(host.runs().size(), 3u);
}

TEST_F(HostEnd, AnAcknowledgedOrRevokedRecordGoesAfterTheRetentionTime) {
  finish(run_of(1, 1));
  hear(wujiang, FinishedAck{.run = run_of(1, 1)});
  accept(run_of(2, 1));
  revoke(run_of(2, 1));
  pass(minutes(9));
  EXPECT_EQ(host.runs().size(), 2u);
  pass(minutes(2));
  EXPECT_EQ(all_of_type<DropRun>(out.persist).size(), 2u);
  EXPECT_EQ(all_of_type<ForgetRun>(out.backend).size(), 2u);
  EXPECT_TRUE(host.runs().empty());
  EXPECT_FALSE(host.deadline());
}

// --- What membership says -------------------------------------------------------------------------------------------

TEST_F(HostEnd, ProgressIsSaidAgainWhenTheOriginIsBack) {
  start(run);
  did([&] { host.origin_reachable(now, wujiang, out); });
  EXPECT_EQ(expect_send<Progress>(out, wujiang).phase, RunPhase::running);
  did([&] { host.origin_reachable(now, suzhou, out); });
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(HostEnd, AnUnconfirmedRunSaysNoProgress) {
  request.bundle_bytes = 10;
  accept(run);
  event(InputsProgress{.run = run, .bytes = 3});
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(HostEnd, AnOriginThatComesBackIsToldSoonAgain) {
  finish(run);
  pass(minutes(2));
  did([&] { host.origin_reachable(now, wujiang, out); });
  pass(seconds(1));
  EXPECT_EQ(durable<Finished>(out, wujiang).size(), 1u);
}

TEST_F(HostEnd, AnOriginWithANewStoreLosesItsUnconfirmedRunsAndTheOthersRunOn) {
  accept(run_of(1, 1));
  start(run_of(2, 1));
  did([&] { host.origin_store_changed(now, wujiang, store_of(77), out); });
  EXPECT_EQ(state(run_of(1, 1)), RunState::revoked);
  EXPECT_EQ(state(run_of(2, 1)), RunState::started);
  EXPECT_TRUE(out.backend.empty());
  did([&] { host.origin_store_changed(now, wujiang, store_of(1), out); });
  EXPECT_TRUE(does_nothing(out)) << "the store that it is from changes nothing";
}

TEST_F(HostEnd, AJobHasBusinessHereUntilItsRunIsOverAndAnswered) {
  EXPECT_FALSE(host.has_business_with(job_of(1)));
  start(run);
  EXPECT_TRUE(host.has_business_with(job_of(1)));
  end(run);
  event(OutputsCollected{.run = run});
  EXPECT_TRUE(host.has_business_with(job_of(1)));
  hear(wujiang, FinishedAck{.run = run});
  EXPECT_FALSE(host.has_business_with(job_of(1)));
}

}  // namespace
}  // namespace hansa::test
