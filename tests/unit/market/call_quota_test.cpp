#include "protocol/market/call_quota.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SiteName caller{"caller"};
const Instant began{seconds(1000)};

struct Quota : ::testing::Test {
  CallQuota quota{{.per_second = 10, .saved_max = 20}};

  int taken_of(int calls, Instant now) {
    int taken = 0;
    for (int i = 0; i < calls; ++i) taken += quota.refuse(now, caller) ? 0 : 1;
    return taken;
  }
};

TEST_F(Quota, TakesWhatWasSavedAndThenTheRate) {
  EXPECT_EQ(taken_of(100, began), 20);
  EXPECT_EQ(taken_of(100, began + seconds(1)), 10);
  EXPECT_EQ(taken_of(100, began + seconds(60)), 20);
}

TEST_F(Quota, SaysHowLongToWaitUntilHalfOfItIsThereAgain) {
  taken_of(20, began);
  const auto wait = quota.refuse(began, caller);
  ASSERT_TRUE(wait.has_value());
  EXPECT_EQ(*wait, seconds(1));
  EXPECT_EQ(taken_of(100, began + *wait), 10);
}

TEST_F(Quota, OfOneCallerIsNotAnothers) {
  taken_of(100, began);
  EXPECT_TRUE(quota.refuse(began, caller).has_value());
  EXPECT_FALSE(quota.refuse(began, SiteName{"other"}).has_value());
}

// Ten times the rate for ten seconds: what is taken is the rate, and what was saved.
TEST_F(Quota, HoldsUnderTenTimesItsRate) {
  int taken = 0;
  for (int tick = 0; tick < 1000; ++tick) taken += taken_of(1, began + tick * milliseconds(10));
  EXPECT_NEAR(taken, 20 + 100, 1);
}

}  // namespace
}  // namespace hansa
