// The origin's side: submission, awards, and what hosts say. One test a rule, then the contract's table cell by cell.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct OriginPlace : testing::Test, OriginKit {
  // A job whose epoch 1 at taihu was given up, so that a duty is left.
  JobId given_up() {
    const auto id = awarded();
    did([&] { origin.give_up(now, id, "a better bid", out); });
    return id;
  }
  static RunKey first(const JobId& id) { return {.job = id, .epoch = Epoch{1}}; }
};

// --- Submission -----------------------------------------------------------------------------------------------------

TEST_F(OriginPlace, ASubmissionIsStoredWithItsPayload) {
  const auto id = submit();
  EXPECT_EQ(id, job_of(1));
  EXPECT_TRUE(pending(id));
  EXPECT_EQ(all_of_type<PutJobPayload>(out.persist).at(0).job, id);
  EXPECT_TRUE(written(out, id).has_value());
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(OriginPlace, JobNumbersAreNeverReusedAlsoAfterTheJobIsGone) {
  const auto id = finished();
  pass(minutes(11));
  ASSERT_EQ(origin.find(id), nullptr);
  EXPECT_EQ(all_of_type<PutFact>(out.persist).at(0).value, 1u);
  out = {};
  Origin next(wujiang, store_of(1), options);
  next.restore(now, {}, 1, out);
  EXPECT_EQ(next.submit(now, Submission{.request = request}, out)->number, 2u);
}

TEST_F(OriginPlace, TheSameKeyOfTheSameUserIsTheSameJob) {
  const auto id = submit({.request = request, .idempotency_key = "k"});
  EXPECT_EQ(submit({.request = request, .idempotency_key = "k"}), id);
  EXPECT_TRUE(out.persist.empty());
  auto theirs = request;
  theirs.user = "lin";
  EXPECT_NE(submit({.request = theirs, .idempotency_key = "k"}), id);
  restart();
  EXPECT_EQ(submit({.request = request, .idempotency_key = "k"}), id) << "also after a restart";
}

TEST_F(OriginPlace, WithoutAKeyEachSubmissionIsAJob) {
  EXPECT_NE(submit(), submit());
}

// --- Award ----------------------------------------------------------------------------------------------------------

TEST_F(OriginPlace, AnAwardIsOnDiskBeforeItLeaves) {
  const auto id = awarded();
  const auto sent = expect_send<Award>(out, taihu);
  ASSERT_EQ(sent.tasks.size(), 1u);
  EXPECT_EQ(sent.tasks[0].run, first(id));
  EXPECT_EQ(sent.tasks[0].bid, bid_of(7));
  const auto record = written(out, id);
  EXPECT_EQ(std::get<Awarding>(record->state).host, taihu);
  EXPECT_EQ(record->epoch, Epoch{1});
}

TEST_F(OriginPlace, AnAwardIsRepeatedThenGivenUpAndLeavesADuty) {
  const auto id = awarded();
  pass(seconds(9));
  EXPECT_GE(durable<Award>(out, taihu).size(), 2u);
  EXPECT_TRUE(out.persist.empty()) << "the same award again";
  pass(seconds(2));
  EXPECT_TRUE(pending(id));
  ASSERT_EQ(record(id).duties.size(), 1u);
  EXPECT_EQ(record(id).duties[0].host, taihu);
  EXPECT_FALSE(durable<Revoke>(out, taihu).empty());
}

TEST_F(OriginPlace, ABidForAJobThatIsNotPendingAnyMoreIsReleased) {
  const auto id = awarded();
  award(id, suzhou, 8);
  EXPECT_EQ(expect_prompt<Release>(out, suzhou).bids, std::vector{bid_of(8)});
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(OriginPlace, ARestartSendsTheSameAwardAgain) {
  const auto id = awarded();
  restart();
  pass(seconds(1));
  const auto sent = expect_send<Award>(out, taihu);
  EXPECT_EQ(sent.tasks[0].run, first(id));
  EXPECT_EQ(sent.tasks[0].bid, bid_of(7));
}

TEST_F(OriginPlace, EachPlacingHasItsOwnEpoch) {
  const auto id = given_up();
  award(id, suzhou);
  EXPECT_EQ(run(id).epoch, Epoch{2});
}

TEST_F(OriginPlace, AnOwnJobIsDelegatedInOneCommit) {
  const auto id = submit();
  did([&] { EXPECT_EQ(origin.delegate_to_self(now, id, out), first(id)); });
  EXPECT_EQ(std::get<Delegated>(written(out, id)->state).host, wujiang);
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(OriginPlace, GivingUpAnAwardIsOnePersistWithItsDuty) {
  const auto id = awarded();
  did([&] { origin.give_up(now, id, "a better bid", out); });
  const auto puts = all_of_type<PutJob>(out.persist);
  ASSERT_EQ(puts.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Pending>(puts[0].record.state));
  EXPECT_EQ(puts[0].record.duties.size(), 1u);
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::always);
  did([&] { origin.give_up(now, id, "again", out); });
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(OriginPlace, DelegatedIsNotGivenUpAtWill) {
  const auto id = delegated();
  did([&] { origin.give_up(now, id, "no reason", out); });
  EXPECT_TRUE(does_nothing(out));
  EXPECT_TRUE(state<Delegated>(id));
}

// --- Accepted -------------------------------------------------------------------------------------------------------

TEST_F(OriginPlace, AcceptedIsStoredThenConfirmed) {
  const auto id = awarded();
  hear(taihu, Accepted{.run = first(id), .number = number(3)});
  EXPECT_TRUE(std::holds_alternative<Delegated>(written(out, id)->state));
  EXPECT_EQ(expect_send<Confirm>(out, taihu).number, number(3));
}

TEST_F(OriginPlace, AcceptedTwiceIsConfirmedAgainAndStoredOnce) {
  const auto id = delegated();
  hear(taihu, Accepted{.run = first(id), .number = number(4)});
  EXPECT_EQ(expect_send<Confirm>(out, taihu).number, number(4));
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(OriginPlace, AcceptedUnderAWishIsAnsweredByItsRevoke) {
  const auto moved = delegated();
  did([&] { origin.move(now, moved, out); });
  hear(taihu, Accepted{.run = run(moved), .number = number(5)});
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::if_not_started);
  const auto cancelled = delegated();
  cancel(cancelled);
  hear(taihu, Accepted{.run = run(cancelled), .number = number(6)});
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::always);
  EXPECT_TRUE(durable<Confirm>(out, taihu).empty());
}

TEST_F(OriginPlace, AcceptedOfAnyOtherEpochOrJobIsRevokedIfNotStarted) {
  const auto id = given_up();
  const auto expect_revoke = [&](const RunKey& run) {
    hear(taihu, Accepted{.run = run, .number = number(1)});
    const auto revoke = expect_send<Revoke>(out, taihu);
    EXPECT_EQ(revoke.run, run);
    EXPECT_EQ(revoke.mode, RevokeMode::if_not_started);
    EXPECT_TRUE(out.persist.empty());
  };
  expect_revoke(first(id));          // an older epoch
  expect_revoke(first(finished()));  // a final job
  expect_revoke(run_of(77, 1));      // an unknown job
}

TEST_F(OriginPlace, AcceptedFromAnotherSiteIsNotThisEpochsHost) {
  const auto id = awarded();
  hear(suzhou, Accepted{.run = first(id), .number = number(1)});
  expect_send<Revoke>(out, suzhou);
  EXPECT_TRUE(state<Awarding>(id));
}

// --- Progress -------------------------------------------------------------------------------------------------------

TEST_F(OriginPlace, ProgressIsShownAndTheStartIsStoredOnce) {
  const auto id = delegated();
  hear(taihu, Progress{.run = first(id), .phase = RunPhase::queued});
  EXPECT_TRUE(out.persist.empty());
  hear(taihu, Progress{.run = first(id), .phase = RunPhase::running, .where = "cpu[1]"});
  EXPECT_TRUE(std::get<Delegated>(written(out, id)->state).started);
  EXPECT_EQ((*origin.find(id)->dealings->progress)->where, "cpu[1]");
  hear(taihu, Progress{.run = first(id), .phase = RunPhase::running});
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(OriginPlace, RunningDropsAnIfNotStarted) {
  const auto id = delegated();
  did([&] { origin.move(now, id, out); });
  hear(taihu, Progress{.run = first(id), .phase = RunPhase::running});
  EXPECT_EQ(std::get<Delegated>(written(out, id)->state).wish, Wish::none);
  pass(minutes(1));
  EXPECT_TRUE(durable<Revoke>(out, taihu).empty());
}

TEST_F(OriginPlace, RunningDoesNotDropACancel) {
  const auto id = delegated();
  cancel(id);
  hear(taihu, Progress{.run = first(id), .phase = RunPhase::running});
  EXPECT_EQ(state<Delegated>(id)->wish, Wish::revoke);
}

TEST_F(OriginPlace, ProgressOfAnyOtherEpochIsNothing) {
  const auto id = given_up();
  for (const auto& run : {first(id), first(finished()), run_of(77, 1)}) {
    hear(taihu, Progress{.run = run, .phase = RunPhase::running});
    EXPECT_TRUE(does_nothing(out));
  }
  const auto waiting = awarded();
  hear(taihu, Progress{.run = first(waiting), .phase = RunPhase::running});
  EXPECT_TRUE(does_nothing(out)) << "while Awarding it cannot be";
}

// --- Refused, Revoked, Return ---------------------------------------------------------------------------------------

TEST_F(OriginPlace, AHostThatDoesNotRunItLeavesTheJobPending) {
  for (const bool accepted : {false, true}) {
    for (int which = 0; which < 3; ++which) {
      const auto id = accepted ? delegated() : awarded();
      if (which == 0) hear(taihu, Refused{.run = run(id)});
      if (which == 1) hear(taihu, Revoked{.run = run(id)});
      if (which == 2) hear(taihu, Return{.run = run(id)});
      EXPECT_TRUE(std::holds_alternative<Pending>(written(out, id)->state));
      EXPECT_TRUE(record(id).duties.empty());
      EXPECT_EQ(durable<ReturnAck>(out, taihu).size(), which == 2 ? 1u : 0u);
    }
  }
}

TEST_F(OriginPlace, ACancelledJobThatComesBackIsCancelled) {
  for (int which = 0; which < 3; ++which) {
    const auto id = delegated();
    cancel(id);
    if (which == 0) hear(taihu, Refused{.run = run(id)});
    if (which == 1) hear(taihu, Revoked{.run = run(id)});
    if (which == 2) hear(taihu, Return{.run = run(id)});
    EXPECT_EQ(final_state(id), FinalState::cancelled);
  }
}

TEST_F(OriginPlace, AnAnswerOfAnEpochThatIsOverEndsItsDuty) {
  for (int which = 0; which < 4; ++which) {
    const auto id = given_up();
    if (which == 0) hear(taihu, Refused{.run = first(id)});
    if (which == 1) hear(taihu, Revoked{.run = first(id)});
    if (which == 2) hear(taihu, Return{.run = first(id)});
    if (which == 3) hear(taihu, Finished{.run = first(id)});
    EXPECT_TRUE(written(out, id)->duties.empty());
    EXPECT_TRUE(pending(id));
    EXPECT_EQ(durable<ReturnAck>(out, taihu).size(), which == 2 ? 1u : 0u);
    EXPECT_EQ(durable<FinishedAck>(out, taihu).size(), which == 3 ? 1u : 0u);
    pass(minutes(1));
    EXPECT_TRUE(says_nothing(out));
  }
}

TEST_F(OriginPlace, OnlyTheHostOfAnEpochAnswersForIt) {
  const auto id = given_up();
  hear(suzhou, Revoked{.run = first(id)});
  EXPECT_EQ(record(id).duties.size(), 1u);
  const auto other = delegated();
  hear(suzhou, Revoked{.run = run(other)});
  hear(suzhou, Refused{.run = run(other)});
  hear(suzhou, Return{.run = run(other)});
  hear(suzhou, Finished{.run = run(other)});
  EXPECT_TRUE(state<Delegated>(other));
}

TEST_F(OriginPlace, AnAnswerTwiceChangesNothing) {
  const auto id = delegated();
  hear(taihu, Return{.run = run(id)});
  hear(taihu, Return{.run = run(id)});
  expect_send<ReturnAck>(out, taihu);
  EXPECT_TRUE(out.persist.empty());
  const auto done = finished();
  hear(taihu, Finished{.run = run(done)});
  expect_send<FinishedAck>(out, taihu);
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(OriginPlace, ReturnAndFinishedOfUnknownJobsAreAcknowledgedSoThatTheHostCanLetGo) {
  hear(taihu, Return{.run = run_of(77, 1)});
  expect_send<ReturnAck>(out, taihu);
  hear(taihu, Finished{.run = run_of(77, 1)});
  expect_send<FinishedAck>(out, taihu);
  expect_send<OutputsAck>(out, taihu);
  hear(taihu, Revoked{.run = run_of(77, 1)});
  hear(taihu, Refused{.run = run_of(77, 1)});
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(OriginPlace, AHostThatLostAStartedRunWithItsStoreFailedTheJob) {
  const auto id = started();
  hear(taihu, Revoked{.run = run(id)});
  EXPECT_EQ(final_state(id), FinalState::node_fail);
  request.requeue = true;
  const auto again = started();
  hear(taihu, Revoked{.run = run(again)});
  EXPECT_TRUE(pending(again));
}

// --- Finished -------------------------------------------------------------------------------------------------------

TEST_F(OriginPlace, FinishedIsStoredThenAcknowledged) {
  const auto id = delegated();
  hear(taihu, Finished{.run = run(id), .outcome = {.state = FinalState::failed, .exit = {.code = 3}}});
  EXPECT_EQ(std::get<Ended>(written(out, id)->state).outcome->exit.code, 3);
  EXPECT_EQ(std::get<Ended>(written(out, id)->state).host, taihu);
  expect_send<FinishedAck>(out, taihu);
  expect_send<OutputsAck>(out, taihu);  // there are none to fetch
}

TEST_F(OriginPlace, OutputsArePulledThenAcknowledged) {
  const auto id = delegated();
  Outcome outcome;
  outcome.outputs.bytes[0] = 1;
  hear(taihu, Finished{.run = run(id), .outcome = outcome});
  EXPECT_FALSE(state<Ended>(id)->outputs_home);
  EXPECT_EQ(all_of_type<PullOutputs>(out.staging).at(0).host, taihu);
  EXPECT_TRUE(durable<OutputsAck>(out, taihu).empty());
  hear(taihu, Finished{.run = run(id), .outcome = outcome});
  EXPECT_TRUE(durable<OutputsAck>(out, taihu).empty()) << "the host must keep them until they are home";
  restart();
  EXPECT_EQ(all_of_type<PullOutputs>(out.staging).size(), 1u) << "pulled again after a restart";
  did([&] { origin.outputs_home(now, run(id), "", out); });
  EXPECT_TRUE(std::get<Ended>(written(out, id)->state).outputs_home);
  expect_send<OutputsAck>(out, taihu);
  did([&] { origin.outputs_home(now, run(id), "", out); });
  EXPECT_TRUE(out.persist.empty());
}

TEST_F(OriginPlace, FinishedWhileAwardingCannotBeAndIsIgnored) {
  const auto id = awarded();
  hear(taihu, Finished{.run = run(id)});
  EXPECT_TRUE(does_nothing(out));
  EXPECT_TRUE(state<Awarding>(id));
}

TEST_F(OriginPlace, ARunCancelledByAWishedRevokeLeavesTheJobPending) {
  const auto id = started();
  did([&] { origin.host_store_changed(now, taihu, store_of(9), out); });
  hear(taihu, Finished{.run = run(id), .outcome = {.state = FinalState::cancelled}});
  EXPECT_TRUE(pending(id));
  expect_send<FinishedAck>(out, taihu);
}

TEST_F(OriginPlace, ARunThatEndedByItselfBeforeTheRevokeCounts) {
  const auto id = started();
  cancel(id);
  hear(taihu, Finished{.run = run(id), .outcome = {.state = FinalState::completed}});
  EXPECT_EQ(final_state(id), FinalState::completed);
}

TEST_F(OriginPlace, ANodeThatFailsPlacesTheJobAgainOnlyIfItAllowsIt) {
  const auto id = started();
  hear(taihu, Finished{.run = run(id), .outcome = {.state = FinalState::node_fail}});
  EXPECT_EQ(final_state(id), FinalState::node_fail);
  request.requeue = true;
  const auto again = started();
  hear(taihu, Finished{.run = run(again), .outcome = {.state = FinalState::node_fail}});
  EXPECT_TRUE(pending(again));
}

TEST_F(OriginPlace, FinalIsFinal) {
  const auto id = finished();
  const auto before = record(id);
  hear(taihu, Finished{.run = run(id), .outcome = {.state = FinalState::failed}});
  hear(taihu, Revoked{.run = run(id)});
  hear(taihu, Return{.run = run(id)});
  hear(taihu, Accepted{.run = run(id)});
  did([&] {
    EXPECT_FALSE(origin.cancel(now, id, out).ok());
    EXPECT_FALSE(origin.hold(now, id, out).ok());
    EXPECT_FALSE(origin.rerun(now, id, out).ok());
    EXPECT_FALSE(origin.release(now, id, out).ok());
  });
  EXPECT_EQ(record(id), before);
}

}  // namespace
}  // namespace hansa::test
