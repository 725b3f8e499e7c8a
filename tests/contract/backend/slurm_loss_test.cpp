// A Slurm that is killed, forgets, hands numbers out again, and is told things twice: no run is lost, none starts
// twice.
#include "tests/contract/backend/slurm_fixture.hpp"

namespace hansa {
namespace {

using namespace std::chrono_literals;

// A controller that lost its state leaves numbers that its nodes know better, so these have a Slurm of their own.
class SlurmLossTest : public SlurmBackendTest {};

TEST_F(SlurmLossTest, WhatSlurmForgotIsSubmittedAgain) {
  shell("scontrol update partition=cpu state=down");
  perform(start_of(run, {.script = "echo once\nsleep 1"}));
  ASSERT_TRUE(eventually([&] { return submissions(run) == 1; }));
  kill_and_forget();
  testbed("daemon", {slurm_folder(), "start", "alpha.slurmctld"});
  EXPECT_TRUE(eventually([&] { return submissions(run) >= 2; }));
  shell("scontrol update partition=cpu state=up");
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.await<RunEnded>(run)->outcome.state, FinalState::completed);
  EXPECT_EQ(site.output_of(run), "once\n");
}

TEST_F(SlurmLossTest, ARunThatSlurmForgotWhileItRanIsNotStartedAgain) {
  perform(start_of(run, {.script = "echo once\nsleep 3\nexit 6"}));
  ASSERT_TRUE(site.await<RunStarted>(run));
  kill_and_forget();
  const auto ended = site.await<RunEnded>(run);
  testbed("daemon", {slurm_folder(), "start", "alpha.slurmctld"});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.exit.code, 6);
  EXPECT_EQ(site.output_of(run), "once\n");
  EXPECT_EQ(submissions(run), 1u);
}

// Its nodes hold that number for running and refuse the job, which Slurm then cancels.
TEST_F(SlurmLossTest, ANumberThatSlurmHandsOutAgainLosesNoRun) {
  kill_and_forget();
  make_slurm_whole();  // it counts from 1
  perform(start_of(run, {.script = "sleep 2"}));
  ASSERT_TRUE(site.await<RunStarted>(run));
  kill_and_forget();
  ASSERT_TRUE(site.await<RunEnded>(run));
  make_slurm_whole();
  const auto next = run_number(8);
  perform(start_of(next, {.script = "echo once"}));
  const auto ended = site.await<RunEnded>(next);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::completed);
  EXPECT_EQ(site.output_of(next), "once\n");
  EXPECT_EQ(BackendSite::read(control(next) + "/submitted"), "1\n2\n");
}

TEST_F(SlurmLossTest, ADaemonThatDiedBehindSbatchFindsItsJobByName) {
  shell("scontrol update partition=cpu state=down");
  const auto start = start_of(run, {.script = "echo once"});
  perform(start);
  ASSERT_TRUE(eventually([&] { return submissions(run) == 1; }));
  site.down();
  std::filesystem::remove(control(run) + "/submitted");  // it died before it could write that down
  site.log.clear();
  site.up();
  perform(start);
  std::this_thread::sleep_for(3s);
  EXPECT_EQ(submissions(run), 0u);
  shell("scontrol update partition=cpu state=up");
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.output_of(run), "once\n");
  EXPECT_EQ(submissions(run), 0u);
}

TEST_F(SlurmLossTest, ALateLandingOfASubmissionDoesNothing) {
  perform(start_of(run, {.script = "echo once"}));
  ASSERT_TRUE(site.await<RunEnded>(run));
  site.down();                                                // which would take it out of the line
  EXPECT_EQ(shell("sbatch --wait " + late_submission()), 3);  // the claim is taken
  EXPECT_EQ(BackendSite::read(control(run) + "/stdout"), "once\n");
}

TEST_F(SlurmLossTest, ASubmissionThatLandsLateIsTakenOutOfTheLine) {
  perform(start_of(run, {.script = "echo once"}));
  ASSERT_TRUE(site.await<RunEnded>(run));
  shell("scontrol update partition=cpu state=down");
  ASSERT_EQ(shell("sbatch " + late_submission()), 0);
  EXPECT_TRUE(eventually([&] { return shell("test -z \"$(squeue -h -n " + name() + ")\"") == 0; }));
  EXPECT_EQ(site.output_of(run), "once\n");
}

TEST_F(SlurmLossTest, ASlurmThatIsAwayDelaysAStartAndLosesNothing) {
  testbed("daemon", {slurm_folder(), "kill", "alpha.slurmctld"});
  EXPECT_TRUE(load([](const auto& report) { return !report.problem.empty(); }));
  perform(start_of(run, {.script = "echo once"}));
  std::this_thread::sleep_for(1s);
  EXPECT_FALSE(site.log.find<StartFailed>(run));
  testbed("daemon", {slurm_folder(), "start", "alpha.slurmctld"});
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.output_of(run), "once\n");
  EXPECT_TRUE(load([](const auto& report) { return report.problem.empty(); }));
}

TEST_F(SlurmLossTest, ARunIsStoppedWhileSlurmIsAway) {
  perform(start_of(run, {.script = "sleep 600"}));
  ASSERT_TRUE(site.await<RunStarted>(run));
  testbed("daemon", {slurm_folder(), "kill", "alpha.slurmctld"});
  perform(StopRun{run});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(control(run) + "/status"); }));
  testbed("daemon", {slurm_folder(), "start", "alpha.slurmctld"});
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.await<RunEnded>(run)->outcome.state, FinalState::cancelled);
}

}  // namespace
}  // namespace hansa
