// The wrapper: it leaves nothing alive, and what becomes of a run whose wrapper dies.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/backends/registry.hpp"
#include "tests/contract/backend/process_site_test.hpp"

namespace hansa {
namespace {

constexpr const char* leaves_others_behind =
    "setsid sleep 600 & escaped=$!\n"
    "sleep 600 & same_group=$!\n"
    "echo $escaped $same_group\n";

std::pair<pid_t, pid_t> two_pids(const std::string& line) {
  std::istringstream in(line);
  std::pair<pid_t, pid_t> pids;
  in >> pids.first >> pids.second;
  return pids;
}

TEST_F(ProcessBackendTest, WhatAJobLeavesBehindDiesWithIt) {
  const auto [escaped, same_group] = two_pids(output_of({.script = leaves_others_behind}));
  ASSERT_GT(escaped, 0);
  EXPECT_EQ(site->log.find<RunEnded>(run)->outcome.state, FinalState::completed);
  EXPECT_FALSE(alive(escaped));
  EXPECT_FALSE(alive(same_group));
}

TEST_F(ProcessBackendTest, AStopReachesWhatHasLeftTheGroup) {
  perform(start_of(run, {.script = std::string(leaves_others_behind) + "wait"}));
  const auto [escaped, same_group] = two_pids(first_line());
  ASSERT_GT(escaped, 0);
  perform(StopRun{run});
  ASSERT_TRUE(site->await<RunEnded>(run));
  EXPECT_FALSE(alive(escaped));
  EXPECT_FALSE(alive(same_group));
}

TEST_F(ProcessBackendTest, AKilledWrapperFailsTheRunAndTakesItsProcessesAlong) {
  perform(start_of(run, {.script = std::string(leaves_others_behind) + "wait"}));
  const auto [escaped, same_group] = two_pids(first_line());
  ASSERT_GT(escaped, 0);
  ASSERT_EQ(::kill(claim().wrapper.pid, SIGKILL), 0);
  const auto ended = site->await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::failed);
  EXPECT_NE(ended->outcome.reason.find("its wrapper was killed"), std::string::npos);
  EXPECT_FALSE(alive(escaped));
  EXPECT_FALSE(alive(same_group));
}

TEST_F(ProcessBackendTest, AWrapperKilledWhileTheDaemonIsDownIsFoundOut) {
  perform(start_of(run, {.script = std::string(leaves_others_behind) + "wait"}));
  const auto [escaped, same_group] = two_pids(first_line());
  site->down();
  const auto wrapper = open_process(claim().wrapper);
  kill_process(wrapper);
  ASSERT_EQ(reap_process(wrapper), 128 + SIGKILL);
  site->restart();
  const auto found = look();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, FoundState::ended);
  EXPECT_EQ(found->outcome.state, FinalState::failed);
  EXPECT_FALSE(alive(escaped));
  EXPECT_FALSE(alive(same_group));
}

TEST_F(ProcessBackendTest, ARunFromBeforeARestartOfTheMachineEndedWithIt) {
  ASSERT_TRUE(site->backend->folder_of(run).ok());
  const auto control_folder = open_folder(control());
  const Claim before{.wrapper = {.pid = ::getpid(), .start_ticks = 1, .boot = "another-boot"}, .made_at_ms = 1000};
  ASSERT_EQ(make_claim(control_folder.get(), before), ClaimAttempt::won);
  const auto found = look();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, FoundState::ended);
  EXPECT_EQ(found->outcome.state, FinalState::node_fail);
}

TEST_F(ProcessBackendTest, AnotherProcessWithTheWrappersNumberIsNotTakenForIt) {
  ASSERT_TRUE(site->backend->folder_of(run).ok());
  const auto control_folder = open_folder(control());
  const Claim reused{.wrapper = {.pid = ::getpid(), .start_ticks = 1, .boot = read_boot_id()}, .made_at_ms = 1000};
  ASSERT_EQ(make_claim(control_folder.get(), reused), ClaimAttempt::won);
  EXPECT_EQ(look()->outcome.state, FinalState::failed);
}

TEST_F(ProcessBackendTest, OfTwoWrappersOfOneRunOneRunsIt) {
  for (std::uint64_t i = 1; i <= 10; ++i) {
    const auto each = run_number(i);
    perform(start_of(each, {.script = "echo once"}));
    ASSERT_TRUE(site->until([&] {
      const auto spec = RunFolders(site->folder.path()).control_of(each) + "/spec";
      if (!std::filesystem::exists(spec)) perform(LookForRun{each});
      return std::filesystem::exists(spec);
    }));
    site->restart();  // often before the first wrapper has made its claim
    perform(start_of(each, {.script = "echo once"}));
    ASSERT_TRUE(site->await<RunEnded>(each)) << i;
    EXPECT_EQ(site->output_of(each), "once\n");
  }
}

TEST_F(ProcessBackendTest, AWrapperThatCantBeStartedFailsTheStartForGood) {
  auto settings = site->settings;
  settings.shim_path = site->folder.path() + "/broken";
  std::ofstream(settings.shim_path) << "not a program";
  ::chmod(settings.shim_path.c_str(), 0755);
  auto broken = make_backend("process", settings);
  ASSERT_TRUE(broken.ok());
  (*broken)->perform(start_of(run));
  const auto failed = site->await<StartFailed>(run);
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find(settings.shim_path), std::string::npos);
  EXPECT_EQ(look()->state, FoundState::claimed);
}

TEST_F(ProcessBackendTest, AMissingWrapperProgramStopsTheStartOfTheDaemon) {
  auto settings = site->settings;
  settings.shim_path = "/nowhere/hansa-shim";
  const auto made = make_backend("process", settings);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().text.find("/nowhere/hansa-shim"), std::string::npos);
}

TEST_F(ProcessBackendTest, ForgettingARunThatRunsEndsIt) {
  perform(start_of(run, {.script = "echo $$\nsleep 600"}));
  const auto pid = static_cast<pid_t>(std::stol(first_line()));
  const auto wrapper = claim().wrapper;
  perform(ForgetRun{run});
  ASSERT_TRUE(site->until([&] {
    if (std::filesystem::exists(control())) perform(LookForRun{run});
    return !std::filesystem::exists(control());
  }));
  EXPECT_FALSE(alive(pid));
  EXPECT_FALSE(alive(wrapper.pid));
}

}  // namespace
}  // namespace hansa
