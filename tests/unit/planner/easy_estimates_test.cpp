#include <gtest/gtest.h>

#include "src/planner/easy_planner.hpp"
#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

TEST(Estimate, IsNowWhenUnitsAreFree) {
  EasyPlanner planner({gpu_pool(2)});
  const auto estimate = planner.estimate(*ask({.nodes = 2, .gpus = 8}), at(7));
  ASSERT_TRUE(estimate);
  EXPECT_EQ(estimate->start, at(7));
  EXPECT_EQ(estimate->pool, "a100");
  EXPECT_EQ(estimate->shape.nodes, 2u);
}

TEST(Estimate, IsNothingForWhatCouldNeverFit) {
  EasyPlanner planner({gpu_pool(2)});
  EXPECT_FALSE(planner.estimate(*ask({.gpus = 9}), at(0)));
  EXPECT_FALSE(planner.estimate(*ask({.gpus = 1, .models = {"h800"}}), at(0)));
}

TEST(Estimate, CountsWhoWaitsBefore) {
  EasyPlanner planner({gpu_pool(1)});
  for (std::uint64_t i = 1; i <= 4; ++i) planner.put(ready(i, {.gpus = 8}, at(0)));
  planner.starts(at(0));
  EXPECT_EQ(planner.estimate(*ask({.gpus = 8}), at(0))->start, at(4 * 3600));
  EXPECT_EQ(planner.expected_start(run(2), at(0)), at(3600));
  EXPECT_EQ(planner.expected_start(run(4), at(0)), at(3 * 3600));
  EXPECT_FALSE(planner.expected_start(run(1), at(0))) << "it runs";
}

TEST(Estimate, SeesTheGapThatItCouldFill) {
  EasyPlanner planner({gpu_pool(2)});
  planner.put(ready(1, {.gpus = 8}));
  planner.starts(at(0));
  planner.put(ready(2, {.nodes = 2, .gpus = 8}, at(1)));
  planner.starts(at(1));
  EXPECT_EQ(planner.estimate(*ask({.gpus = 8, .limit = minutes(30)}), at(1))->start, at(1));
  EXPECT_EQ(planner.estimate(*ask({.gpus = 8, .limit = minutes(90)}), at(1))->start, at(7200));
}

TEST(Estimate, IsOfThePoolThatStartsFirst) {
  EasyPlanner planner({gpu_pool(1), gpu_pool(1, "h800")});
  planner.put(ready(1, {.gpus = 8, .limit = hours(5), .models = {"a100"}}));
  planner.put(ready(2, {.gpus = 8, .limit = hours(1), .models = {"h800"}}));
  planner.starts(at(0));
  const auto estimate = planner.estimate(*ask({.gpus = 8, .models = {"a100", "h800"}}), at(0));
  EXPECT_EQ(estimate->pool, "h800");
  EXPECT_EQ(estimate->start, at(3600));
}

TEST(Estimate, OfALongLineGrowsWithTheWorkBeforeIt) {
  EasyPlanner planner({gpu_pool(1)}, {.timetable_depth = 16});
  for (std::uint64_t i = 1; i <= 1'000; ++i) planner.put(ready(i, {.gpus = 8}, at(0)));
  planner.starts(at(0));
  const auto start = planner.estimate(*ask({.gpus = 8}), at(0))->start;
  EXPECT_GT(start, at(950 * 3600));
  EXPECT_LT(start, at(1'050 * 3600));
  const auto middle = *planner.expected_start(run(500), at(0));
  EXPECT_GT(middle, at(450 * 3600));
  EXPECT_LT(middle, at(550 * 3600));
}

TEST(Estimate, OfAHeldRunIsNow) {
  EasyPlanner planner({gpu_pool(1)});
  planner.hold(bid(1), ask({.gpus = 8}), at(0), at(2));
  planner.hold_becomes(bid(1), unready(1, {.gpus = 8}), at(0), at(10));
  EXPECT_EQ(planner.expected_start(run(1), at(5)), at(5));
}

TEST(Digest, TellsWhatIsFreeAndHowLongOneWaits) {
  EasyPlanner planner({gpu_pool(4), cpu_pool(2)});
  planner.put(ready(1, {.nodes = 2, .gpus = 8}));
  planner.put(ready(2, {.gpus = 5}));
  planner.put(unready(3, {.gpus = 2, .limit = seconds(50)}));
  planner.starts(at(0));
  const auto digest = planner.digest(at(0));
  ASSERT_EQ(digest.size(), 2u);
  EXPECT_EQ(digest[0], (PoolDigest{.pool = "a100",
                                   .units_free = 11,
                                   .largest_nodes = 1,
                                   .largest_units_on_node = 8,
                                   .queued_unit_seconds = 100,
                                   .wait_small_s = 0,
                                   .wait_middle_s = 0,
                                   .wait_large_s = 3600}));
  EXPECT_EQ(digest[1], (PoolDigest{.pool = "cpu", .units_free = 128, .largest_nodes = 2, .largest_units_on_node = 64}));
}

TEST(Timetable, IsNotBuiltAgainMoreOftenThanItsCostAllows) {
  EasyPlanner planner({gpu_pool(1)}, {.timetable_steps_per_second = 1});
  for (std::uint64_t i = 1; i <= 3; ++i) planner.put(ready(i, {.gpus = 8}, at(0)));
  planner.starts(at(0));
  EXPECT_EQ(planner.estimate(*ask({.gpus = 8}), at(0))->start, at(3 * 3600));
  planner.put(ready(4, {.gpus = 8}, at(0)));
  EXPECT_GE(planner.estimate(*ask({.gpus = 8}), at(0))->start, at(3 * 3600)) << "what joined since is still counted";
  planner.remove(run(2));
  planner.remove(run(3));
  planner.remove(run(4));
  EXPECT_EQ(planner.estimate(*ask({.gpus = 8}), at(100))->start, at(3600)) << "built again by now";
}

}  // namespace
}  // namespace hansa::planner_test
