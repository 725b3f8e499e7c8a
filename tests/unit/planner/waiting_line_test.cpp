#include "src/planner/waiting_line.hpp"

#include <gtest/gtest.h>

#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

GroupKey key_of(const Ask& wanted) {
  return group_of({gpu_pool(2), gpu_pool(2, "h800"), cpu_pool(2)}, ask(wanted)->resources);
}

TEST(Group, NamesThePoolsInTheUsersOrder) {
  const auto key = key_of({.gpus = 5, .models = {"h800", "a100"}});
  ASSERT_EQ(key.choices.size(), 2u);
  EXPECT_EQ(key.choices[0].pool, 1u);
  EXPECT_EQ(key.choices[1].pool, 0u);
  EXPECT_EQ(key.choices[0].units, 8u) << "the three that are left are no use to its like";
  EXPECT_EQ(key_of({.gpus = 4, .models = {"a100"}}).choices[0].units, 4u);
  EXPECT_EQ(key_of({.cores = 16}).choices[0].pool, 2u);
  EXPECT_TRUE(key_of({.gpus = 9}).choices.empty());
}

TEST(WaitingLine, ShowsOnlyTheFirstOfEqualRequests) {
  WaitingLine line(3);
  const auto small = key_of({.gpus = 1, .models = {"a100"}});
  const auto large = key_of({.gpus = 8, .models = {"a100", "h800"}});
  for (std::uint64_t i = 1; i <= 100; ++i) line.put(run(i), small, at(0), true);
  line.put(run(200), large, at(0), true);
  EXPECT_EQ(line.fronts(0, true).size(), 2u);
  EXPECT_EQ(line.fronts(1, true).size(), 1u);
  line.erase(run(1));
  EXPECT_EQ(line.fronts(0, true).begin()->group->ready.begin()->run->first, run(2));
  line.put(run(2), small, at(0), false);
  EXPECT_EQ(line.fronts(0, true).begin()->group->ready.begin()->run->first, run(3));
  EXPECT_EQ(line.fronts(0, false).size(), 1u);
}

TEST(WaitingLine, CountsTheWorkThatWaitsAndForgetsItWithTheRun) {
  WaitingLine line(3);
  const auto key = key_of({.gpus = 2, .limit = seconds(100), .models = {"a100"}});
  line.put(run(1), key, at(0), true);
  line.put(run(2), key, at(0), false);
  line.put(run(2), key, at(0), true);
  EXPECT_EQ(line.queued_unit_seconds(0), 400u);
  line.erase(run(1));
  line.erase(run(1));
  EXPECT_EQ(line.queued_unit_seconds(0), 200u);
  line.erase(run(2));
  EXPECT_EQ(line.queued_unit_seconds(0), 0u);
  EXPECT_TRUE(line.fronts(0, true).empty());
  EXPECT_EQ(line.size(), 0u);
}

TEST(WaitingLine, ACopyIsALineOfItsOwn) {
  WaitingLine line(3);
  const auto key = key_of({.gpus = 2, .models = {"a100"}});
  line.put(run(1), key, at(1), true);
  line.put(run(2), key, at(0), true);
  WaitingLine copy(line);
  line.erase(run(2));
  EXPECT_EQ(copy.fronts(0, true).begin()->group->ready.begin()->run->first, run(2));
  EXPECT_EQ(line.fronts(0, true).begin()->group->ready.begin()->run->first, run(1));
  EXPECT_EQ(copy.queued_unit_seconds(0), 2 * line.queued_unit_seconds(0));
}

}  // namespace
}  // namespace hansa::planner_test
