// What only the Slurm backend promises: of a Slurm that forgets, dies, drains, kills, and is told things twice.
#include <signal.h>

#include <fstream>
#include <thread>

#include "src/backends/process/claim.hpp"
#include "src/backends/process/run_folders.hpp"
#include "tests/contract/backend/slurm_site.hpp"

namespace hansa {
namespace {

using namespace std::chrono_literals;

class SlurmBackendTest : public ::testing::Test {
 protected:
  SlurmBackendTest() {
    make_slurm_whole();
    site.up();
  }
  ~SlurmBackendTest() override {
    shell("scancel -n wrap");
    make_slurm_whole();
  }

  static void kill_and_forget() {
    testbed("daemon", {slurm_folder(), "kill", "alpha.slurmctld"});
    shell("rm -f " + slurm_folder() + "/alpha/state/job_state*");
  }
  // As an operator would: a controller that lost its state drains the nodes that know more than it does.
  void make_slurm_whole() {
    testbed("daemon", {slurm_folder(), "start", "alpha.slurmctld"});
    shell("scontrol update partition=cpu state=up");
    EXPECT_TRUE(eventually([] {
      shell("for n in $(sinfo -h -N -t drain,down -o %N | sort -u); do scontrol update nodename=$n state=resume; done "
            "2>/dev/null");
      return shell("test $(sinfo -h -N -t idle,alloc,mix -o %N | sort -u | wc -l) = 5") == 0;
    }));
  }

  static int shell(const std::string& line) { return run_program({"sh", "-c", line}); }
  template <class Command>
  void perform(const Command& command) {
    site.backend->perform(command);
  }
  std::string control(const RunKey& key) { return RunFolders(site.folder.path()).control_of(key); }
  std::string name() const { return "hansa-" + run_folder_name(run); }
  bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 600; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(50ms);
    }
    return false;
  }
  // What sbatch would be told if a submission of this run came a second time.
  std::string late_submission() {
    return "--output=/dev/null --job-name=" + name() + " --wrap 'exec " + HANSA_SHIM_PATH + " " + control(run) +
           "' >/dev/null";
  }
  std::size_t submissions(const RunKey& key) {
    const auto text = BackendSite::read(control(key) + "/submitted");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  template <class Wanted>
  bool load(Wanted wanted) {
    return site.until([&] {
      const auto report = site.log.find_any<LoadReported>();
      return report && wanted(*report);
    });
  }
  const LoadReported::Outlook* pool(const LoadReported& report, const std::string& name) const {
    for (const auto& each : report.pools)
      if (each.pool == name) return &each;
    return nullptr;
  }

  SlurmSite site;
  const RunKey run = run_number(7);
};

TEST_F(SlurmBackendTest, PoolsAreAsSlurmHasThem) {
  const auto abilities = site.backend->abilities();
  ASSERT_FALSE(abilities.pools.empty());
  EXPECT_EQ(abilities.pools[0].name, "cpu");
  EXPECT_EQ(abilities.pools[0].nodes, 2u);
  EXPECT_EQ(abilities.pools[0].per_node, (NodeResources{.accelerators = 0, .cores = 32, .memory_mib = 64'000}));
  EXPECT_EQ(abilities.pools[1].per_node.accelerators, 8u);
  EXPECT_EQ(abilities.labels, std::vector<std::string>{"apptainer"});
}

TEST_F(SlurmBackendTest, AJobSeesItsAcceleratorsAndItsSlurm) {
  StartOptions options{.script = "echo $CUDA_VISIBLE_DEVICES/$SLURM_JOB_PARTITION/$SLURM_CPUS_PER_TASK"};
  options.environment = {{"SLURM_JOB_ID", "another machine's"}};
  options.allocation = {.pool = "a100", .per_node = {.accelerators = 2, .cores = 4}, .nodes = {{0, {0, 1}}}};
  perform(start_of(run, options));
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.output_of(run), "0,1/a100/4\n");
}

TEST_F(SlurmBackendTest, WhatSlurmForgotIsSubmittedAgain) {
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

TEST_F(SlurmBackendTest, ARunThatSlurmForgotWhileItRanIsNotStartedAgain) {
  perform(start_of(run, {.script = "echo once\nsleep 8\nexit 6"}));
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
TEST_F(SlurmBackendTest, ANumberThatSlurmHandsOutAgainLosesNoRun) {
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

TEST_F(SlurmBackendTest, ADaemonThatDiedBehindSbatchFindsItsJobByName) {
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

TEST_F(SlurmBackendTest, ALateLandingOfASubmissionDoesNothing) {
  perform(start_of(run, {.script = "echo once"}));
  ASSERT_TRUE(site.await<RunEnded>(run));
  site.down();  // which would take it out of the line
  EXPECT_EQ(shell("sbatch --wait " + late_submission()), 3);  // the claim is taken
  EXPECT_EQ(BackendSite::read(control(run) + "/stdout"), "once\n");
}

TEST_F(SlurmBackendTest, ASubmissionThatLandsLateIsTakenOutOfTheLine) {
  perform(start_of(run, {.script = "echo once"}));
  ASSERT_TRUE(site.await<RunEnded>(run));
  shell("scontrol update partition=cpu state=down");
  ASSERT_EQ(shell("sbatch " + late_submission()), 0);
  EXPECT_TRUE(eventually([&] { return shell("test -z \"$(squeue -h -n " + name() + ")\"") == 0; }));
  EXPECT_EQ(site.output_of(run), "once\n");
}

TEST_F(SlurmBackendTest, ARevokedRunNeverStartsThoughSlurmHasIt) {
  shell("scontrol update partition=cpu state=down");
  perform(start_of(run, {.script = "echo started"}));
  ASSERT_TRUE(eventually([&] { return submissions(run) == 1; }));
  perform(ClaimRun{run});
  ASSERT_TRUE(site.await<ClaimDecided>(run));
  EXPECT_TRUE(site.await<ClaimDecided>(run)->won);
  EXPECT_TRUE(eventually([&] { return shell("test -z \"$(squeue -h -n " + name() + ")\"") == 0; }));
  shell("scontrol update partition=cpu state=up");
  EXPECT_EQ(site.output_of(run), "");
}

TEST_F(SlurmBackendTest, AJobCancelledInSlurmIsToldSo) {
  perform(start_of(run, {.script = "sleep 600"}));
  ASSERT_TRUE(site.await<RunStarted>(run));
  shell("scancel -n " + name());
  const auto ended = site.await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::cancelled);
  EXPECT_EQ(ended->outcome.reason, "cancelled in Slurm");
}

TEST_F(SlurmBackendTest, TooMuchMemoryIsOutOfMemory) {
  StartOptions options{.script = "exec python3 -c 'import time; x = bytearray(400 << 20); time.sleep(60)'"};
  options.allocation.per_node.memory_mib = 100;
  perform(start_of(run, options));
  const auto ended = site.await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::out_of_memory) << ended->outcome.reason;
}

TEST_F(SlurmBackendTest, AWrapperThatWasKilledIsNoticedAndTheRunIsOver) {
  perform(start_of(run, {.script = "echo $$; exec sleep 600"}));
  ASSERT_TRUE(site.await<RunStarted>(run));
  ASSERT_TRUE(eventually([&] { return !site.output_of(run).empty(); }));
  const auto claim = read_claim(open_folder(control(run)).get());
  ASSERT_TRUE(claim);
  ::kill(claim->wrapper.pid, SIGKILL);
  const auto ended = site.await<RunEnded>(run);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::failed);
  EXPECT_EQ(ended->outcome.exit.signal, 9);
  EXPECT_TRUE(eventually([&] { return ::kill(std::stoi(site.output_of(run)), 0) != 0; })) << "the job lives on";
}

TEST_F(SlurmBackendTest, ASlurmThatIsAwayDelaysAStartAndLosesNothing) {
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

TEST_F(SlurmBackendTest, ARunIsStoppedWhileSlurmIsAway) {
  perform(start_of(run, {.script = "sleep 600"}));
  ASSERT_TRUE(site.await<RunStarted>(run));
  testbed("daemon", {slurm_folder(), "kill", "alpha.slurmctld"});
  perform(StopRun{run});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(control(run) + "/status"); }));
  testbed("daemon", {slurm_folder(), "start", "alpha.slurmctld"});
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.await<RunEnded>(run)->outcome.state, FinalState::cancelled);
}

TEST_F(SlurmBackendTest, DrainedNodesAndForeignJobsTakeRoom) {
  shell("sbatch --output=/dev/null -p a100 --gres=gpu:a100:3 -c 5 --wrap 'sleep 30' >/dev/null");
  shell("scontrol update nodename=alpha-c1 state=drain reason=test");
  EXPECT_TRUE(load([&](const auto& report) {
    const bool drained = pool(report, "cpu") && pool(report, "cpu")->nodes_usable == 1;
    const bool foreign = std::any_of(report.uses.begin(), report.uses.end(), [](const auto& use) {
      return use.foreign && use.allocation.pool == "a100" && use.allocation.per_node.accelerators == 3 &&
             use.allocation.per_node.cores == 5;
    });
    return drained && foreign;
  }));
}

TEST_F(SlurmBackendTest, AJobThatSlurmRefusesFailsToStartWithItsWords) {
  StartOptions options;
  options.allocation.per_node.memory_mib = 900'000;
  perform(start_of(run, options));
  const auto failed = site.await<StartFailed>(run);
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find("sbatch refused it"), std::string::npos) << failed->text;
}

TEST_F(SlurmBackendTest, CommandsRunOverSsh) {
  const auto fake = site.folder.path() + "/bin";  // stands for ssh: its last word is the remote command line
  std::filesystem::create_directory(fake);
  std::ofstream(fake + "/ssh") << "#!/bin/sh\nfor last; do :; done\necho \"$last\" >> " << fake
                               << "/log\nexec sh -c \"$last\"\n";
  std::filesystem::permissions(fake + "/ssh", std::filesystem::perms(0755));
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", (fake + ":" + path).c_str(), 1);
  site.down();
  site.settings.slurm.ssh = "login1";
  site.settings.slurm.conf = slurm_folder() + "/alpha/slurm.conf";
  site.up();
  perform(start_of(run, {.script = "echo 'far away'"}));
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.output_of(run), "far away\n");
  EXPECT_NE(BackendSite::read(fake + "/log").find("'sbatch' '--parsable'"), std::string::npos);
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace hansa
