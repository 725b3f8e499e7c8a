// Backend contract: a daemon that comes up again finds every run as it stands. And leases, which outlive daemons.
#include "tests/contract/backend/contract.hpp"

namespace hansa {
namespace {

using namespace std::chrono_literals;

TEST_P(BackendContract, ARunNobodyStartedIsFoundSo) {
  EXPECT_EQ(look(run)->state, FoundState::never_started);
}

TEST_P(BackendContract, AfterARestartAClaimedRunIsFoundClaimedAndStaysSo) {
  perform(ClaimRun{run});
  ASSERT_TRUE(site->await<ClaimDecided>(run));
  site->restart();
  EXPECT_EQ(look(run)->state, FoundState::claimed);
  perform(start_of(run));
  EXPECT_TRUE(site->await<StartFailed>(run)->claim_lost);
}

TEST_P(BackendContract, AfterARestartARunningJobIsFoundAndItsEndIsTold) {
  start_long(run, {.script = "sleep 2\nexit 6"});
  site->restart();
  const auto found = look(run);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, FoundState::running);
  EXPECT_TRUE(found->started.known());
  const auto ended = site->await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.exit.code, 6);
  expect_place(ended->outcome.where, "cpu", "3");
}

TEST_P(BackendContract, AfterARestartARunningJobCanBeStopped) {
  start_long(run);
  site->restart();
  perform(StopRun{run});
  EXPECT_EQ(site->await<RunEnded>(run)->outcome.state, FinalState::cancelled);
}

TEST_P(BackendContract, AfterARestartAStartOfARunningJobIsToldAndStartsNothing) {
  start_long(run, {.script = "echo once\nsleep 600"});
  site->restart();
  perform(start_of(run, {.script = "echo once\nsleep 600"}));
  ASSERT_TRUE(site->await<RunStarted>(run));
  await_output(run, "once\n");
  perform(StopRun{run});
  ASSERT_TRUE(site->await<RunEnded>(run));
  EXPECT_EQ(site->output_of(run), "once\n");
}

TEST_P(BackendContract, AJobThatEndsWhileTheDaemonIsDownIsFoundEnded) {
  start_long(run, {.script = "sleep 0.3\nexit 9"});
  site->down();
  site->until_over(run);
  site->restart();
  const auto found = look(run);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, FoundState::ended);
  EXPECT_EQ(found->outcome.exit.code, 9);
  EXPECT_EQ(found->outcome.state, FinalState::failed);
}

TEST_P(BackendContract, AnEndedRunIsFoundWithTheSameOutcomeAfterARestart) {
  const auto ended = run_to_end(run, {.script = "exit 2"});
  ASSERT_TRUE(ended);
  site->restart();
  EXPECT_EQ(look(run)->outcome, ended->outcome);
}

TEST_P(BackendContract, ATimeLimitHoldsWhileTheDaemonIsDown) {
  start_long(run, {.script = "sleep 600", .time_limit = 500ms});
  site->down();
  site->until_over(run);
  site->restart();
  EXPECT_EQ(look(run)->outcome.state, FinalState::timeout);
}

TEST_P(BackendContract, ALeaseEndsTheRunBeforeItsDeadlineWhileTheDaemonIsDown) {
  const auto until = site->now() + site->start_time_max() + 2500ms;
  start_long(run, {.script = "trap '' TERM\nsleep 600", .lease_until = until});
  site->down();
  site->until_over(run);
  EXPECT_LT(site->now(), until);
  site->restart();
  const auto found = look(run);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, FoundState::ended);
  EXPECT_TRUE(found->by_lease);
  EXPECT_EQ(found->outcome.state, FinalState::cancelled);
}

TEST_P(BackendContract, AnExtendedLeaseLetsItRunOn) {
  start_long(run, {.script = "sleep 3\nexit 8", .lease_until = site->now() + site->start_time_max() + 3500ms});
  perform(ExtendLease{.run = run, .lease_until = site->now() + 1h});
  const auto ended = site->await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.exit.code, 8);
  EXPECT_FALSE(ended->by_lease);
}

TEST_P(BackendContract, ARunWhoseLeaseIsOutDoesNotStart) {
  perform(start_of(run, {.script = "echo started", .lease_until = site->now()}));
  const auto ended = site->await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->by_lease);
  EXPECT_EQ(ended->outcome.usage.elapsed, Duration(0));
  EXPECT_EQ(site->output_of(run), "");
}

TEST_P(BackendContract, StraysAreStoppedAndKnownRunsAreLeftAlone) {
  const auto known = run_number(1), stray = run_number(2), ended = run_number(3), waiting = run_number(4);
  start_long(known);
  start_long(stray);
  ASSERT_TRUE(run_to_end(ended));
  ASSERT_TRUE(site->backend->folder_of(waiting).ok());
  site->restart();
  perform(StopStrayRuns{.known = {known}});
  const auto stopped = site->await_any<StrayRunsStopped>();
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(std::find(stopped->stopped.begin(), stopped->stopped.end(), stray) != stopped->stopped.end());
  EXPECT_EQ(look(stray)->state, FoundState::ended);
  EXPECT_EQ(look(known)->state, FoundState::running);
}

TEST_P(BackendContract, WithoutStraysTheAnswerComesAtOnce) {
  perform(StopStrayRuns{});
  const auto stopped = site->await_any<StrayRunsStopped>();
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(stopped->stopped.empty());
}

}  // namespace
}  // namespace hansa
