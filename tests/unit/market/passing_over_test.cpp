#include "protocol/market/passing_over.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

Instant at(std::int64_t s) {
  return Instant{std::chrono::seconds(s)};
}

const SiteName taihu{"taihu"};
const JobId passed_over{.number = 1};
const JobId other{.number = 2};

TEST(PassingOver, TheJobAvoidsTheHostAtOnceAndLongerEachTime) {
  PassingOver passing(MarketOptions{});
  passing.failed(at(0), passed_over, taihu);
  EXPECT_TRUE(passing.passes_over(at(1), taihu, passed_over));
  EXPECT_FALSE(passing.passes_over(at(1), taihu, other));
  EXPECT_FALSE(passing.passes_over(at(2), taihu, passed_over));
  passing.failed(at(2), passed_over, taihu);
  EXPECT_TRUE(passing.passes_over(at(5), taihu, passed_over));
  EXPECT_FALSE(passing.passes_over(at(6), taihu, passed_over));
  passing.forget(passed_over);
  passing.failed(at(7), passed_over, taihu);
  EXPECT_FALSE(passing.passes_over(at(9), taihu, passed_over));
}

TEST(PassingOver, EveryoneAvoidsAHostThatFailsInARow) {
  PassingOver passing(MarketOptions{});
  for (std::uint64_t i = 1; i <= 2; ++i) passing.failed(at(0), {.number = i}, taihu);
  EXPECT_FALSE(passing.passes_over(at(0), taihu));
  passing.failed(at(0), {.number = 3}, taihu);
  EXPECT_TRUE(passing.passes_over(at(1), taihu));
  passing.failed(at(2), {.number = 4}, taihu);
  EXPECT_TRUE(passing.passes_over(at(5), taihu)) << "twice as long";
  passing.succeeded(taihu);
  EXPECT_FALSE(passing.passes_over(at(5), taihu));
}

TEST(PassingOver, TimeGrowsUpToABound) {
  PassingOver passing(MarketOptions{});
  for (int i = 0; i < 100; ++i) passing.failed(at(0), passed_over, taihu);
  EXPECT_TRUE(passing.passes_over(at(599), taihu, passed_over));
  EXPECT_FALSE(passing.passes_over(at(600), taihu, passed_over));
}

}  // namespace
}  // namespace hansa
