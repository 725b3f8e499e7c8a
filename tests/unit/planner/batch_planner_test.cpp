#include "src/planner/batch_planner.hpp"

#include <gtest/gtest.h>

#include "tests/unit/planner/helpers.hpp"

namespace hansa {
namespace {

using namespace planner_test;

RunKey foreign(std::uint64_t number) {
  return {.job = {.number = (1ull << 62) | number}, .epoch = {1}};
}

Allocation whole_node(std::uint32_t node, std::uint32_t cores = 64) {
  return {.pool = "cpu", .per_node = {.cores = cores}, .nodes = {{.node = node}}};
}

LoadReported quiet(bool others_wait = false) {
  return {.pools = {{.pool = "cpu", .nodes_usable = 2, .others_wait = others_wait}}};
}

class BatchPlannerTest : public ::testing::Test {
 protected:
  BatchPlanner planner{{cpu_pool(2)}, {.ahead_max = 2}};
  const Ask node{.cores = 64};
};

TEST_F(BatchPlannerTest, WhatFitsIsHandedOverAndTheRestWaitsHere) {
  for (const std::uint64_t i : {1, 2, 3}) planner.put(ready(i, node));
  EXPECT_EQ(numbers(planner.starts(at(0))), (Numbers{1, 2}));
  EXPECT_TRUE(planner.starts(at(1)).empty());
  planner.remove(run(1));
  EXPECT_EQ(numbers(planner.starts(at(2))), (Numbers{3}));
}

TEST_F(BatchPlannerTest, JobsOfOthersTakeRoom) {
  auto load = quiet();
  load.uses = {{foreign(1), true, whole_node(0), at(500)}, {foreign(2), true, whole_node(1), at(300)}};
  planner.learn(load, at(0));
  planner.put(ready(1, node));
  EXPECT_TRUE(planner.starts(at(0)).empty());
  EXPECT_EQ(planner.estimate(*ask(node), at(0))->start, at(300) + hours(1));
  planner.learn(quiet(), at(1));
  EXPECT_EQ(numbers(planner.starts(at(1))), (Numbers{1}));
}

TEST_F(BatchPlannerTest, WhereOthersStandInLineTheFirstOfOursStandThereToo) {
  auto load = quiet(true);
  load.uses = {{foreign(1), true, whole_node(0), at(500)}, {foreign(2), true, whole_node(1), at(300)}};
  planner.learn(load, at(0));
  for (const std::uint64_t i : {1, 2, 3}) planner.put(ready(i, node, at(static_cast<std::int64_t>(i))));
  const auto handed = planner.starts(at(5));
  EXPECT_EQ(numbers(handed), (Numbers{1, 2}));
  EXPECT_EQ(handed[0].allocation.pool, "cpu");
  EXPECT_EQ(handed[0].allocation.nodes.size(), 1u);
  EXPECT_TRUE(planner.starts(at(6)).empty());
}

TEST_F(BatchPlannerTest, ARunThatStandsInLineTakesNoUnits) {
  planner.put(ready(1, node));
  ASSERT_EQ(planner.starts(at(0)).size(), 1u);
  auto load = quiet();
  load.waits = {{run(1), at(900)}};
  planner.learn(load, at(1));
  EXPECT_EQ(planner.digest(at(1))[0].largest_nodes, 1u);  // it is taken to start at once, for a while
  planner.learn(load, at(20));
  EXPECT_EQ(planner.digest(at(20))[0].largest_nodes, 2u);
  EXPECT_EQ(planner.expected_start(run(1), at(20)), at(900));
  EXPECT_TRUE(planner.starts(at(21)).empty());
}

TEST_F(BatchPlannerTest, ARunIsWhereTheBatchSystemPutIt) {
  planner.put(ready(1, node));
  ASSERT_EQ(planner.starts(at(0)).size(), 1u);
  auto load = quiet();
  load.uses = {{run(1), false, whole_node(1), at(3600)}, {foreign(2), true, whole_node(0), at(100)}};
  planner.learn(load, at(1));
  EXPECT_EQ(planner.digest(at(1))[0].units_free, 0u);
  planner.remove(run(1));
  EXPECT_EQ(planner.digest(at(2))[0].units_free, 64u);
}

TEST_F(BatchPlannerTest, WithoutAnyUsableNodeThereIsNoEstimateAndNoHold) {
  auto load = quiet();
  load.pools[0].nodes_usable = 0;
  load.uses = {{foreign(1), true, whole_node(0), end_of_time}, {foreign(2), true, whole_node(1), end_of_time}};
  planner.learn(load, at(0));
  EXPECT_FALSE(planner.estimate(*ask(node), at(0)));
  EXPECT_FALSE(planner.hold(bid(1), ask(node), at(0), at(2)));
  planner.learn(quiet(), at(1));
  EXPECT_TRUE(planner.hold(bid(2), ask(node), at(1), at(3)));
}

TEST_F(BatchPlannerTest, TheLaterOfBothEstimatesCounts) {
  auto load = quiet(true);
  load.pools[0].small = at(60);
  load.pools[0].middle = at(120);
  load.pools[0].large = at(900);
  planner.learn(load, at(0));
  EXPECT_EQ(planner.estimate(*ask({.cores = 1}), at(0))->start, at(60));
  EXPECT_EQ(planner.estimate(*ask({.cores = 20}), at(0))->start, at(120));
  EXPECT_EQ(planner.estimate(*ask({.nodes = 2, .cores = 64}), at(0))->start, at(900));
  EXPECT_FALSE(planner.hold(bid(1), ask({.cores = 1}), at(0), at(2)));
  EXPECT_EQ(planner.digest(at(0))[0].units_free, 0u);
  EXPECT_GE(planner.digest(at(0))[0].wait_large_s, 900u);
}

TEST_F(BatchPlannerTest, ARunThatCameBackIsHandedOverAgain) {
  planner.put(ready(1, node));
  ASSERT_EQ(planner.starts(at(0)).size(), 1u);
  planner.put(ready(1, node));
  EXPECT_EQ(numbers(planner.starts(at(1))), (Numbers{1}));
}

}  // namespace
}  // namespace hansa
