// Backend contract: starting, running and ending.
#include "tests/contract/backend/contract.hpp"

namespace hansa {
namespace {

INSTANTIATE_TEST_SUITE_P(Every, BackendContract, ::testing::ValuesIn(sites_under_test()), name_of_site);

TEST_P(BackendContract, ATrivialJobStartsThenCompletes) {
  const auto ended = run_to_end(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::completed);
  EXPECT_EQ(ended->outcome.exit, ExitStatus{});
  EXPECT_EQ(ended->outcome.reason, "");
  EXPECT_FALSE(ended->by_lease);
  EXPECT_EQ(site->log.kinds(run),
            (std::vector<std::size_t>{BackendEvent(RunStarted{}).index(), BackendEvent(RunEnded{}).index()}));
}

TEST_P(BackendContract, TheOutcomeSaysWhenAndWhereItRan) {
  const auto ended = run_to_end(run, {.script = "sleep 0.2"});
  ASSERT_TRUE(ended);
  expect_place(ended->outcome.where, "cpu", "3");
  EXPECT_TRUE(ended->outcome.started.known());
  EXPECT_GE(ended->outcome.ended, ended->outcome.started);
  EXPECT_GE(ended->outcome.usage.elapsed, std::chrono::milliseconds(200));
}

TEST_P(BackendContract, UnitHoursAreUnitsTimesTimeElapsed) {
  StartOptions options{.script = "sleep 0.1"};
  options.allocation = {
      .pool = "a100", .per_node = {.accelerators = 4}, .nodes = {{0, {0, 1, 2, 3}}, {1, {4, 5, 6, 7}}}};
  const auto ended = run_to_end(run, options);
  ASSERT_TRUE(ended);
  const auto& usage = ended->outcome.usage;
  EXPECT_DOUBLE_EQ(usage.unit_hours, 8 * seconds(usage.elapsed) / 3600);
  expect_place(ended->outcome.where, "a100", "0-1");
}

TEST_P(BackendContract, AnExitCodeOtherThanZeroIsAFailure) {
  const auto ended = run_to_end(run, {.script = "exit 3"});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::failed);
  EXPECT_EQ(ended->outcome.exit, (ExitStatus{.code = 3}));
  EXPECT_EQ(ended->outcome.reason, "exit code 3");
}

TEST_P(BackendContract, ADeadlySignalIsToldAsShellsDo) {
  const auto ended = run_to_end(run, {.script = "kill -9 $$"});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::failed);
  EXPECT_EQ(ended->outcome.exit, (ExitStatus{.code = 137, .signal = 9}));
  EXPECT_EQ(ended->outcome.reason, "ended by signal 9 (SIGKILL)");
}

TEST_P(BackendContract, ACommandWithoutAScriptRuns) {
  const auto ended = run_to_end(run, {.command = {"echo", "two", "words"}});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::completed);
  EXPECT_EQ(site->output_of(run), "two words\n");
}

TEST_P(BackendContract, BothOutputStreamsAreKept) {
  ASSERT_TRUE(run_to_end(run, {.script = "echo hello\necho trouble >&2"}));
  EXPECT_EQ(site->output_of(run), "hello\n");
  EXPECT_EQ(BackendSite::read(site->backend->stderr_file(run)), "trouble\n");
}

TEST_P(BackendContract, AStartWithNothingToRunFailsWithAReason) {
  auto start = start_of(run);
  start.payload = EncodedPayload(encode(JobPayload{}));
  perform(start);
  const auto failed = site->await<StartFailed>(run);
  ASSERT_TRUE(failed);
  EXPECT_FALSE(failed->claim_lost);
  EXPECT_NE(failed->text, "");
}

TEST_P(BackendContract, APayloadThatCantBeReadFailsAndNeverStarts) {
  auto start = start_of(run);
  start.payload = EncodedPayload(std::string("\xc1garbage"));
  perform(start);
  ASSERT_TRUE(site->await<StartFailed>(run));
  EXPECT_EQ(look(run)->state, FoundState::claimed);
}

TEST_P(BackendContract, ATimeLimitEndsItAsTimeout) {
  const auto ended = run_to_end(run, {.script = "sleep 600", .time_limit = std::chrono::milliseconds(200)});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::timeout);
  EXPECT_EQ(ended->outcome.exit.signal, 15);
  EXPECT_GE(ended->outcome.usage.elapsed, std::chrono::milliseconds(200));
}

TEST_P(BackendContract, WhatIgnoresTermIsKilledAfterTheGrace) {
  const auto ended =
      run_to_end(run, {.script = "trap '' TERM\nsleep 600", .time_limit = std::chrono::milliseconds(1000)});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::timeout);
  EXPECT_EQ(ended->outcome.exit.signal, 9);
  EXPECT_GE(ended->outcome.usage.elapsed, std::chrono::milliseconds(1400));
}

TEST_P(BackendContract, ManyRunsAtOnceAllEndByThemselves) {
  for (std::uint64_t i = 1; i <= 40; ++i) perform(start_of(run_number(i), {.script = "exit " + std::to_string(i)}));
  for (std::uint64_t i = 1; i <= 40; ++i) {
    const auto ended = site->await<RunEnded>(run_number(i));
    ASSERT_TRUE(ended) << i;
    EXPECT_EQ(ended->outcome.exit.code, static_cast<int>(i));
  }
}

TEST_P(BackendContract, TasksAndEpochsOfAJobAreRunsOfTheirOwn) {
  auto task = run;
  task.job.task = 4;
  const auto later = run_number(7, 2);
  perform(start_of(run, {.script = "exit 1"}));
  perform(start_of(task, {.script = "exit 2"}));
  perform(start_of(later, {.script = "exit 3"}));
  EXPECT_EQ(site->await<RunEnded>(run)->outcome.exit.code, 1);
  EXPECT_EQ(site->await<RunEnded>(task)->outcome.exit.code, 2);
  EXPECT_EQ(site->await<RunEnded>(later)->outcome.exit.code, 3);
}

TEST_P(BackendContract, TheFolderIsThereBeforeTheStartAndTheSameEachTime) {
  const auto folder = site->backend->folder_of(run);
  ASSERT_TRUE(folder.ok());
  EXPECT_TRUE(std::filesystem::is_directory(*folder));
  EXPECT_EQ(*site->backend->folder_of(run), *folder);
  EXPECT_NE(*site->backend->folder_of(run_number(8)), *folder);
}

}  // namespace
}  // namespace hansa
