#include "src/planner/profile.hpp"

#include <gtest/gtest.h>

#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

constexpr Parts whole_node = parts_of_node;

PoolLedger busy_until(std::vector<std::int64_t> ends) {
  PoolLedger ledger(gpu_pool(static_cast<std::uint32_t>(ends.size())));
  for (const auto end : ends) ledger.take(*ledger.place({1, {.accelerators = 8, .cores = 1}}), at(end));
  return ledger;
}

TEST(Profile, FindsTheFirstGapThatIsLongEnough) {
  Profile profile(busy_until({10, 20}), at(0), 100);
  EXPECT_EQ(profile.earliest(whole_node, seconds(100), at(0)), at(10));
  EXPECT_EQ(profile.earliest(2 * whole_node, seconds(100), at(0)), at(20));
  EXPECT_EQ(profile.earliest(3 * whole_node, seconds(1), at(0)), end_of_time);
  profile.reserve(2 * whole_node, at(30), seconds(10));
  EXPECT_EQ(profile.earliest(whole_node, seconds(20), at(0)), at(10));
  EXPECT_EQ(profile.earliest(whole_node, seconds(21), at(0)), at(40));
  EXPECT_EQ(profile.earliest(whole_node, seconds(5), at(22)), at(22));
  EXPECT_EQ(profile.earliest(whole_node, seconds(5), at(32)), at(40));
}

TEST(Profile, WhatIsOverdueIsExpectedToEndNow) {
  EXPECT_EQ(Profile(busy_until({10}), at(50), 100).earliest(whole_node, seconds(1), at(50)), at(50));
}

TEST(Profile, ManyEndsCountAsOneAndNeverTooEarly) {
  PoolLedger ledger(cpu_pool(40, 50));
  for (int i = 0; i < 2'000; ++i) ledger.take(*ledger.place({1, {.cores = 1}}), at(1'000 + i));
  const Profile fine(ledger, at(0), 10'000);
  const Profile coarse(ledger, at(0), 100);
  EXPECT_GT(fine.size(), 1'900u);
  EXPECT_LT(coarse.size(), 100u);
  for (const auto nodes : {1, 5, 20, 40}) {
    const auto exact = fine.earliest(nodes * whole_node * 99 / 100, seconds(60), at(0));
    const auto rough = coarse.earliest(nodes * whole_node * 99 / 100, seconds(60), at(0));
    EXPECT_GE(rough, exact);
    EXPECT_LE(rough - at(0), (exact - at(0)) * 105 / 100);
  }
}

}  // namespace
}  // namespace hansa::planner_test
