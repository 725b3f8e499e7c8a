// A human's word on a site that is held for dead: at the origin, at the host, and when that site comes back after all.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

std::vector<FederationEvent> events_of(const Effects& out, const std::string& kind) {
  std::vector<FederationEvent> found;
  for (const auto& event : out.events) {
    if (event.kind == kind) found.push_back(event);
  }
  return found;
}

struct OriginForget : testing::Test, OriginKit {
  Forgotten forgotten;

  Effects& forget(Comeback comeback = Comeback::possible) {
    return did([&] { forgotten = origin.forget(now, taihu, comeback, out); });
  }
};

TEST_F(OriginForget, WhatTheHostHasIsPlacedAgainInOnePersistWithItsDuty) {
  const auto id = started();
  const auto lost = run(id);
  forget();
  EXPECT_EQ(forgotten.jobs_given_up, 1u);
  EXPECT_EQ(forgotten.runs_perhaps_alive, 1u);
  EXPECT_TRUE(pending(id));
  EXPECT_TRUE(origin.is_placeable(id));
  ASSERT_EQ(all_of_type<PutJob>(out.persist).size(), 1u);
  ASSERT_EQ(written(out, id)->duties.size(), 1u);
  EXPECT_TRUE(written(out, id)->duties[0].by_word);
  const auto revoke = expect_send<Revoke>(out, taihu);
  EXPECT_EQ(revoke.run, lost);
  EXPECT_TRUE(revoke.by_word);
}

TEST_F(OriginForget, TwiceChangesNothing) {
  started();
  forget();
  forget();
  EXPECT_TRUE(does_nothing(out));
  EXPECT_EQ(forgotten.jobs_given_up, 0u);
}

TEST_F(OriginForget, AnAwardUnderWayIsGivenUpAndCannotBeAlive) {
  const auto id = awarded();
  forget();
  EXPECT_TRUE(pending(id));
  EXPECT_EQ(forgotten.jobs_given_up, 1u);
  EXPECT_EQ(forgotten.runs_perhaps_alive, 0u);
}

TEST_F(OriginForget, ACancelledJobEndsInsteadOfBeingPlacedAgain) {
  const auto id = started();
  cancel(id);
  forget();
  EXPECT_EQ(final_state(id), FinalState::cancelled);
  EXPECT_EQ(written(out, id)->duties.size(), 1u);
}

TEST_F(OriginForget, OtherHostsKeepTheirs) {
  const auto id = submit();
  award(id, suzhou);
  hear(suzhou, Accepted{.run = run(id), .number = number(1)});
  forget();
  EXPECT_TRUE(does_nothing(out));
  EXPECT_NE(state<Delegated>(id), nullptr);
}

TEST_F(OriginForget, AHostThatComesBackIsToldToStopAlsoAfterARestart) {
  const auto id = started();
  const auto lost = run(id);
  forget();
  restart();
  pass(seconds(2));
  EXPECT_FALSE(durable<Revoke>(out, taihu).empty());
  hear(taihu, Finished{.run = lost, .outcome = {.state = FinalState::cancelled}});
  expect_send<FinishedAck>(out, taihu);
  EXPECT_TRUE(written(out, id)->duties.empty());
  EXPECT_TRUE(pending(id)) << "the result of a run that was given up is nobody's";
  pass(minutes(5));
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(OriginForget, ARunThatHadStartedIsReportedOnce) {
  const auto id = started();
  const auto lost = run(id);
  forget();
  const Finished late{.run = lost, .outcome = {.state = FinalState::completed}};
  hear(taihu, late);
  ASSERT_EQ(events_of(out, "run_overlap").size(), 1u);
  EXPECT_EQ(events_of(out, "run_overlap")[0].site, taihu);
  hear(taihu, late);
  EXPECT_TRUE(events_of(out, "run_overlap").empty());
}

TEST_F(OriginForget, ARunThatHadNotStartedIsNoOverlap) {
  const auto id = delegated();
  const auto lost = run(id);
  forget();
  hear(taihu, Revoked{.run = lost});
  EXPECT_TRUE(events_of(out, "run_overlap").empty());
  EXPECT_TRUE(record(id).duties.empty());
}

TEST_F(OriginForget, ASiteThatCannotComeBackLeavesNoDuty) {
  const auto id = started();
  const auto older = finished();
  forget(Comeback::excluded);
  EXPECT_TRUE(pending(id));
  EXPECT_TRUE(record(id).duties.empty());
  EXPECT_TRUE(record(older).duties.empty());
  EXPECT_FALSE(origin.has_something_at(taihu));
}

TEST_F(OriginForget, AJobWithOldDutiesThereCanBeForgottenWithTheSite) {
  const auto id = started();
  cancel(id);
  forget();
  EXPECT_TRUE(origin.has_something_at(taihu));
  forget(Comeback::excluded);
  EXPECT_FALSE(origin.has_something_at(taihu));
  pass(minutes(11));
  EXPECT_EQ(origin.find(id), nullptr) << "its history time is over";
}

// --- An ended job is run again as a new one -------------------------------------------------------------------------

TEST_F(OriginForget, AnEndedJobIsSubmittedAgainAsItWas) {
  const auto id = finished(FinalState::failed);
  EXPECT_TRUE(origin.has_ended(id));
  const auto again = origin.submission_again(id, EncodedPayload(std::string("script")), "key");
  EXPECT_EQ(*again.request, *record(id).request);
  EXPECT_EQ(*again.payload, "script");
  EXPECT_TRUE(again.array.empty());
  const auto copy = submit(again);
  EXPECT_NE(copy, id);
  EXPECT_EQ(final_state(id), FinalState::failed);
  EXPECT_EQ(submit(again), copy) << "the same key makes no second one";
}

TEST_F(OriginForget, ATaskIsSubmittedAgainUnderItsOwnIndex) {
  const auto array = submit({.request = request, .array = {.tasks = {3, 7}}});
  const JobId task{.store = array.store, .number = array.number, .task = 7};
  cancel(task);
  EXPECT_FALSE(origin.has_ended(array)) << "the other task has not ended";
  EXPECT_EQ(origin.submission_again(task, {}, "").array.tasks, (std::vector<std::int32_t>{7}));
  cancel({.store = array.store, .number = array.number, .task = 3});
  EXPECT_TRUE(origin.has_ended(array));
  EXPECT_EQ(origin.submission_again(array, {}, "").array.tasks, (std::vector<std::int32_t>{3, 7}));
}

TEST_F(OriginForget, DependenciesOnForgottenJobsAreLeftOut) {
  const auto first = finished();
  JobRequest after = request;
  after.dependencies = {{.kind = DependencyKind::after_ok, .job = first},
                        {.kind = DependencyKind::singleton, .job = {}}};
  const auto id = submit({.request = after});
  cancel(id);
  EXPECT_EQ(origin.submission_again(id, {}, "").request->dependencies.size(), 2u);
  after.dependencies[0].job = job_of(77);
  origin = Origin(wujiang, store_of(1), options);
  JobRecord old{.id = job_of(5), .state = Ended{}, .request = after};
  did([&] { origin.restore(now, {old}, 5, out); });
  EXPECT_EQ(origin.submission_again(job_of(5), {}, "").request->dependencies.size(), 1u);
}

TEST_F(OriginForget, RerunOfAnArrayGivesUpTheRunsOfItsTasks) {
  const auto array = submit({.request = request, .array = {.tasks = {0, 1}}});
  const JobId task{.store = array.store, .number = array.number, .task = 0};
  award(task);
  hear(taihu, Accepted{.run = run(task), .number = number(1)});
  did([&] { EXPECT_TRUE(origin.rerun(now, array, out).ok()); });
  EXPECT_TRUE(pending(task));
  EXPECT_EQ(record(task).duties.size(), 1u);
  did([&] { EXPECT_EQ(origin.rerun(now, array, out).error().kind, ErrorKind::refused); });
}

// --- The host's side ------------------------------------------------------------------------------------------------

struct HostForget : testing::Test, HostKit {
  std::size_t let_go = 0;
  Effects& forget() {
    return did([&] { let_go = host.forget(now, wujiang, out); });
  }
};

TEST_F(HostForget, WhatWasNeverConfirmedEnds) {
  accept(run_of(1, 1));
  forget();
  EXPECT_EQ(let_go, 1u);
  EXPECT_EQ(state(run_of(1, 1)), RunState::revoked);
  hear(wujiang, Confirm{.run = run_of(1, 1), .number = {.daemon = daemon_of(1), .count = 1}});
  EXPECT_EQ(state(run_of(1, 1)), RunState::revoked);
}

TEST_F(HostForget, WhatRunsRunsToItsEndAndIsStillSaid) {
  start(run_of(1, 1));
  forget();
  EXPECT_TRUE(written(out, run_of(1, 1))->forgotten);
  EXPECT_TRUE(out.backend.empty());
  end(run_of(1, 1));
  event(OutputsCollected{.run = run_of(1, 1)});
  expect_send<Finished>(out, wujiang);
  pass(seconds(30));
  EXPECT_FALSE(durable<Finished>(out, wujiang).empty()) << "the origin may come back after all";
  hear(wujiang, FinishedAck{.run = run_of(1, 1)});
  EXPECT_TRUE(host.find(run_of(1, 1))->record.answered);
}

TEST_F(HostForget, AnEndThatNobodyAcknowledgesGoesAfterTheRetentionTime) {
  finish(run_of(1, 1));
  pass(minutes(60));
  ASSERT_NE(host.find(run_of(1, 1)), nullptr) << "unanswered, never by time";
  forget();
  restart();
  pass(minutes(11));
  EXPECT_EQ(host.find(run_of(1, 1)), nullptr);
}

TEST_F(HostForget, TwiceChangesNothing) {
  finish(run_of(1, 1));
  forget();
  forget();
  EXPECT_EQ(let_go, 0u);
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostForget, TheUnconfirmedOfAForgottenOriginEndAlsoAfterARestart) {
  accept(run_of(1, 1));
  RunRecord record = host.find(run_of(1, 1))->record;
  record.forgotten = true;  // decided, and not looked for when the daemon died
  restart_from({record});
  found(run_of(1, 1), FoundState::never_started);
  EXPECT_EQ(state(run_of(1, 1)), RunState::revoked);
}

TEST_F(HostForget, ARunThatItsOriginGaveUpByAWordIsReportedOnceIfItHadStarted) {
  start(run_of(1, 1));
  const Revoke revoke{.run = run_of(1, 1), .bid = {}, .by_word = true};
  hear(wujiang, revoke);
  EXPECT_EQ(events_of(out, "run_overlap").size(), 1u);
  end(run_of(1, 1));
  event(OutputsCollected{.run = run_of(1, 1)});
  hear(wujiang, revoke);
  EXPECT_TRUE(events_of(out, "run_overlap").empty());
}

TEST_F(HostForget, ARunThatWaitedIsNoOverlap) {
  confirm(run_of(1, 1));
  hear(wujiang, Revoke{.run = run_of(1, 1), .bid = {}, .by_word = true});
  EXPECT_TRUE(events_of(out, "run_overlap").empty());
  EXPECT_EQ(state(run_of(1, 1)), RunState::revoked);
}

}  // namespace
}  // namespace hansa::test
