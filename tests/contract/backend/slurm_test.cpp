// What only the Slurm backend promises: its pools, how Slurm's ends are told, and who takes room there.
#include <signal.h>

#include <fstream>

#include "src/backends/process/claim.hpp"
#include "tests/contract/backend/slurm_fixture.hpp"

namespace hansa {
namespace {

using namespace std::chrono_literals;

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

// Without its tasks srun would start one of four.
TEST_F(SlurmBackendTest, AJobOfSeveralTasksHasThemInSlurm) {
  auto start = start_of(run, {.allocation = {.pool = "cpu", .per_node = {.cores = 4}, .nodes = {{0, {}}}}});
  JobPayload payload;
  payload.script = "#!/bin/sh\necho $SLURM_NTASKS/$SLURM_CPUS_PER_TASK\n";
  payload.passed_through = {{"ntasks", "2"}, {"cpus-per-task", "2"}};
  start.payload = EncodedPayload(encode(payload));
  perform(start);
  ASSERT_TRUE(site.await<RunEnded>(run));
  EXPECT_EQ(site.output_of(run), "2/2\n");
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
  // What is cancelled just as the controller comes up may be its own doing.
  ASSERT_TRUE(eventually([] {
    return shell(
               "up=$(TZ=UTC scontrol show config | sed -n 's/^BOOT_TIME *= //p'); "
               "test $(($(date +%s) - $(date -ud \"$up\" +%s))) -gt 11") == 0;
  }));
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
