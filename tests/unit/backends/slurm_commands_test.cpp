#include "src/backends/slurm/slurm_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/backend/backend_site.hpp"

namespace hansa {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class SlurmCommandsTest : public ::testing::Test {
 protected:
  Command submission(const std::map<std::string, std::string>& passed_through = {}) {
    const SlurmCommands commands(settings, "/state", SiteName{"taihu"});
    return commands.submit(start, pool, passed_through, "/runs/shim", "/runs/7/control", std::chrono::seconds(10));
  }

  SlurmSettings settings;
  SlurmPool pool{.pool = "a100", .partition = "gpu", .gres = "gpu:a100", .nodes = {}};
  StartRun start = [] {
    StartOptions options{.time_limit = std::chrono::minutes(90)};
    options.allocation = {
        .pool = "a100", .per_node = {.accelerators = 4, .cores = 16, .memory_mib = 2'000}, .nodes = {{0, {}}, {1, {}}}};
    return start_of(run_number(7, 3), options);
  }();
};

TEST_F(SlurmCommandsTest, ASubmissionSaysWhatTheRunNeedsAndWhoseItIs) {
  const auto made = submission();
  for (const auto* word : {"--partition=gpu", "--nodes=2", "--cpus-per-task=16", "--mem=2000M", "--gres=gpu:a100:4",
                           "--no-requeue", "--time=91"})
    EXPECT_THAT(made.words, Contains(std::string(word)));
  EXPECT_THAT(made.words, Contains("--job-name=" + slurm_job_name(start.run)));
  EXPECT_THAT(made.words, Contains(HasSubstr("--comment=hansa run=")));
  EXPECT_EQ(made.input, "#!/bin/sh\nexec '/runs/shim' '/runs/7/control'\n");
}

TEST_F(SlurmCommandsTest, ARunIsFoundByItsName) {
  EXPECT_EQ(run_of_slurm_job(slurm_job_name(start.run)), start.run);
  EXPECT_FALSE(run_of_slurm_job("hansa-something"));
  EXPECT_FALSE(run_of_slurm_job("train"));
}

TEST_F(SlurmCommandsTest, AUserAddsOnlyWhatChangesNothingButTheJobsOwnNeeds) {
  const auto made =
      submission({{"constraint", "fast|new"}, {"exclusive", ""}, {"uid", "0"}, {"output", "/etc/passwd"}});
  EXPECT_THAT(made.words, Contains("--constraint=fast|new"));
  EXPECT_THAT(made.words, Contains("--exclusive"));
  EXPECT_THAT(made.words, Not(Contains(HasSubstr("uid"))));
  EXPECT_THAT(made.words, Not(Contains(HasSubstr("passwd"))));
}

TEST_F(SlurmCommandsTest, TasksShareTheCoresThatWereAgreedOn) {
  const auto made = submission({{"ntasks", "8"}, {"cpus-per-task", "4"}});
  for (const auto* word : {"--ntasks=8", "--ntasks-per-node=4", "--cpus-per-task=4"})
    EXPECT_THAT(made.words, Contains(std::string(word)));
  EXPECT_THAT(made.words, Not(Contains(HasSubstr("--mincpus"))));
  EXPECT_THAT(submission({{"ntasks", "6"}, {"cpus-per-task", "1"}}).words, Contains("--mincpus=16"));
}

TEST_F(SlurmCommandsTest, NobodyGetsMoreThanWasAgreedOn) {
  const auto made = submission({{"ntasks", "64"}, {"cpus-per-task", "64"}, {"gres", "gpu:8,licence:1"}});
  for (const auto* word : {"--ntasks=2", "--ntasks-per-node=1", "--cpus-per-task=16", "--gres=gpu:a100:4,licence:1"})
    EXPECT_THAT(made.words, Contains(std::string(word)));
}

TEST_F(SlurmCommandsTest, ThePolicyOfAnOriginComesLast) {
  settings.account = "hansa";
  settings.arguments = {"--nice=5"};
  settings.origin_arguments = {"* --qos=low", "wujiang --account=friends --qos=high", "other --qos=no"};
  const auto words = submission().words;
  const std::vector<std::string> last(words.end() - 5, words.end());
  EXPECT_EQ(last,
            (std::vector<std::string>{"--account=hansa", "--nice=5", "--qos=low", "--account=friends", "--qos=high"}));
}

TEST_F(SlurmCommandsTest, OverSshEveryWordArrivesAsItIs) {
  settings.ssh = "login1";
  settings.conf = "/etc/slurm a/slurm.conf";
  const auto words = submission({{"constraint", "it's"}}).words;
  EXPECT_EQ(words.front(), "ssh");
  EXPECT_EQ(words[words.size() - 2], "login1");
  EXPECT_THAT(words.back(), HasSubstr("'SLURM_CONF=/etc/slurm a/slurm.conf' 'sbatch' '--parsable'"));
  EXPECT_THAT(words.back(), HasSubstr("'--constraint=it'\\''s'"));
}

}  // namespace
}  // namespace hansa
