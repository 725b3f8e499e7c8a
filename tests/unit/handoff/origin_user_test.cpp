// What users want of their jobs, in every state; duties; what goes when.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct OriginUser : testing::Test, OriginKit {};

// --- cancel ---------------------------------------------------------------------------------------------------------

TEST_F(OriginUser, CancelOfAPendingJobEndsItAtOnce) {
  const auto id = submit();
  cancel(id);
  EXPECT_EQ(final_state(id), FinalState::cancelled);
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(OriginUser, CancelWhileAwardingEndsItAtOnceAndLeavesADuty) {
  const auto id = awarded();
  cancel(id);
  EXPECT_EQ(final_state(id), FinalState::cancelled);
  const auto puts = all_of_type<PutJob>(out.persist);
  ASSERT_EQ(puts.size(), 1u) << "one persist with its duty";
  EXPECT_EQ(puts[0].record.duties.size(), 1u);
  expect_send<Revoke>(out, taihu);
}

TEST_F(OriginUser, CancelOfADelegatedJobIsAWishOnDiskBeforeRevokeLeaves) {
  const auto id = delegated();
  cancel(id);
  EXPECT_TRUE(written(out, id)->cancel_wished);
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::always);
  EXPECT_FALSE(final_state(id));
  cancel(id);
  EXPECT_TRUE(does_nothing(out)) << "twice changes nothing";
}

TEST_F(OriginUser, AWishedRevokeIsRepeatedUntilAnsweredAlsoAfterARestart) {
  const auto id = delegated();
  cancel(id);
  pass(seconds(30));
  EXPECT_GE(durable<Revoke>(out, taihu).size(), 3u);
  restart();
  pass(seconds(1));
  expect_send<Revoke>(out, taihu);
  hear(taihu, Finished{.run = run(id), .outcome = {.state = FinalState::cancelled}});
  EXPECT_EQ(final_state(id), FinalState::cancelled);
  pass(minutes(5));
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(OriginUser, CancelTurnsAMoveIntoARevoke) {
  const auto id = delegated();
  did([&] { origin.move(now, id, out); });
  cancel(id);
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::always);
}

TEST_F(OriginUser, UnknownJobsAreNotFound) {
  EXPECT_EQ(origin.cancel(now, job_of(9), out).error().kind, ErrorKind::not_found);
  EXPECT_EQ(origin.hold(now, job_of(9), out).error().kind, ErrorKind::not_found);
  EXPECT_EQ(origin.release(now, job_of(9), out).error().kind, ErrorKind::not_found);
  EXPECT_EQ(origin.rerun(now, job_of(9), out).error().kind, ErrorKind::not_found);
}

// --- hold, release --------------------------------------------------------------------------------------------------

TEST_F(OriginUser, AHeldJobIsNotPlacedUntilReleased) {
  const auto id = submit({.request = request, .held = true});
  EXPECT_FALSE(origin.is_placeable(id));
  EXPECT_EQ(origin.waiting_reason(id), "Held");
  did([&] { EXPECT_TRUE(origin.release(now, id, out).ok()); });
  EXPECT_FALSE(written(out, id)->held);
  EXPECT_TRUE(origin.is_placeable(id));
  did([&] { EXPECT_TRUE(origin.release(now, id, out).ok()); });
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(OriginUser, HoldWhileAwardingGivesTheAwardUp) {
  const auto id = awarded();
  did([&] { EXPECT_TRUE(origin.hold(now, id, out).ok()); });
  EXPECT_TRUE(pending(id));
  EXPECT_EQ(record(id).duties.size(), 1u);
  EXPECT_FALSE(origin.is_placeable(id));
}

TEST_F(OriginUser, HoldOfAWaitingRunTakesItBackIfNotStarted) {
  const auto id = delegated();
  did([&] { EXPECT_TRUE(origin.hold(now, id, out).ok()); });
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::if_not_started);
  hear(taihu, Revoked{.run = run(id)});
  EXPECT_TRUE(pending(id));
  EXPECT_FALSE(origin.is_placeable(id));
}

TEST_F(OriginUser, WhatHasStartedCantBeHeld) {
  const auto id = started();
  did([&] { EXPECT_EQ(origin.hold(now, id, out).error().kind, ErrorKind::refused); });
  EXPECT_TRUE(does_nothing(out));
}

// --- rerun ----------------------------------------------------------------------------------------------------------

TEST_F(OriginUser, RerunGivesTheEpochUpInOnePersistWithItsDuty) {
  const auto id = started();
  did([&] { EXPECT_TRUE(origin.rerun(now, id, out).ok()); });
  const auto puts = all_of_type<PutJob>(out.persist);
  ASSERT_EQ(puts.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Pending>(puts[0].record.state));
  ASSERT_EQ(puts[0].record.duties.size(), 1u);
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::always);
  hear(taihu, Finished{.run = {.job = id, .epoch = Epoch{1}}, .outcome = {.state = FinalState::completed}});
  EXPECT_TRUE(pending(id)) << "the result of an epoch that is over is that run's, not the job's";
  expect_send<FinishedAck>(out, taihu);
}

TEST_F(OriginUser, RerunOfWhatRunsNowhereIsRefused) {
  const auto id = submit();
  EXPECT_EQ(origin.rerun(now, id, out).error().kind, ErrorKind::refused);
}

// --- move -----------------------------------------------------------------------------------------------------------

TEST_F(OriginUser, AMoveIsAlwaysIfNotStarted) {
  const auto id = delegated();
  did([&] { origin.move(now, id, out); });
  EXPECT_EQ(std::get<Delegated>(written(out, id)->state).wish, Wish::move);
  EXPECT_EQ(expect_send<Revoke>(out, taihu).mode, RevokeMode::if_not_started);
  did([&] { origin.move(now, id, out); });
  EXPECT_TRUE(does_nothing(out));
  const auto running = started();
  did([&] { origin.move(now, running, out); });
  EXPECT_TRUE(does_nothing(out)) << "what has started stays";
}

// --- duties ---------------------------------------------------------------------------------------------------------

TEST_F(OriginUser, ADutyIsRepeatedAlsoBehindAFinalJobUntilAnswered) {
  const auto id = awarded();
  cancel(id);
  restart();
  pass(seconds(30));
  EXPECT_GE(durable<Revoke>(out, taihu).size(), 3u);
  EXPECT_EQ(durable<Revoke>(out, taihu).front().bid, bid_of(7)) << "so that a live bid dies with it";
  hear(taihu, Revoked{.run = run(id)});
  pass(minutes(5));
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(OriginUser, AnAwardNextToADutyKeepsBothGoing) {
  const auto id = awarded();
  did([&] { origin.give_up(now, id, "", out); });
  award(id, suzhou, 8);
  pass(seconds(5));
  EXPECT_FALSE(durable<Revoke>(out, taihu).empty());
  EXPECT_FALSE(durable<Award>(out, suzhou).empty());
  hear(taihu, Revoked{.run = {.job = id, .epoch = Epoch{1}}});
  EXPECT_TRUE(state<Awarding>(id)) << "an old epoch's answer does not touch the current one";
}

TEST_F(OriginUser, RenewalsDoNotPutOffADuty) {
  request.on_partition = OnPartition::rerun;
  const auto id = awarded();
  did([&] { origin.give_up(now, id, "", out); });
  award(id, suzhou, 8);
  hear(suzhou, Accepted{.run = run(id), .number = number(1)});
  std::size_t repeated = 0;
  for (int i = 0; i < 100; ++i) {
    pass(milliseconds(500));
    repeated += durable<Revoke>(out, taihu).size();
    hear(suzhou, Renew{.number = number(10), .runs = {run(id)}});
  }
  EXPECT_GE(repeated, 5u);
}

// --- what membership says -------------------------------------------------------------------------------------------

TEST_F(OriginUser, ASuspectHostLosesItsAwardsAndKeepsItsDelegatedJobs) {
  const auto waiting = awarded();
  const auto running = delegated();
  did([&] { origin.host_suspect(now, taihu, out); });
  EXPECT_TRUE(pending(waiting));
  EXPECT_EQ(record(waiting).duties.size(), 1u);
  EXPECT_TRUE(state<Delegated>(running));
  did([&] { origin.host_suspect(now, suzhou, out); });
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(OriginUser, AHostThatComesBackIsToldItsDutiesSoon) {
  const auto id = awarded();
  cancel(id);
  pass(minutes(1));
  origin.host_reachable(now, taihu);
  pass(seconds(1));
  EXPECT_EQ(durable<Revoke>(out, taihu).size(), 1u);
}

TEST_F(OriginUser, AHostWithANewStoreIsAskedForWhatItHad) {
  const auto running = delegated();
  const auto waiting = awarded();
  did([&] { origin.host_store_changed(now, taihu, store_of(2), out); });
  EXPECT_TRUE(does_nothing(out)) << "the store that they were given to";
  did([&] { origin.host_store_changed(now, taihu, store_of(9), out); });
  EXPECT_EQ(state<Delegated>(running)->wish, Wish::revoke);
  EXPECT_TRUE(pending(waiting));
  EXPECT_EQ(durable<Revoke>(out, taihu).size(), 2u);
  hear(taihu, Revoked{.run = run(running)});
  EXPECT_TRUE(pending(running));
}

// --- what goes when -------------------------------------------------------------------------------------------------

TEST_F(OriginUser, AFinalJobGoesAfterTheHistoryTime) {
  const auto id = finished();
  pass(minutes(9));
  EXPECT_NE(origin.find(id), nullptr);
  pass(minutes(2));
  EXPECT_EQ(all_of_type<DropJob>(out.persist).at(0).job, id);
  EXPECT_EQ(origin.find(id), nullptr);
  EXPECT_FALSE(origin.deadline());
}

TEST_F(OriginUser, AFinalJobStaysWhileADutyIsOpenOrOutputsAreAway) {
  const auto with_duty = awarded();
  cancel(with_duty);
  const auto away = delegated();
  Outcome outcome;
  outcome.outputs.bytes[0] = 1;
  hear(taihu, Finished{.run = run(away), .outcome = outcome});
  pass(minutes(60));
  EXPECT_NE(origin.find(with_duty), nullptr);
  EXPECT_NE(origin.find(away), nullptr);
}

TEST_F(OriginUser, HistoryExpiresAlsoAfterARestart) {
  finished();
  restart();
  pass(minutes(11));
  EXPECT_TRUE(origin.jobs().empty());
}

TEST_F(OriginUser, ManyThatExpireTogetherGoInPortions) {
  for (int i = 0; i < 5'000; ++i) cancel(submit());
  now.instant += minutes(20);
  did([&] { origin.tick(now, out); });
  EXPECT_EQ(all_of_type<DropJob>(out.persist).size(), 4'096u);
  ASSERT_TRUE(origin.deadline() && *origin.deadline() <= now.instant);
  did([&] { origin.tick(now, out); });
  EXPECT_TRUE(origin.jobs().empty());
}

// --- counts ---------------------------------------------------------------------------------------------------------

TEST_F(OriginUser, CountsFollowTheJobs) {
  const auto waiting = submit();
  const auto running = started();
  finished();
  EXPECT_EQ(origin.active_count(), 2u);
  EXPECT_EQ(origin.running_count(), 1u);
  restart();
  EXPECT_EQ(origin.active_count(), 2u);
  EXPECT_EQ(origin.running_count(), 1u);
  cancel(waiting);
  hear(taihu, Finished{.run = run(running)});
  EXPECT_EQ(origin.active_count(), 0u);
  EXPECT_EQ(origin.running_count(), 0u);
}

}  // namespace
}  // namespace hansa::test
