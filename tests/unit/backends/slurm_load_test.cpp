#include "src/backends/slurm/slurm_load.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hansa {
namespace {

std::vector<slurm::Node> four_nodes(const std::string& state_of_c1 = "idle") {
  return slurm::parse_nodes(
      "c1|batch|" + state_of_c1 +
      "|32|64000|(null)|apptainer\nc2|batch|idle|32|64000|(null)|apptainer\n"
      "g1|gpu|idle|64|128000|gpu:a100:8|apptainer,fast\ng2|gpu|idle|64|128000|gpu:a100:8|apptainer\n");
}

slurm::Job job(std::uint64_t id, const std::string& state, const std::string& partition, const std::string& nodes) {
  slurm::Job made{.id = id, .state = state, .partition = partition, .nodes = slurm::expand_hosts(nodes)};
  made.node_count = static_cast<std::uint32_t>(made.nodes.size());
  made.cpus = 4 * made.node_count;
  made.reason = "None";
  made.name = "theirs";
  return made;
}

TEST(SlurmPools, WithoutDeclaredPoolsEveryPartitionIsOne) {
  const auto seen = see_pools({}, four_nodes(), {.partitions = {"cpu=batch"}});
  ASSERT_EQ(seen.pools.size(), 2u);
  EXPECT_EQ(seen.pools[0].name, "cpu");
  EXPECT_EQ(seen.partitions[0].partition, "batch");
  EXPECT_EQ(seen.pools[0].nodes, 2u);
  EXPECT_EQ(seen.pools[1].model, "a100");
  EXPECT_EQ(seen.pools[1].per_node, (NodeResources{.accelerators = 8, .cores = 64, .memory_mib = 128'000}));
  EXPECT_EQ(seen.partitions[1].gres, "gpu:a100");
  EXPECT_EQ(seen.labels, std::vector<std::string>{"apptainer"});
}

TEST(SlurmPools, DeclaredOnesKeepTheirNamePriceAndModelAndAreCountedBySlurm) {
  const Pool declared{
      .name = "a100", .model = "nvidia-a100", .nodes = 99, .per_node = {.accelerators = 4}, .price_per_unit_hour = 2.5};
  const auto seen = see_pools({declared}, four_nodes(), {.partitions = {"a100=gpu"}});
  ASSERT_EQ(seen.pools.size(), 1u);
  EXPECT_EQ(seen.pools[0].nodes, 2u);
  EXPECT_EQ(seen.pools[0].per_node.accelerators, 8u);
  EXPECT_EQ(seen.pools[0].model, "nvidia-a100");
  EXPECT_EQ(seen.pools[0].price_per_unit_hour, 2.5);
}

TEST(SlurmPools, APoolThatSlurmDoesNotKnowStaysAsItWasDeclared) {
  const Pool declared{.name = "new", .nodes = 3, .per_node = {.cores = 8}};
  const auto seen = see_pools({declared}, {}, {});
  EXPECT_EQ(seen.pools, std::vector<Pool>{declared});
  EXPECT_TRUE(seen.partitions[0].nodes.empty());
}

class SlurmLoad : public ::testing::Test {
 protected:
  LoadReported load(const std::vector<slurm::Job>& jobs, const std::set<RunKey>& ours = {},
                    const std::string& state_of_c1 = "idle") {
    const SlurmSettings settings{.partitions = {"cpu=batch", "a100=gpu"}};
    const auto pools = see_pools({}, four_nodes(), settings);
    WallOffset clock;
    clock.update(1'000'000'000, 2'000'000);
    return load_of(pools, four_nodes(state_of_c1), jobs, ours, clock);
  }
};

TEST_F(SlurmLoad, AForeignJobTakesItsShareOfEachOfItsNodes) {
  auto theirs = job(5, "RUNNING", "gpu", "g[1-2]");
  theirs.accelerators = 6;
  theirs.memory_mib = 1'000;
  theirs.end_s = 2'100;
  const auto report = load({theirs});
  ASSERT_EQ(report.uses.size(), 1u);
  const auto& use = report.uses[0];
  EXPECT_TRUE(use.foreign);
  EXPECT_EQ(use.allocation.pool, "a100");
  EXPECT_EQ(use.allocation.per_node, (NodeResources{.accelerators = 3, .cores = 4, .memory_mib = 500}));
  EXPECT_EQ(use.allocation.nodes, (std::vector<NodeShare>{{0, {0, 1, 2}}, {1, {0, 1, 2}}}));
  EXPECT_EQ(use.end, Instant{std::chrono::seconds(1'100)});
}

TEST_F(SlurmLoad, JobsOfANodeAreDealtDifferentAccelerators) {
  auto one = job(5, "RUNNING", "gpu", "g1"), other = job(6, "RUNNING", "gpu", "g1");
  one.accelerators = other.accelerators = 2;
  const auto report = load({one, other});
  EXPECT_EQ(report.uses[0].allocation.nodes[0].accelerators, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(report.uses[1].allocation.nodes[0].accelerators, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_NE(report.uses[0].run, report.uses[1].run);
}

TEST_F(SlurmLoad, OursAreReportedUnderTheirOwnKeys) {
  const RunKey running{.job = {.number = 1}, .epoch = {1}}, waiting{.job = {.number = 2}, .epoch = {1}};
  auto first = job(5, "RUNNING", "batch", "c2"), second = job(6, "PENDING", "batch", "");
  first.name = slurm_job_name(running);
  second.name = slurm_job_name(waiting);
  const auto report = load({first, second}, {running, waiting});
  ASSERT_EQ(report.uses.size(), 1u);
  EXPECT_EQ(report.uses[0].run, running);
  EXPECT_FALSE(report.uses[0].foreign);
  EXPECT_EQ(report.uses[0].allocation.nodes[0].node, 1u);
  ASSERT_EQ(report.waits.size(), 1u);
  EXPECT_EQ(report.waits[0].run, waiting);
  EXPECT_FALSE(report.pools[0].others_wait);
}

TEST_F(SlurmLoad, ADrainedNodeIsTakenForGood) {
  const auto report = load({}, {}, "drained");
  EXPECT_EQ(report.pools[0].nodes_usable, 1u);
  ASSERT_EQ(report.uses.size(), 1u);
  EXPECT_EQ(report.uses[0].end, end_of_time);
  EXPECT_EQ(report.uses[0].allocation.per_node.cores, 32u);
}

TEST_F(SlurmLoad, OthersWaitOnlyWhereTheyWantNodes) {
  auto held = job(5, "PENDING", "batch", ""), eager = job(6, "PENDING", "gpu,other", "");
  held.reason = "JobHeldUser";
  eager.reason = "Resources";
  const auto report = load({held, eager});
  EXPECT_FALSE(report.pools[0].others_wait);
  EXPECT_TRUE(report.pools[1].others_wait);
}

TEST_F(SlurmLoad, EndedJobsTakeNothing) {
  EXPECT_TRUE(load({job(5, "COMPLETED", "batch", "c1"), job(6, "TIMEOUT", "batch", "c1")}).uses.empty());
}

}  // namespace
}  // namespace hansa
