// What Slurm's commands print: 22.05 as it was recorded, later releases as their manuals describe it.
#include "src/backends/slurm/slurm_text.hpp"

#include <gtest/gtest.h>

namespace hansa::slurm {
namespace {

using Words = std::vector<std::string>;

TEST(SlurmText, AHostListIsExpandedAsSlurmCountsIt) {
  EXPECT_EQ(expand_hosts("n[1-3,07],login"), (Words{"n1", "n2", "n3", "n07", "login"}));
  EXPECT_EQ(expand_hosts("n[008-011]"), (Words{"n008", "n009", "n010", "n011"}));
  EXPECT_EQ(expand_hosts("r[1-2]n[1-2]"), (Words{"r1n1", "r1n2", "r2n1", "r2n2"}));
  EXPECT_EQ(expand_hosts("(null)"), Words{});
  EXPECT_EQ(expand_hosts(""), Words{});
  EXPECT_EQ(expand_hosts("n[1-"), Words{});
  EXPECT_EQ(expand_hosts("n[1-99999999][1-99999999]").size(), 65'535u) << "what names more than any cluster has is cut";
}

TEST(SlurmText, MemoryIsReadInEveryUnit) {
  EXPECT_EQ(parse_memory_mib("100M"), 100u);
  EXPECT_EQ(parse_memory_mib("16G"), 16'384u);
  EXPECT_EQ(parse_memory_mib("1.50T"), 1'572'864u);
  EXPECT_EQ(parse_memory_mib("2048K"), 2u);
  EXPECT_EQ(parse_memory_mib("4000"), 4'000u);
  EXPECT_EQ(parse_memory_mib("N/A"), 0u);
}

// 22.05 writes gres:gpu:2, 23.11 gres/gpu:2, 24.11 gres/gpu=2; tres-alloc counts models beside the sum.
TEST(SlurmText, AcceleratorsAreCountedInTheWordsOfEveryRelease) {
  EXPECT_EQ(count_accelerators("gres:gpu:a100:2"), 2u);
  EXPECT_EQ(count_accelerators("gres/gpu:2"), 2u);
  EXPECT_EQ(count_accelerators("gres/gpu=2"), 2u);
  EXPECT_EQ(count_accelerators("gres/gpu:a100=2"), 2u);
  EXPECT_EQ(count_accelerators("gres:gpu"), 1u);
  EXPECT_EQ(count_accelerators("cpu=8,mem=16G,node=2,billing=8,gres/gpu=4,gres/gpu:a100=4"), 4u);
  EXPECT_EQ(count_accelerators("cpu=8,mem=16G,node=1,gres/gpu:a100=1,gres/gpu:h100=2"), 3u);
  EXPECT_EQ(count_accelerators("gres/npu:910b=8"), 8u);
  EXPECT_EQ(count_accelerators("gres:craynetwork:1"), 0u);
  EXPECT_EQ(count_accelerators("N/A"), 0u);
}

TEST(SlurmText, TheNumberOfASubmissionComesWithOrWithoutItsCluster) {
  EXPECT_EQ(parse_submitted("1234\n"), 1234u);
  EXPECT_EQ(parse_submitted("1234;alpha\n"), 1234u);
  EXPECT_EQ(parse_submitted("a notice of the site\n1234\n"), 1234u);
  EXPECT_FALSE(parse_submitted(""));
  EXPECT_FALSE(parse_submitted("sbatch: error"));
}

TEST(SlurmText, ATestOnlySubmissionNamesItsStart) {
  EXPECT_EQ(
      parse_test_only("sbatch: Job 5 to start at 2026-11-23T15:10:31 using 1 processors on nodes c1 in partition cpu"),
      parse_utc("2026-11-23T15:10:31"));
  EXPECT_FALSE(parse_test_only("allocation failure: Requested node configuration is not available"));
  EXPECT_EQ(parse_utc("1970-01-02T00:00:01"), 86'401);
  EXPECT_FALSE(parse_utc("N/A"));
}

TEST(SlurmText, WhenTheControllerCameUpIsInItsConfiguration) {
  EXPECT_EQ(parse_up_since("Configuration data as of 2026-11-23T19:20:01\nBcastParameters         = (null)\n"
                           "BOOT_TIME               = 2026-11-23T19:08:46\nBurstBufferType         = (null)\n"),
            parse_utc("2026-11-23T19:08:46"));
  EXPECT_FALSE(parse_up_since("BOOT_TIME\n"));
  EXPECT_FALSE(parse_up_since(""));
}

// Recorded from 22.05.8 without accounting, blanks shortened.
TEST(SlurmText, JobsOf2205AreRead) {
  const auto jobs = parse_jobs(
      "17   |RUNNING  |a100 |1 |4 |2026-11-23T15:10:31 |2027-11-23T15:10:31 |0 |cpu=4,mem=100M,node=1,billing=4 "
      "|gres:gpu:a100:2 |N/A |alpha-g1 |None |wrap |\n"
      "18   |PENDING  |cpu  |2-2 |2 |2026-11-23T16:10:31 |N/A |100M |N/A |N/A |N/A | |Resources |hansa-x |\n");
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].id, 17u);
  EXPECT_EQ(jobs[0].phase(), JobPhase::on_nodes);
  EXPECT_EQ(jobs[0].accelerators, 2u);
  EXPECT_EQ(jobs[0].cpus, 4u);
  EXPECT_EQ(jobs[0].memory_mib, 100u);
  EXPECT_EQ(jobs[0].nodes, Words{"alpha-g1"});
  EXPECT_EQ(jobs[1].phase(), JobPhase::waiting);
  EXPECT_EQ(jobs[1].node_count, 2u);
  EXPECT_EQ(jobs[1].name, "hansa-x");
  EXPECT_EQ(jobs[1].end_s, 0);
}

// From the manual of 24.11: TRES with '=', memory with a unit, a job of several nodes.
TEST(SlurmText, JobsOf2411AreRead) {
  const auto jobs = parse_jobs(
      "99|RUNNING|gpu|2|16|2026-11-23T15:10:31|2026-11-24T15:10:31|4G|cpu=16,mem=8G,node=2,billing=16,gres/gpu=8,gres/"
      "gpu:h100=8|gres/gpu:h100=4|N/A|g[001-002]|None|train|of|something|\n");
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].accelerators, 8u);
  EXPECT_EQ(jobs[0].nodes, (Words{"g001", "g002"}));
  EXPECT_EQ(jobs[0].memory_mib, 8'192u);
  EXPECT_EQ(jobs[0].name, "train");
}

TEST(SlurmText, AnUnknownStateIsNotTakenForAnEnd) {
  Job job;
  for (const auto* state : {"RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED", "STAGE_OUT", "SOMETHING_NEW"}) {
    job.state = state;
    EXPECT_EQ(job.phase(), JobPhase::on_nodes) << state;
  }
  for (const auto* state : {"COMPLETED", "CANCELLED by 1000", "CANCELLED+", "OUT_OF_MEMORY", "NODE_FAIL", "DEADLINE"}) {
    job.state = state;
    EXPECT_EQ(job.phase(), JobPhase::over) << state;
  }
}

TEST(SlurmText, LinesThatAreNoJobsAreLeftOut) {
  EXPECT_TRUE(parse_jobs("").empty());
  EXPECT_TRUE(parse_jobs("squeue: a warning\n\n|||\n").empty());
}

TEST(SlurmText, NodesAreReadWithTheirAcceleratorsAndFeatures) {
  const auto nodes = parse_nodes(
      "g1|a100|mixed|64|128000|gpu:a100:8(S:0-1)|gpu,apptainer\n"
      "g2|a100|down*|64|128000|craynetwork:4,gpu:h100:4(S:0,1)|(null)\n"
      "c1|cpu|idle|32|64000|(null)|cpu\n");
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[0].gres, "gpu:a100");
  EXPECT_EQ(nodes[0].accelerators, 8u);
  EXPECT_EQ(nodes[0].features, (Words{"gpu", "apptainer"}));
  EXPECT_EQ(nodes[1].gres, "gpu:h100");
  EXPECT_EQ(nodes[1].accelerators, 4u);
  EXPECT_TRUE(nodes[1].features.empty());
  EXPECT_EQ(nodes[2].accelerators, 0u);
}

TEST(SlurmText, OnlyNodesThatTakeJobsAreUsable) {
  Node node;
  for (const auto* state :
       {"idle", "mixed", "allocated", "completing", "planned", "idle~", "mixed-", "IDLE", "MIXED+PLANNED"}) {
    node.state = state;
    EXPECT_TRUE(node.usable()) << state;
  }
  for (const auto* state : {"drained", "draining", "drained*", "down", "down*", "idle*", "maint", "reserved", "fail",
                            "IDLE+DRAIN", "unknown", "idle$", "reboot^", "something"}) {
    node.state = state;
    EXPECT_FALSE(node.usable()) << state;
  }
}

// Columns are found by name; later releases may put them elsewhere or call them otherwise.
TEST(SlurmText, AccountedJobsAreReadByTheNamesOfTheirColumns) {
  const auto recorded = parse_accounted("JobIDRaw|JobName|State\n12|hansa-a|CANCELLED by 0\n");
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(recorded[0].id, 12u);
  EXPECT_EQ(recorded[0].state, "CANCELLED");
  const auto other = parse_accounted("State|JobID|Partition|JobName\nOUT_OF_MEMORY|13|cpu|hansa-b\n");
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(other[0].id, 13u);
  EXPECT_EQ(other[0].name, "hansa-b");
  EXPECT_EQ(other[0].state, "OUT_OF_MEMORY");
  EXPECT_TRUE(parse_accounted("sacct: error: Slurm accounting storage is disabled\n").empty());
}

}  // namespace
}  // namespace hansa::slurm
