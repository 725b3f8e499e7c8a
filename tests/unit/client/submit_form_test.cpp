#include "src/client/submit_form.hpp"

#include <gtest/gtest.h>

#include "src/client/sbatch_options.hpp"
#include "src/client/sbatch_table.hpp"

namespace hansa::client {
namespace {

SubmitForm sbatch(const std::vector<std::string>& words) {
  SubmitForm form;
  const auto applied = apply_sbatch_lines({{1, words}}, "job.sh", form);
  EXPECT_TRUE(applied.ok()) << applied.error().text;
  return form;
}

TEST(Sbatch, DirectivesWithAMeaningEverywhereAreHonoured) {
  const auto form = sbatch({"-J",
                            "train",
                            "--nodes=2-4",
                            "--ntasks-per-node",
                            "4",
                            "-c8",
                            "--mem-per-cpu=2G",
                            "--gres=gpu:a100:4",
                            "-t",
                            "1-0",
                            "-a",
                            "1-3",
                            "-d",
                            "afterok:5",
                            "-o",
                            "out.%j",
                            "-e",
                            "err",
                            "--export=NONE",
                            "-C",
                            "nvlink&ib",
                            "--requeue",
                            "--comment",
                            "hello",
                            "-H",
                            "-D",
                            "sub"});
  EXPECT_EQ(form.name, "train");
  EXPECT_EQ(form.nodes, 2u);
  EXPECT_EQ(form.gpus_per_node, 4u);
  EXPECT_EQ(form.models, (std::vector<std::string>{"a100"}));
  EXPECT_EQ(form.time_s, 86'400u);
  EXPECT_EQ(form.stdout_path, "out.%j");
  EXPECT_EQ(form.labels, (std::vector<std::string>{"nvlink", "ib"}));
  EXPECT_TRUE(form.requeue);
  EXPECT_TRUE(form.held);
  EXPECT_EQ(form.chdir, "sub");
  EXPECT_TRUE(form.passed_through.empty());
  const auto shape = shape_of(form);
  ASSERT_TRUE(shape.ok());
  EXPECT_EQ(shape->nodes, 2u);
  EXPECT_EQ(shape->cores, 32u);
  EXPECT_EQ(shape->accelerators, 4u);
  EXPECT_EQ(shape->memory_bytes, 64ull << 30);
}

TEST(Sbatch, OthersArePassedThroughAndNamedInOneWarning) {
  const auto form = sbatch({"--qos=high", "--account", "lab", "--mail-type", "END", "--mail-user=a@b",
                            "--gres=shard:2,gpu:1", "-C", "a|b", "-D", "/home/ann", "--new-thing=3", "--newer"});
  EXPECT_EQ(form.gpus_per_node, 1u);
  const std::map<std::string, std::string> expected{{"qos", "high"},       {"account", "lab"},     {"gres", "shard:2"},
                                                    {"constraint", "a|b"}, {"chdir", "/home/ann"}, {"new-thing", "3"},
                                                    {"newer", ""}};
  EXPECT_EQ(form.passed_through, expected);
  const auto warning = describe_passed_through(form);
  EXPECT_NE(warning.find("--qos=high"), std::string::npos);
  EXPECT_NE(warning.find("--mail-type, --mail-user are not supported and left out"), std::string::npos);
  EXPECT_EQ(warning.find('\n'), std::string::npos);
  EXPECT_EQ(describe_passed_through(SubmitForm{}), "");
}

TEST(Sbatch, APartitionIsAPreferredPoolAndExclusiveMeansWholeNodes) {
  const auto form = sbatch({"-p", "gpu,debug", "--exclusive=user"});
  EXPECT_EQ(form.pools, (std::vector<std::string>{"gpu", "debug"}));
  EXPECT_TRUE(form.exclusive);
  EXPECT_TRUE(form.passed_through.empty());
  EXPECT_TRUE(sbatch({"--mem=0"}).exclusive) << "all memory of a node leaves nothing to anybody else";
}

TEST(Sbatch, EveryWayToWriteATimeOfSlurmIsRead) {
  EXPECT_EQ(sbatch({"-t90"}).time_s, 90u * 60);
  EXPECT_EQ(sbatch({"-t", "5:30"}).time_s, 330u);
  EXPECT_EQ(sbatch({"--time=1:00:00"}).time_s, 3'600u);
  EXPECT_EQ(sbatch({"--time=2-0"}).time_s, 2u * 86'400);
  EXPECT_EQ(sbatch({"--time=2-12:30"}).time_s, 2u * 86'400 + 12 * 3'600 + 30 * 60);
  EXPECT_EQ(sbatch({"--time=1-00:00:01"}).time_s, 86'401u);
  EXPECT_EQ(sbatch({"--time=0"}).time_s, sbatch({"--time=UNLIMITED"}).time_s);
}

TEST(Sbatch, AcceleratorsAddUpAsInSlurm) {
  const auto two_nodes = shape_of(sbatch({"--gpus=8", "--gpus-per-node=a100:4"}));
  EXPECT_EQ(two_nodes->nodes, 2u);
  EXPECT_EQ(two_nodes->accelerators, 4u);
  const auto by_task = shape_of(sbatch({"--ntasks=4", "--gpus-per-task=2", "--mem-per-gpu=8G", "--cpus-per-gpu=6"}));
  EXPECT_EQ(by_task->accelerators, 8u);
  EXPECT_EQ(by_task->cores, 48u);
  EXPECT_EQ(by_task->memory_bytes, 64ull << 30);
  EXPECT_EQ(shape_of(sbatch({"--gpus=4", "--gpus-per-task=1"}))->tasks, 4u);
  EXPECT_FALSE(shape_of(sbatch({"--gpus=8", "--gpus-per-node=3", "--nodes=2"})).ok());
  EXPECT_EQ(sbatch({"--gres=gpu:a100:2(S:0-1)"}).gpus_per_node, 2u);
  EXPECT_EQ(sbatch({"--gres=gpu:h800"}).models, std::vector<std::string>{"h800"});
}

TEST(Sbatch, AnOptionMayBeCutShortWhileOnlyOneBeginsSo) {
  EXPECT_EQ(sbatch({"--job=x", "--cpus-per-t", "3"}).cpus_per_task, 3u);
  EXPECT_EQ(find_sbatch_option("cpus"), nullptr);
  EXPECT_EQ(find_sbatch_option("mem")->name, "mem");
}

TEST(Sbatch, ABadValueIsSaidInOneSentenceWithFileAndLine) {
  SubmitForm form;
  const auto said = [&](std::vector<std::string> words) {
    const auto applied = apply_sbatch_lines({{7, std::move(words)}}, "train.sh", form);
    return applied.ok() ? "nothing" : applied.error().text;
  };
  EXPECT_EQ(said({"--time=never"}).find("train.sh, line 7: --time: 'never' is no time"), 0u);
  EXPECT_EQ(said({"stray"}), "train.sh, line 7: 'stray' is no option of sbatch: write --name=value");
  EXPECT_EQ(said({"--time"}), "train.sh, line 7: --time needs a value");
  EXPECT_EQ(said({"--hold=yes"}), "train.sh, line 7: --hold takes no value");
  EXPECT_EQ(said({"--region=cn"}), "train.sh, line 7: --region is no option of sbatch: write #HANSA --region");
  EXPECT_NE(said({"--gpus=a100:1,h800:1"}).find("one pool"), std::string::npos);
  EXPECT_NE(said({"-d", "aftercorr:5"}).find("no kind"), std::string::npos);
}

TEST(Sbatch, VariablesStandBetweenTheScriptAndTheCommandLine) {
  auto form = sbatch({"--time=10", "--job-name=a", "-p", "x"});
  const char* environment[] = {"SBATCH_TIMELIMIT=20", "SBATCH_EXCLUSIVE=", "SBATCH_JOB_NAME=b", "SBATCH_DEBUG=1",
                               nullptr};
  ASSERT_TRUE(apply_sbatch_variables(environment, form).ok());
  EXPECT_EQ(form.time_s, 1'200u);
  EXPECT_EQ(form.name, "b");
  EXPECT_TRUE(form.exclusive);
  const std::vector<std::string> line{"-J", "c", "--region", "cn/east", "-n4", "job.sh", "-t", "1"};
  std::span<const std::string> words = line;
  ASSERT_TRUE(apply_sbatch_words(words, form).ok());
  EXPECT_EQ(form.name, "c");
  EXPECT_EQ(form.region, "cn/east");
  EXPECT_EQ(form.tasks, 4u);
  EXPECT_EQ(std::vector<std::string>(words.begin(), words.end()), (std::vector<std::string>{"job.sh", "-t", "1"}));
  const char* bad[] = {"SBATCH_TIMELIMIT=soon", nullptr};
  EXPECT_EQ(apply_sbatch_variables(bad, form).error().text.find("the variable SBATCH_TIMELIMIT: --time:"), 0u);
  const std::vector<std::string> unknown{"--nonsense"};
  words = unknown;
  EXPECT_FALSE(apply_sbatch_words(words, form).ok());
}

TEST(SubmitForm, LaterSourcesWin) {
  auto form = sbatch({"--gres=gpu:a100:4", "--time=10", "--mem=1G"});
  ASSERT_TRUE(apply_submit_option("gpus", "8", form).ok());
  ASSERT_TRUE(apply_submit_option("nodes", "2", form).ok());
  ASSERT_TRUE(apply_submit_option("time", "2h", form).ok());
  ASSERT_TRUE(apply_submit_option("gpu", "h800,ascend910b", form).ok());
  const auto shape = shape_of(form);
  ASSERT_TRUE(shape.ok());
  EXPECT_EQ(shape->accelerators, 4u);
  EXPECT_EQ(form.time_s, 7'200u);
  EXPECT_EQ(form.models, (std::vector<std::string>{"h800", "ascend910b"}));
}

TEST(SubmitForm, AcceleratorsAreSpreadEvenlyOrNotAtAll) {
  SubmitForm form;
  form.gpus = 7;
  form.nodes = 2;
  EXPECT_FALSE(shape_of(form).ok());
  form.nodes = 7;
  EXPECT_EQ(shape_of(form)->accelerators, 1u);
  form.nodes = 0;
  EXPECT_FALSE(shape_of(form).ok());
}

TEST(SubmitForm, TasksMakeCores) {
  SubmitForm form;
  form.tasks = 10;
  form.nodes = 4;
  form.cpus_per_task = 2;
  EXPECT_EQ(shape_of(form)->cores, 6u);
  form.nodes.reset();
  form.tasks_per_node = 5;
  EXPECT_EQ(shape_of(form)->nodes, 2u);
  EXPECT_EQ(shape_of(form)->cores, 10u);
}

TEST(SubmitForm, EveryOptionOfTheTableTakesItsValueOrSaysWhatIsWrong) {
  SubmitForm form;
  for (const auto* name :
       {"time", "mem", "gpus", "nodes", "within", "prefer", "on-partition", "dependency", "pflops", "cpus"}) {
    const auto applied = apply_submit_option(name, "nonsense", form);
    ASSERT_FALSE(applied.ok()) << name;
    EXPECT_EQ(applied.error().text.find("--" + std::string(name)), 0u);
  }
}

TEST(Export, AllLeavesBehindWhatBelongsToTheSession) {
  const char* environment[] = {
      "PATH=/bin", "HANSA_TOKEN=secret", "SSH_AUTH_SOCK=/x", "OMP_NUM_THREADS=4", "BAD=\xff\xfe",
      "NO_EQUALS", "GREETING=grüß",      "SLURM_JOB_ID=7",   "SBATCH_QOS=x",      nullptr};
  using Map = std::map<std::string, std::string>;
  EXPECT_EQ(exported("ALL", environment), (Map{{"PATH", "/bin"}, {"OMP_NUM_THREADS", "4"}, {"GREETING", "grüß"}}));
  EXPECT_EQ(exported("NONE", environment), Map{});
  EXPECT_EQ(exported("NONE,X=1", environment), (Map{{"X", "1"}}));
  EXPECT_EQ(exported("PATH,MISSING,Y=a=b", environment), (Map{{"PATH", "/bin"}, {"Y", "a=b"}}));
  EXPECT_EQ(exported("ALL,PATH=/opt", environment).at("PATH"), "/opt");
}

}  // namespace
}  // namespace hansa::client
