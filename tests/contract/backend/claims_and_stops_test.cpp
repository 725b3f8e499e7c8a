// Backend contract: the start claim, stops, and commands that come again.
#include "tests/contract/backend/contract.hpp"

namespace hansa {
namespace {

TEST_P(BackendContract, AClaimBeforeTheStartWinsAndTheStartFails) {
  perform(ClaimRun{run});
  ASSERT_TRUE(site->await<ClaimDecided>(run));
  EXPECT_TRUE(site->await<ClaimDecided>(run)->won);
  perform(start_of(run));
  const auto failed = site->await<StartFailed>(run);
  ASSERT_TRUE(failed);
  EXPECT_TRUE(failed->claim_lost);
  EXPECT_FALSE(site->log.find<RunStarted>(run));
}

TEST_P(BackendContract, AClaimAfterTheStartLosesAndTheRunGoesOn) {
  start_long(run);
  perform(ClaimRun{run});
  ASSERT_TRUE(site->await<ClaimDecided>(run));
  EXPECT_FALSE(site->await<ClaimDecided>(run)->won);
  EXPECT_EQ(look(run)->state, FoundState::running);
}

TEST_P(BackendContract, AClaimOfAnEndedRunLoses) {
  ASSERT_TRUE(run_to_end(run));
  perform(ClaimRun{run});
  EXPECT_FALSE(site->await<ClaimDecided>(run)->won);
}

TEST_P(BackendContract, AClaimAskedForTwiceIsWonTwice) {
  for (const auto count : {1u, 2u}) {
    perform(ClaimRun{run});
    ASSERT_TRUE(site->until([&] { return site->log.all<ClaimDecided>(run).size() == count; }));
    EXPECT_TRUE(site->log.find<ClaimDecided>(run)->won);
  }
}

TEST_P(BackendContract, AClaimRightBehindAStartIsDecidedOneWay) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const auto each = run_number(i);
    perform(start_of(each, {.script = "exit 5"}));
    perform(ClaimRun{each});
    const auto decided = site->await<ClaimDecided>(each);
    ASSERT_TRUE(decided);
    if (decided->won) {
      ASSERT_TRUE(site->await<StartFailed>(each));
      EXPECT_FALSE(site->log.find<RunEnded>(each));
    } else {
      ASSERT_TRUE(site->await<RunEnded>(each));
      EXPECT_EQ(site->await<RunEnded>(each)->outcome.exit.code, 5);
      EXPECT_FALSE(site->log.find<StartFailed>(each));
    }
  }
}

TEST_P(BackendContract, AStartOfARunThatRunsTellsItAgainAndStartsNothing) {
  start_long(run, {.script = "echo once\nsleep 600"});
  perform(start_of(run, {.script = "echo once\nsleep 600"}));
  ASSERT_TRUE(site->until([&] { return site->log.all<RunStarted>(run).size() == 2; }));
  await_output(run, "once\n");
  perform(StopRun{run});
  ASSERT_TRUE(site->await<RunEnded>(run));
  EXPECT_EQ(site->output_of(run), "once\n");
}

TEST_P(BackendContract, AStartOfAnEndedRunTellsItsEndAgain) {
  ASSERT_TRUE(run_to_end(run, {.script = "echo once\nexit 4"}));
  perform(start_of(run, {.script = "echo once\nexit 4"}));
  ASSERT_TRUE(site->until([&] { return site->log.all<RunEnded>(run).size() == 2; }));
  const auto ends = site->log.all<RunEnded>(run);
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_EQ(site->output_of(run), "once\n");
}

TEST_P(BackendContract, AStopEndsARunningJobAsCancelled) {
  start_long(run);
  perform(StopRun{run});
  const auto ended = site->await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::cancelled);
  EXPECT_EQ(ended->outcome.exit.signal, 15);
  EXPECT_EQ(ended->outcome.reason, "cancelled");
}

TEST_P(BackendContract, AStopOfWhatIgnoresTermKillsAfterTheGrace) {
  start_long(run, {.script = "trap '' TERM\necho ready\nsleep 600"});
  await_output(run, "ready\n");  // by then the shell has come past its trap
  perform(StopRun{run});
  const auto ended = site->await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::cancelled);
  EXPECT_EQ(ended->outcome.exit.signal, 9);
}

TEST_P(BackendContract, AStopAskedForTwiceEndsItOnce) {
  start_long(run);
  perform(StopRun{run});
  perform(StopRun{run});
  ASSERT_TRUE(site->await<RunEnded>(run));
  EXPECT_EQ(look(run)->outcome.state, FinalState::cancelled);
}

TEST_P(BackendContract, AStopOfAnEndedRunTellsItsEndAgain) {
  ASSERT_TRUE(run_to_end(run));
  perform(StopRun{run});
  ASSERT_TRUE(site->until([&] { return site->log.all<RunEnded>(run).size() == 2; }));
  EXPECT_EQ(site->log.find<RunEnded>(run)->outcome.state, FinalState::completed);
}

TEST_P(BackendContract, AStopOfARunNeverStartedClaimsIt) {
  perform(StopRun{run});
  const auto ended = site->await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::cancelled);
  EXPECT_EQ(ended->outcome.usage.elapsed, Duration(0));
  EXPECT_TRUE(site->log.find<ClaimDecided>(run)->won);
  perform(start_of(run));
  EXPECT_TRUE(site->await<StartFailed>(run)->claim_lost);
}

TEST_P(BackendContract, AStopRightBehindAStartLeavesNothingRunning) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    perform(start_of(run_number(i), {.script = "sleep 600"}));
    perform(StopRun{run_number(i)});
  }
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const auto ended = site->await<RunEnded>(run_number(i));
    ASSERT_TRUE(ended) << i;
    EXPECT_EQ(ended->outcome.state, FinalState::cancelled);
  }
}

TEST_P(BackendContract, AForgottenRunIsUnknownAndItsFolderGone) {
  const auto folder = *site->backend->folder_of(run);
  ASSERT_TRUE(run_to_end(run));
  perform(ForgetRun{run});
  EXPECT_EQ(look(run)->state, FoundState::never_started);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace hansa
