#include "src/backends/slurm/slurm_run.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

RunStatus settled(RunEnding ending, const char* state, const char* log = "") {
  RunStatus status{.ending = ending, .code = 137, .signal = 9, .reason = "as the wrapper saw it"};
  settle_status(status, state, log);
  return status;
}

TEST(SlurmEnds, WhatSlurmEndedIsToldByItsReason) {
  EXPECT_EQ(settled(RunEnding::told_to_end, "TIMEOUT").ending, RunEnding::time_limit);
  EXPECT_EQ(settled(RunEnding::told_to_end, "CANCELLED").ending, RunEnding::stopped);
  EXPECT_EQ(settled(RunEnding::wrapper_killed, "NODE_FAIL").ending, RunEnding::machine_restarted);
  EXPECT_EQ(settled(RunEnding::told_to_end, "PREEMPTED").reason, "preempted in Slurm");
  EXPECT_EQ(settled(RunEnding::wrapper_killed, "FAILED").ending, RunEnding::wrapper_killed);
  EXPECT_EQ(settled(RunEnding::wrapper_killed, "OUT_OF_MEMORY").ending, RunEnding::out_of_memory);
}

TEST(SlurmEnds, AKilledJobIsOutOfMemoryWhenSlurmSaysSo) {
  EXPECT_EQ(settled(RunEnding::exited, "OUT_OF_MEMORY").ending, RunEnding::out_of_memory);
  EXPECT_EQ(settled(RunEnding::exited, "FAILED", "error: Exceeded job memory limit").ending, RunEnding::out_of_memory);
  EXPECT_EQ(settled(RunEnding::exited, "FAILED").ending, RunEnding::exited);
}

// Slurm signals the job before its wrapper, which then saw a job die of TERM.
TEST(SlurmEnds, AJobThatFailedAsSlurmEndedItWasEndedBySlurm) {
  EXPECT_EQ(settled(RunEnding::exited, "CANCELLED").reason, "cancelled in Slurm");
  EXPECT_EQ(settled(RunEnding::exited, "TIMEOUT").ending, RunEnding::time_limit);
  EXPECT_EQ(settled(RunEnding::exited, "NODE_FAIL").ending, RunEnding::machine_restarted);
  EXPECT_EQ(settled(RunEnding::exited, "FAILED").reason, "as the wrapper saw it");
}

// Of a job whose second copy was refused, Slurm cancels the first too: it began as the controller came up.
TEST(SlurmEnds, WhatSlurmCancelsAsItComesUpWasCancelledByNobody) {
  const auto ending_when_up_since = [](std::int64_t up_since_s) {
    RunStatus status{.ending = RunEnding::told_to_end};
    status.started_ms = 1'000'000;
    status.ended_ms = 1'000'200;
    settle_status(status, "CANCELLED", "", up_since_s);
    return status.ending;
  };
  EXPECT_EQ(ending_when_up_since(998), RunEnding::machine_restarted);
  EXPECT_EQ(ending_when_up_since(1'001), RunEnding::machine_restarted);
  EXPECT_EQ(ending_when_up_since(900), RunEnding::stopped);
  EXPECT_EQ(ending_when_up_since(1'100), RunEnding::stopped);
}

TEST(SlurmEnds, AJobThatSlurmForgotAndEndedWasEndedByTheMachine) {
  EXPECT_EQ(settled(RunEnding::told_to_end, "").ending, RunEnding::machine_restarted);
  EXPECT_EQ(settled(RunEnding::wrapper_killed, "").ending, RunEnding::machine_restarted);
  EXPECT_EQ(settled(RunEnding::exited, "", "*** JOB 8 ON c2 CANCELLED AT 2026-11-23T19:25:58 ***").ending,
            RunEnding::machine_restarted);
  EXPECT_EQ(settled(RunEnding::exited, "").ending, RunEnding::exited);
}

TEST(SlurmEnds, AJobThatEndedWellIsNotCancelledByASignalThatCameTooLate) {
  RunStatus status{.ending = RunEnding::told_to_end, .reason = "told to end"};
  settle_status(status, "COMPLETED", "");
  EXPECT_EQ(status.ending, RunEnding::exited);
  EXPECT_EQ(status.reason, "");
}

TEST(SlurmEnds, WhatTheWrapperKnowsStands) {
  EXPECT_EQ(settled(RunEnding::time_limit, "CANCELLED").ending, RunEnding::time_limit);
  EXPECT_EQ(settled(RunEnding::stopped, "TIMEOUT").ending, RunEnding::stopped);
  EXPECT_EQ(settled(RunEnding::lease_out, "COMPLETED").ending, RunEnding::lease_out);
}

TEST(SlurmEnds, ASlurmThatIsAwayIsNotARefusal) {
  const auto failure = [](const char* text, int code = 1) { return CommandResult{.code = code, .err = text}; };
  EXPECT_TRUE(is_passing_failure(failure("Unable to contact slurm controller (connect failure)"), false));
  EXPECT_TRUE(is_passing_failure(failure("Socket timed out on send/recv operation"), false));
  EXPECT_TRUE(is_passing_failure(failure("Slurm temporarily unable to accept job, sleeping and retrying"), false));
  EXPECT_TRUE(is_passing_failure(failure("error: QOSMaxSubmitJobPerUserLimit"), false));
  EXPECT_TRUE(is_passing_failure(failure("anything", 255), true));
  EXPECT_TRUE(is_passing_failure({.timed_out = true}, false));
  EXPECT_FALSE(is_passing_failure(failure("Invalid account or account/partition combination specified"), false));
  EXPECT_FALSE(is_passing_failure(failure("Requested node configuration is not available"), false));
}

}  // namespace
}  // namespace hansa
