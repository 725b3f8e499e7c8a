#include "src/planner/easy_planner.hpp"

#include <gtest/gtest.h>

#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

TEST(EasyPlanner, StartsInTheOrderOfWaiting) {
  EasyPlanner planner({gpu_pool(1)});
  planner.put(ready(1, {.gpus = 4}, at(2)));
  planner.put(ready(2, {.gpus = 4}, at(1)));
  planner.put(ready(3, {.gpus = 4}, at(3)));
  EXPECT_EQ(numbers(planner.starts(at(10))), (Numbers{2, 1}));
  EXPECT_EQ(numbers(planner.starts(at(11))), Numbers{});
  planner.remove(run(2));
  EXPECT_EQ(numbers(planner.starts(at(12))), (Numbers{3}));
  EXPECT_EQ(planner.queue_length(), 0u);
}

TEST(EasyPlanner, FillsGapsOnlyWithWhatDelaysTheHeadNotAtAll) {
  struct Case {
    Ask candidate;
    bool starts;
  };
  // Node 0 is busy for an hour; the head wants both nodes.
  for (const auto& [candidate, starts] : std::vector<Case>{
           {{.gpus = 8, .limit = minutes(59)}, true},
           {{.gpus = 8, .limit = minutes(60)}, true},
           {{.gpus = 1, .limit = minutes(61)}, false},
           {{.nodes = 2, .gpus = 1, .limit = minutes(1)}, false},
       }) {
    EasyPlanner planner({gpu_pool(2)});
    planner.put(ready(1, {.gpus = 8}));
    ASSERT_EQ(numbers(planner.starts(at(0))), Numbers{1});
    planner.put(ready(2, {.nodes = 2, .gpus = 8}, at(1)));
    planner.put(ready(3, candidate, at(2)));
    EXPECT_EQ(numbers(planner.starts(at(0))), starts ? Numbers{3} : Numbers{});
    EXPECT_EQ(planner.reserved_start(0), at(3600));
  }
}

TEST(EasyPlanner, ALongRunMayTakeWhatTheHeadLeavesSpare) {
  EasyPlanner planner({gpu_pool(2)});
  planner.put(ready(1, {.gpus = 7}));
  planner.starts(at(0));
  planner.put(ready(2, {.nodes = 2, .gpus = 6}, at(1)));
  planner.put(ready(3, {.gpus = 2, .limit = hours(100)}, at(2)));  // node 1 has 8, of which the head takes 6 then
  planner.put(ready(4, {.gpus = 1, .limit = hours(100)}, at(3)));
  EXPECT_EQ(numbers(planner.starts(at(5))), (Numbers{3, 4}));
  EXPECT_EQ(planner.reserved_start(0), at(3600));
}

TEST(EasyPlanner, AGangIsNotStarvedByAStreamOfSmallRuns) {
  EasyPlanner planner({gpu_pool(4)});
  std::uint64_t next = 1;
  for (; next <= 32; ++next) planner.put(ready(next, {.gpus = 1, .limit = minutes(10)}, at(0)));
  EXPECT_EQ(planner.starts(at(0)).size(), 32u);
  planner.put(ready(1000, {.nodes = 4, .gpus = 8}, at(1)));
  for (std::int64_t second = 2; second < 1200; ++second) {
    planner.put(ready(next++, {.gpus = 1, .limit = minutes(10)}, at(second)));
    if (second == 600) {
      for (std::uint64_t done = 1; done <= 32; ++done) planner.remove(run(done));
    }
    for (const auto number : numbers(planner.starts(at(second)))) {
      if (number != 1000) continue;
      EXPECT_LE(second, 601);
      return;
    }
  }
  FAIL() << "the gang never started";
}

TEST(EasyPlanner, OnePoolsHeadHoldsUpNobodyElsewhere) {
  EasyPlanner planner({gpu_pool(1), gpu_pool(1, "h800"), cpu_pool(1)});
  planner.put(ready(1, {.gpus = 1, .models = {"a100"}}));
  planner.starts(at(0));
  planner.put(ready(2, {.gpus = 8, .models = {"a100"}}, at(1)));
  planner.put(ready(3, {.gpus = 8, .models = {"a100", "h800"}}, at(2)));
  planner.put(ready(4, {.cores = 64}, at(3)));
  const auto starts = planner.starts(at(5));
  ASSERT_EQ(numbers(starts), (Numbers{3, 4}));
  EXPECT_EQ(starts[0].allocation.pool, "h800");
  EXPECT_EQ(starts[1].allocation.pool, "cpu");
}

TEST(EasyPlanner, TakesThePreferredPoolThatHasRoom) {
  EasyPlanner planner({gpu_pool(1), gpu_pool(1, "h800")});
  for (std::uint64_t i = 1; i <= 3; ++i) planner.put(ready(i, {.gpus = 5, .models = {"h800", "a100"}}, at(0)));
  const auto starts = planner.starts(at(0));
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].allocation.pool, "h800");
  EXPECT_EQ(starts[1].allocation.pool, "a100");
}

TEST(EasyPlanner, AHeadOfTwoPoolsIsPromisedTheOneThatFreesFirst) {
  EasyPlanner planner({gpu_pool(1), gpu_pool(1, "h800")});
  planner.put(ready(1, {.gpus = 8, .limit = hours(2), .models = {"a100"}}));
  planner.put(ready(2, {.gpus = 8, .limit = hours(1), .models = {"h800"}}));
  planner.starts(at(0));
  planner.put(ready(3, {.gpus = 8, .models = {"a100", "h800"}}, at(1)));
  planner.starts(at(1));
  EXPECT_FALSE(planner.reserved_start(0));
  EXPECT_EQ(planner.reserved_start(1), at(3600));
}

TEST(EasyPlanner, WhoIsNotReadyKeepsItsPlaceButHoldsUpNobody) {
  EasyPlanner planner({gpu_pool(1)});
  planner.put(unready(1, {.gpus = 8}, at(0)));
  planner.put(ready(2, {.gpus = 8}, at(1)));
  planner.put(ready(3, {.gpus = 8}, at(2)));
  EXPECT_EQ(numbers(planner.starts(at(5))), Numbers{2});
  planner.put(ready(1, {.gpus = 8}, at(0)));
  planner.remove(run(2));
  EXPECT_EQ(numbers(planner.starts(at(6))), Numbers{1});
}

TEST(EasyPlanner, PuttingTwiceOrWhatRunsAlreadyChangesNothing) {
  EasyPlanner planner({gpu_pool(1)});
  planner.put(ready(1, {.gpus = 4}));
  planner.put(ready(1, {.gpus = 4}));
  EXPECT_EQ(planner.queue_length(), 1u);
  EXPECT_EQ(planner.starts(at(0)).size(), 1u);
  planner.put(ready(1, {.gpus = 4}));
  EXPECT_EQ(planner.queue_length(), 0u);
  EXPECT_TRUE(planner.starts(at(1)).empty());
  planner.remove(run(1));
  planner.remove(run(1));
  EXPECT_EQ(planner.digest(at(2))[0].units_free, 8u);
}

TEST(EasyPlanner, WhatIsFoundAtARestartIsBelieved) {
  EasyPlanner planner({gpu_pool(1)});
  const Allocation found{
      .pool = "a100", .per_node = {.accelerators = 6, .cores = 1}, .nodes = {{0, {2, 3, 4, 5, 6, 7}}}};
  planner.put(ready(1, {.gpus = 6}));
  planner.occupy(run(1), ask({.gpus = 6}), found, at(-100));
  planner.occupy(run(2), ask({.gpus = 6}), {.pool = "gone"}, at(-100));
  EXPECT_EQ(planner.queue_length(), 0u);
  planner.put(ready(3, {.gpus = 2}));
  planner.put(ready(4, {.gpus = 1}, at(1)));
  const auto starts = planner.starts(at(2));
  ASSERT_EQ(numbers(starts), Numbers{3});
  EXPECT_EQ(starts[0].allocation.nodes[0].accelerators, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(planner.reserved_start(0), at(3500));
}

TEST(EasyPlanner, CreditLetsALargeGangPassWhoCameShortlyBefore) {
  for (const bool credit : {false, true}) {
    EasyPlanner planner({gpu_pool(2)}, {.gang_credit = credit ? Duration(minutes(10)) : Duration{0}});
    planner.put(ready(1, {.gpus = 2}, at(0)));
    planner.put(ready(2, {.nodes = 2, .gpus = 8}, at(300)));
    EXPECT_EQ(numbers(planner.starts(at(301))), credit ? Numbers{2} : Numbers{1});
  }
}

TEST(EasyPlanner, ComputeAsSuchIsSpreadOverAPool) {
  EasyPlanner planner({gpu_pool(2)});
  planner.put({run(1), JobRequest{.resources = {.per_node = {.cores = 4}, .pflops = 4}}, at(0), true});
  const auto starts = planner.starts(at(0));
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].allocation.nodes.size(), 2u);  // 13 accelerators, 7 on each of two nodes
  EXPECT_EQ(starts[0].allocation.per_node.accelerators, 7u);
}

TEST(EasyOptions, NameTheValueThatMakesNoSense) {
  EXPECT_TRUE(validate({}).ok());
  EXPECT_NE(validate({.backfill_depth = 0}).error().text.find("backfill_depth"), std::string::npos);
  EXPECT_NE(validate({.gang_credit = Duration{-1}}).error().text.find("gang_credit"), std::string::npos);
}

}  // namespace
}  // namespace hansa::planner_test
