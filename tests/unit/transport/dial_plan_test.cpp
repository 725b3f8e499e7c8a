#include "src/transport/dial_plan.hpp"

#include <gtest/gtest.h>

namespace hansa::transport {
namespace {

using namespace std::chrono_literals;

TEST(DialPlan, TriesEndpointsInOrderWithoutAPauseWithinARound) {
  DialPlan plan({"inside", "outside"}, 100ms, 1000ms, 1);
  EXPECT_EQ(plan.endpoint(), "inside");
  EXPECT_EQ(plan.after_failure(), 0ms);
  EXPECT_EQ(plan.endpoint(), "outside");
  EXPECT_GT(plan.after_failure(), 0ms);
  EXPECT_EQ(plan.endpoint(), "inside");
}

TEST(DialPlan, PausesDoubleUpToTheLongestAndAreShortenedByAQuarterAtMost) {
  DialPlan plan({"only"}, 100ms, 1000ms, 1);
  for (const auto full : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    const auto pause = plan.after_failure();
    EXPECT_LE(pause, full);
    EXPECT_GE(pause, full * 3 / 4);
  }
}

TEST(DialPlan, SuccessBeginsTheOrderAnew) {
  DialPlan plan({"inside", "outside"}, 100ms, 1000ms, 1);
  for (int i = 0; i < 7; ++i) plan.after_failure();
  EXPECT_EQ(plan.endpoint(), "outside");
  plan.succeeded();
  EXPECT_EQ(plan.endpoint(), "inside");
  plan.after_failure();
  EXPECT_LE(plan.after_failure(), 100ms);
}

TEST(DialPlan, DifferentSitesDrawDifferentPauses) {
  DialPlan one({"x"}, 1000ms, 1000ms, 1), two({"x"}, 1000ms, 1000ms, 2);
  bool differ = false;
  for (int i = 0; i < 10; ++i) differ = one.after_failure() != two.after_failure() || differ;
  EXPECT_TRUE(differ);
}

}  // namespace
}  // namespace hansa::transport
