// After a restart the host asks its backend what became of each run before it answers for it.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct HostRestart : testing::Test, HostKit {
  const RunKey run = run_of(1, 1);
};

TEST_F(HostRestart, LooksForEveryRunThatIsNotOverAndStopsStrays) {
  accept(run_of(1, 1));
  start(run_of(2, 1));
  finish(run_of(3, 1));
  restart();
  const auto looks = all_of_type<LookForRun>(out.backend);
  ASSERT_EQ(looks.size(), 2u);
  EXPECT_EQ(looks[0].run, run_of(1, 1));
  EXPECT_EQ(looks[1].run, run_of(2, 1));
  EXPECT_EQ(all_of_type<StopStrayRuns>(out.backend).at(0).known.size(), 3u);
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(HostRestart, AnswersForNothingBeforeItHasLooked) {
  accept(run_of(1, 1));
  start(run_of(2, 1));
  restart();
  for (const auto& key : {run_of(1, 1), run_of(2, 1)}) {
    revoke(key);
    EXPECT_TRUE(does_nothing(out));
    award(key, bid());
    EXPECT_TRUE(does_nothing(out));
  }
  pass(minutes(5));
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostRestart, DoesNotSpinWhileItWaitsForTheBackendsAnswer) {
  request.on_partition = OnPartition::rerun;
  confirm(run);
  restart(2, 2);  // another boot: the lease is out
  pass(minutes(5));
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostRestart, AcceptedIsSaidAgainWithANumberOfThisDaemon) {
  accept(run);
  restart();
  found(run, FoundState::never_started);
  EXPECT_EQ(expect_send<Accepted>(out, wujiang).number.daemon, daemon_of(2));
}

TEST_F(HostRestart, AConfirmOfTheEarlierDaemonsNumberIsDropped) {
  const auto number = accept(run);
  restart();
  found(run, FoundState::never_started);
  hear(wujiang, Confirm{.run = run, .number = number});
  EXPECT_EQ(state(run), RunState::accepted);
}

TEST_F(HostRestart, AConfirmedRunWaitsOn) {
  confirm(run);
  restart();
  found(run, FoundState::never_started);
  EXPECT_TRUE(host.is_ready(*host.find(run), now.instant));
  EXPECT_TRUE(durable<Accepted>(out, wujiang).empty());
}

TEST_F(HostRestart, FilesAreFetchedAgainForARunThatWaits) {
  request.bundle_bytes = 10;
  confirm(run);
  event(InputsReady{.run = run});
  restart();
  found(run, FoundState::never_started);
  EXPECT_EQ(all_of_type<FetchInputs>(out.staging).size(), 1u);
  EXPECT_FALSE(host.is_ready(*host.find(run), now.instant));
}

TEST_F(HostRestart, ARunFoundRunningIsStarted) {
  confirm_and_issue_start(run);
  restart();
  found(run, FoundState::running);
  EXPECT_EQ(written(out, run)->state, RunState::started);
  EXPECT_EQ(*host.find(run)->record.allocation, two_nodes()) << "its units are still known to be its";
  expect_send<Progress>(out, wujiang);
}

// Its wrapper may be under way, unseen: what was handed over is decided by the claim alone, also in the next life.
TEST_F(HostRestart, ARunThatWasHandedOverIsRevokedByTheClaimOnly) {
  confirm_and_issue_start(run);
  restart();
  found(run, FoundState::never_started);
  revoke(run);
  EXPECT_EQ(all_of_type<ClaimRun>(out.backend).size(), 1u);
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(HostRestart, AStartThatWasDecidedIsCarriedOutAgainInTheSamePlace) {
  confirm_and_issue_start(run);
  restart();
  EXPECT_TRUE(Host::occupies(*host.find(run))) << "its units stay taken";
  found(run, FoundState::never_started);
  const auto starts = all_of_type<StartRun>(out.backend);
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].allocation, two_nodes());
  EXPECT_EQ(starts[0].job_name, "wujiang-1");
}

TEST_F(HostRestart, ARunFoundEndedIsFinished) {
  start(run);
  restart();
  found(run, FoundState::ended, {.state = FinalState::failed, .exit = {.code = 9}});
  EXPECT_EQ(all_of_type<CollectOutputs>(out.staging).size(), 1u);
  event(OutputsCollected{.run = run});
  EXPECT_EQ(expect_send<Finished>(out, wujiang).outcome.exit.code, 9);
}

TEST_F(HostRestart, ARunWhoseOutputsWereBeingCollectedIsFoundEndedAgain) {
  start(run);
  end(run);
  restart();
  found(run, FoundState::ended);
  EXPECT_EQ(all_of_type<CollectOutputs>(out.staging).size(), 1u);
}

TEST_F(HostRestart, WhatWasBeingStoppedIsStoppedAgain) {
  start(run);
  revoke(run);
  restart();
  found(run, FoundState::running);
  EXPECT_EQ(all_of_type<StopRun>(out.backend).size(), 1u);
  end(run, {.state = FinalState::cancelled});
  event(OutputsCollected{.run = run});
  EXPECT_EQ(expect_send<Finished>(out, wujiang).outcome.state, FinalState::cancelled);
}

TEST_F(HostRestart, WhatWasBeingStoppedAndEndedMeanwhileIsCancelled) {
  start(run);
  revoke(run);
  restart();
  found(run, FoundState::ended, {.state = FinalState::completed});
  event(OutputsCollected{.run = run});
  EXPECT_EQ(expect_send<Finished>(out, wujiang).outcome.state, FinalState::cancelled);
}

TEST_F(HostRestart, ARunWhoseMarkerTheHostHadTakenIsReturned) {
  confirm_and_issue_start(run);
  revoke(run);
  restart();
  found(run, FoundState::claimed);
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::claim_lost);
}

TEST_F(HostRestart, AStartedRunOfWhichNoTraceIsLeftFailedWithItsNode) {
  start(run);
  restart();
  found(run, FoundState::never_started);
  event(OutputsCollected{.run = run});
  EXPECT_EQ(expect_send<Finished>(out, wujiang).outcome.state, FinalState::node_fail);
}

TEST_F(HostRestart, WhatWasNotAnsweredIsSaidAgain) {
  finish(run_of(1, 1));
  confirm(run_of(2, 1));
  did([&] { host.give_back(now, run_of(2, 1), ReturnReason::drained, "", out); });
  restart();
  pass(seconds(1));
  expect_send<Finished>(out, wujiang);
  expect_send<Return>(out, wujiang);
}

TEST_F(HostRestart, RecordsThatWereAcknowledgedStillGo) {
  finish(run);
  hear(wujiang, FinishedAck{.run = run});
  restart();
  pass(minutes(11));
  EXPECT_TRUE(host.runs().empty());
}

TEST_F(HostRestart, LookingTwiceChangesNothing) {
  start(run);
  restart();
  found(run, FoundState::running);
  found(run, FoundState::ended);
  EXPECT_TRUE(does_nothing(out));
}

}  // namespace
}  // namespace hansa::test
