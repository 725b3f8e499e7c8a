#include "src/client/submit_form.hpp"

#include <gtest/gtest.h>

namespace hansa::client {
namespace {

SubmitForm sbatch(const std::vector<std::string>& words) {
  SubmitForm form;
  const auto applied = apply_sbatch(words, form);
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
  const auto form = sbatch({"-p", "gpu", "--qos=high", "--exclusive", "--mail-type", "END", "--gres=shard:2,gpu:1",
                            "-C", "a|b", "-D", "/home/ann", "--new-thing=3", "--newer"});
  EXPECT_EQ(form.gpus_per_node, 1u);
  const std::map<std::string, std::string> expected{{"partition", "gpu"},   {"qos", "high"},     {"exclusive", ""},
                                                    {"mail-type", "END"},   {"gres", "shard:2"}, {"constraint", "a|b"},
                                                    {"chdir", "/home/ann"}, {"new-thing", "3"},  {"newer", ""}};
  EXPECT_EQ(form.passed_through, expected);
  EXPECT_NE(describe_passed_through(form).find("--partition=gpu"), std::string::npos);
  EXPECT_EQ(describe_passed_through(SubmitForm{}), "");
}

TEST(Sbatch, ABadValueIsSaidWithItsOption) {
  SubmitForm form;
  const std::vector<std::string> bad{"--time=never"};
  EXPECT_EQ(apply_sbatch(bad, form).error().text.substr(0, 14), "#SBATCH --time");
  const std::vector<std::string> word{"stray"};
  EXPECT_FALSE(apply_sbatch(word, form).ok());
  const std::vector<std::string> missing{"--time"};
  EXPECT_FALSE(apply_sbatch(missing, form).ok());
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
  const char* environment[] = {"PATH=/bin",    "HANSA_TOKEN=secret", "SSH_AUTH_SOCK=/x", "OMP_NUM_THREADS=4",
                               "BAD=\xff\xfe", "NO_EQUALS",          "GREETING=grüß",    nullptr};
  using Map = std::map<std::string, std::string>;
  EXPECT_EQ(exported("ALL", environment), (Map{{"PATH", "/bin"}, {"OMP_NUM_THREADS", "4"}, {"GREETING", "grüß"}}));
  EXPECT_EQ(exported("NONE", environment), Map{});
  EXPECT_EQ(exported("NONE,X=1", environment), (Map{{"X", "1"}}));
  EXPECT_EQ(exported("PATH,MISSING,Y=a=b", environment), (Map{{"PATH", "/bin"}, {"Y", "a=b"}}));
  EXPECT_EQ(exported("ALL,PATH=/opt", environment).at("PATH"), "/opt");
}

}  // namespace
}  // namespace hansa::client
