// What a job finds around it when it runs as a process: its user, its folder, its environment, its limits.
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "src/backends/process/run_spec.hpp"
#include "src/backends/registry.hpp"
#include "tests/contract/backend/process_site_test.hpp"

namespace hansa {
namespace {

StartOptions on_pool(const std::string& pool, std::vector<std::uint32_t> accelerators, const std::string& script) {
  StartOptions options{.script = script};
  const auto count = static_cast<std::uint32_t>(accelerators.size());
  options.allocation = {.pool = pool,
                        .per_node = {.accelerators = count, .cores = 2},
                        .nodes = {{.node = 1, .accelerators = accelerators}}};
  return options;
}

TEST_F(ProcessBackendTest, AJobSeesItsUsersEnvironmentAndItsOwnNames) {
  StartOptions options{.script = "echo $GREETING $HANSA_JOB_ID $HANSA_JOB_NAME $HANSA_SITE $HANSA_ORIGIN",
                       .environment = {{"GREETING", "two\tparts"}}};
  EXPECT_EQ(output_of(options), "two parts wujiang-7 test taihu wujiang\n");
}

TEST_F(ProcessBackendTest, AJobSeesWhatItWasGiven) {
  auto options = on_pool("a100", {2, 5}, "echo $HANSA_NODES $HANSA_NODELIST $HANSA_CPUS $HANSA_MEMORY_MB $HANSA_GPUS");
  options.allocation.per_node.memory_mib = 64;
  EXPECT_EQ(output_of(options), "1 a100[1] 2 64 2\n");
}

TEST_F(ProcessBackendTest, OnlyATaskOfAnArrayHasATaskNumber) {
  EXPECT_EQ(output_of({.script = "echo ${HANSA_ARRAY_TASK_ID-none}"}), "none\n");
  auto task = run_number(8);
  task.job.task = 12;
  perform(start_of(task, {.script = "echo $HANSA_ARRAY_TASK_ID"}));
  ASSERT_TRUE(site->await<RunEnded>(task));
  EXPECT_EQ(site->output_of(task), "12\n");
}

TEST_F(ProcessBackendTest, NvidiaAcceleratorsAreNamedByCuda) {
  EXPECT_EQ(output_of(on_pool("a100", {2, 5}, "echo $CUDA_VISIBLE_DEVICES")), "2,5\n");
}

TEST_F(ProcessBackendTest, AscendAcceleratorsAreNamedByBothOfItsVariables) {
  EXPECT_EQ(output_of(on_pool("910b", {0, 7},
                              "echo $ASCEND_VISIBLE_DEVICES $ASCEND_RT_VISIBLE_DEVICES ${CUDA_VISIBLE_DEVICES-none}")),
            "0,7 0,7 none\n");
}

TEST_F(ProcessBackendTest, AmdAcceleratorsAreNamedByRocm) {
  EXPECT_EQ(output_of(on_pool("mi300", {3}, "echo $ROCR_VISIBLE_DEVICES")), "3\n");
}

TEST_F(ProcessBackendTest, AJobWithoutAcceleratorsIsShownNoneWhereThereAreSome) {
  EXPECT_EQ(output_of(on_pool("a100", {}, "echo [${CUDA_VISIBLE_DEVICES-unset}]")), "[]\n");
  perform(start_of(run_number(8), {.script = "echo [${CUDA_VISIBLE_DEVICES-unset}]"}));
  ASSERT_TRUE(site->await<RunEnded>(run_number(8)));
  EXPECT_EQ(site->output_of(run_number(8)), "[unset]\n");
}

TEST_F(ProcessBackendTest, AJobStartsInItsWorkdirAndMayWriteThere) {
  const auto folder = *site->backend->folder_of(run);
  std::filesystem::create_directories(folder + "/deep/er");
  std::ofstream(folder + "/deep/er/input") << "data";
  const auto output =
      output_of({.script = "pwd\ncat input\necho made > result\necho more >> input", .workdir = "deep/er"});
  EXPECT_EQ(output, folder + "/deep/er\ndata");
  EXPECT_EQ(BackendSite::read(folder + "/deep/er/result"), "made\n");
  EXPECT_EQ(BackendSite::read(folder + "/deep/er/input"), "datamore\n");
}

TEST_F(ProcessBackendTest, AWorkdirThatLeavesTheFolderIsRefused) {
  perform(start_of(run, {.workdir = "../../elsewhere"}));
  const auto failed = site->await<StartFailed>(run);
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find("../../elsewhere"), std::string::npos);
}

TEST_F(ProcessBackendTest, TemporaryFilesStayInTheRunsFolder) {
  const auto output = output_of({.script = "file=$(mktemp) && echo $file", .environment = {{"TMPDIR", "/nowhere"}}});
  EXPECT_EQ(output.find(RunFolders(site->folder.path()).tmp_of(run)), 0u) << output;
}

TEST_F(ProcessBackendTest, StreamsThatAreToBeJoinedAreOneFileInOrder) {
  EXPECT_EQ(output_of({.script = "echo one\necho two >&2\necho three", .stderr_path = ""}), "one\ntwo\nthree\n");
}

TEST_F(ProcessBackendTest, StandardInputIsEmptyAndNothingElseIsOpen) {
  EXPECT_EQ(output_of({.script = "cat\nfor f in /proc/self/fd/*; do echo ${f##*/}; done | sort -n | tr '\\n' ' '"}),
            "0 1 2 3 ");  // 3 is the folder that the shell lists
}

TEST_F(ProcessBackendTest, AJobIsNicerThanTheDaemonAndLeadsAGroupOfItsOwn) {
  EXPECT_EQ(output_of({.script = "nice\n[ $(ps -o pgid= -p $$) = $$ ] && echo leader"}), "10\nleader\n");
}

TEST_F(ProcessBackendTest, AJobIsNeverRoot) {
  const bool root = ::geteuid() == 0;
  const auto* user = root ? ::getpwnam("nobody") : ::getpwuid(::geteuid());
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(output_of({.script = "id -u\nid -g"}),
            std::to_string(user->pw_uid) + "\n" + std::to_string(user->pw_gid) + "\n");
  EXPECT_NE(user->pw_uid, 0u);
}

TEST_F(ProcessBackendTest, AJobCanNeitherReadNorChangeItsControlFiles) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can run jobs as somebody else";
  site->down();
  site->settings.private_view = false;  // else they are not there at all
  site->up();
  const auto output = output_of(
      {.script = "cd " + control() + "\ncat spec || echo unread\nrm -f claim || echo kept", .stderr_path = "err"});
  EXPECT_EQ(output, "unread\nkept\n");
}

TEST_F(ProcessBackendTest, RootAsTheUserOfJobsIsRefusedInWords) {
  auto settings = site->settings;
  settings.run_as = "root";
  const auto made = make_backend("process", settings);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().text.find("never run as root"), std::string::npos);
}

TEST_F(ProcessBackendTest, AMissingCommandIsTheJobsFailureAsShellsTellIt) {
  const auto ended = run_to_end({.command = {"no-such-program-here"}});
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::failed);
  EXPECT_EQ(ended->outcome.exit.code, 127);
  EXPECT_NE(ended->outcome.reason.find("no-such-program-here"), std::string::npos);
}

TEST_F(ProcessBackendTest, CpuTimeAndPeakMemoryAreMeasured) {
  const auto ended = run_to_end({.script = "head -c 40000000 /dev/zero | tail > /dev/null"});
  ASSERT_TRUE(ended);
  EXPECT_GT(ended->outcome.usage.cpu, Duration(0));
  EXPECT_GE(ended->outcome.usage.memory_peak_mib, 30u);
}

TEST_F(ProcessBackendTest, AJobThatNeedsMoreMemoryThanItAskedForEndsOutOfMemory) {
  if (site->backend->abilities().limits.find("memory") == std::string::npos)
    GTEST_SKIP() << "no memory limits here: " << site->backend->abilities().limits;
  StartOptions options{.script = "exec tail /dev/zero"};
  options.allocation.per_node.memory_mib = 32;
  const auto ended = run_to_end(options);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->outcome.state, FinalState::out_of_memory);
  EXPECT_EQ(ended->outcome.exit.signal, 9);
}

TEST_F(ProcessBackendTest, ARunsCgroupIsGoneAfterwards) {
  const auto limits = site->backend->abilities().limits;
  if (limits.find("cgroup") != 0) GTEST_SKIP() << "no cgroups here: " << limits;
  StartOptions options{.script = "cat /proc/self/cgroup"};
  options.allocation.per_node.memory_mib = 256;
  const auto output = output_of(options);
  EXPECT_NE(output.find("hansa.slice"), std::string::npos);
  const auto spec = RunSpec::from_text(BackendSite::read(control() + "/spec"));
  ASSERT_TRUE(spec);
  ASSERT_FALSE(spec->cgroups.empty());
  for (const auto& plan : spec->cgroups) EXPECT_FALSE(std::filesystem::exists(plan.folder)) << plan.folder;
}

}  // namespace
}  // namespace hansa
