#include "src/planner/pool_ledger.hpp"

#include <gtest/gtest.h>

#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

TEST(PoolLedger, PacksOntoTheFullestNodeThatFits) {
  PoolLedger ledger(gpu_pool(3));
  ledger.take(*ledger.place(gpus(1, 3)), at(10));
  const auto second = ledger.place(gpus(1, 4));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->nodes, (std::vector<NodeShare>{{.node = 0, .accelerators = {3, 4, 5, 6}}}));
  ledger.take(*second, at(10));
  EXPECT_EQ(ledger.place(gpus(1, 2))->nodes.front().node, 1u);  // one accelerator is left on the first
  EXPECT_EQ(ledger.place(gpus(1, 1))->nodes, (std::vector<NodeShare>{{.node = 0, .accelerators = {7}}}));
}

TEST(PoolLedger, GivesAGangDistinctNodes) {
  PoolLedger ledger(gpu_pool(3));
  const auto gang = ledger.place(gpus(2, 2));
  ASSERT_TRUE(gang);
  EXPECT_EQ(gang->nodes, (std::vector<NodeShare>{{0, {0, 1}}, {1, {0, 1}}}));
  EXPECT_FALSE(ledger.place(gpus(4, 1)));
}

TEST(PoolLedger, AJobWithoutAcceleratorsGoesWhereTheFewestAreFree) {
  PoolLedger ledger(gpu_pool(2));
  ledger.take({.pool = "a100", .per_node = {.accelerators = 8, .cores = 8}, .nodes = {{1, {0, 1, 2, 3, 4, 5, 6, 7}}}},
              at(10));
  EXPECT_EQ(ledger.place({1, {.cores = 4}})->nodes.front().node, 1u);
}

TEST(PoolLedger, WhatIsGivenBackIsFreeAgain) {
  PoolLedger ledger(gpu_pool(2));
  const auto id = ledger.take(*ledger.place(gpus(2, 8)), at(10));
  EXPECT_EQ(ledger.units_free(), 0u);
  EXPECT_EQ(ledger.nodes_wholly_free(), 0u);
  ledger.give(id);
  ledger.give(id);
  EXPECT_EQ(ledger.units_free(), 16u);
  EXPECT_EQ(ledger.nodes_wholly_free(), 2u);
  EXPECT_TRUE(ledger.commitments().empty());
}

TEST(PoolLedger, WhatIsFoundBeyondANodesMeansLeavesItNothingAndIsGivenBackWhole) {
  PoolLedger ledger(gpu_pool(1));
  const Allocation found{
      .pool = "a100", .per_node = {.accelerators = 6, .cores = 60}, .nodes = {{0, {0, 1, 2, 3, 4, 5}}, {9, {0}}}};
  const auto first = ledger.take(found, at(10));
  EXPECT_TRUE(ledger.is_sound(first) == false) << "it names a node that is not there";
  const auto second = ledger.take(found, at(20));
  EXPECT_EQ(ledger.units_free(), 0u);
  ledger.give(first);
  EXPECT_EQ(ledger.free_on(0), (NodeResources{.accelerators = 2, .cores = 4, .memory_mib = 512 << 10}));
  EXPECT_EQ(ledger.place(gpus(1, 2))->nodes.front().accelerators, (std::vector<std::uint32_t>{6, 7}));
  ledger.give(second);
  EXPECT_EQ(ledger.nodes_wholly_free(), 1u);
}

}  // namespace
}  // namespace hansa::planner_test
