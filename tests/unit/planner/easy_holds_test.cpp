#include <gtest/gtest.h>

#include "src/planner/easy_planner.hpp"
#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

TEST(Hold, IsHard) {
  EasyPlanner planner({gpu_pool(1)});
  ASSERT_TRUE(planner.hold(bid(1), ask({.gpus = 6}), at(0), at(2)));
  EXPECT_FALSE(planner.hold(bid(2), ask({.gpus = 6}), at(0), at(2)));
  planner.put(ready(1, {.gpus = 6}));
  EXPECT_TRUE(planner.starts(at(1)).empty());
  EXPECT_EQ(planner.deadline(), at(2));
  EXPECT_EQ(numbers(planner.starts(at(2))), Numbers{1});
  EXPECT_FALSE(planner.deadline());
}

TEST(Hold, GivesItsUnitsBackOnRelease) {
  EasyPlanner planner({gpu_pool(1)});
  planner.hold(bid(1), ask({.gpus = 6}), at(0), at(2));
  planner.release(bid(1));
  planner.release(bid(1));
  EXPECT_EQ(planner.digest(at(0))[0].units_free, 8u);
  EXPECT_TRUE(planner.hold(bid(2), ask({.gpus = 8}), at(0), at(2)));
}

TEST(Hold, AskedForTwiceIsHeldOnce) {
  EasyPlanner planner({gpu_pool(1)});
  EXPECT_TRUE(planner.hold(bid(1), ask({.gpus = 4}), at(0), at(2)));
  EXPECT_TRUE(planner.hold(bid(1), ask({.gpus = 4}), at(1), at(3)));
  EXPECT_EQ(planner.digest(at(1))[0].units_free, 4u);
}

TEST(Hold, DelaysNobodyWhoWaitsAlready) {
  EasyPlanner planner({gpu_pool(2)});
  planner.put(ready(1, {.gpus = 8}));
  planner.starts(at(0));
  planner.put(ready(2, {.nodes = 2, .gpus = 8}, at(1)));
  planner.starts(at(1));
  EXPECT_FALSE(planner.hold(bid(1), ask({.gpus = 8, .limit = hours(1)}), at(1), at(3)));
  EXPECT_TRUE(planner.hold(bid(2), ask({.gpus = 8, .limit = minutes(59)}), at(1), at(3)));
  EXPECT_EQ(planner.reserved_start(0), at(3600));
}

TEST(Hold, DoesNotTakeWhatARunMayStartOnButHasNotYet) {
  EasyPlanner planner({gpu_pool(1)});
  planner.put(ready(1, {.gpus = 6}));
  EXPECT_FALSE(planner.hold(bid(1), ask({.gpus = 6}), at(0), at(2)));
  EXPECT_TRUE(planner.hold(bid(2), ask({.gpus = 2}), at(0), at(2)));
  EXPECT_EQ(numbers(planner.starts(at(0))), Numbers{1});
}

TEST(Hold, ThatBecameARunStartsItWhateverTheLineSays) {
  EasyPlanner planner({gpu_pool(1)});
  planner.hold(bid(1), ask({.gpus = 6}), at(0), at(2));
  planner.put(ready(1, {.gpus = 6}, at(-100)));
  planner.hold_becomes(bid(1), unready(2, {.gpus = 6}, at(1)), at(1), at(10));
  EXPECT_TRUE(planner.starts(at(5)).empty());
  planner.put(ready(2, {.gpus = 6}, at(1)));
  EXPECT_EQ(numbers(planner.starts(at(6))), Numbers{2});
  EXPECT_FALSE(planner.deadline());
  EXPECT_EQ(planner.digest(at(6))[0].units_free, 2u);
}

TEST(Hold, OfARunThatIsNotConfirmedInTimeLeavesItItsPlace) {
  EasyPlanner planner({gpu_pool(1)});
  planner.hold(bid(1), ask({.gpus = 6}), at(0), at(2));
  planner.hold_becomes(bid(1), unready(1, {.gpus = 6}, at(1)), at(1), at(4));
  planner.put(ready(2, {.gpus = 6}, at(2)));
  EXPECT_EQ(numbers(planner.starts(at(4))), Numbers{2});
  planner.put(ready(1, {.gpus = 6}, at(1)));
  planner.put(ready(3, {.gpus = 6}, at(3)));
  planner.remove(run(2));
  EXPECT_EQ(numbers(planner.starts(at(5))), Numbers{1});
}

TEST(Hold, ThatIsNoMoreMakesThePlainEntryOfIt) {
  EasyPlanner planner({gpu_pool(1)});
  planner.hold(bid(1), ask({.gpus = 6}), at(0), at(2));
  planner.hold_becomes(bid(1), ready(1, {.gpus = 6}), at(3), at(5));
  EXPECT_FALSE(planner.deadline());
  EXPECT_EQ(numbers(planner.starts(at(3))), Numbers{1});
}

TEST(Hold, GoesWithItsRun) {
  EasyPlanner planner({gpu_pool(1)});
  planner.hold(bid(1), ask({.gpus = 6}), at(0), at(2));
  planner.hold_becomes(bid(1), unready(1, {.gpus = 6}), at(0), at(60));
  planner.remove(run(1));
  EXPECT_EQ(planner.digest(at(0))[0].units_free, 8u);
  EXPECT_FALSE(planner.deadline());
}

TEST(Hold, OnWhatAFoundRunUsesIsNotStartedOn) {
  EasyPlanner planner({gpu_pool(1)});
  planner.hold(bid(1), ask({.gpus = 4}), at(0), at(2));
  planner.hold_becomes(bid(1), ready(1, {.gpus = 4}), at(0), at(60));
  planner.occupy(
      run(9), ask({.gpus = 8}),
      {.pool = "a100", .per_node = {.accelerators = 8, .cores = 1}, .nodes = {{0, {0, 1, 2, 3, 4, 5, 6, 7}}}}, at(0));
  EXPECT_TRUE(planner.starts(at(1)).empty());
  planner.remove(run(9));
  EXPECT_EQ(numbers(planner.starts(at(2))), Numbers{1});
}

}  // namespace
}  // namespace hansa::planner_test
