// A line of 100,000: what each call may cost, counted where it can be counted rather than timed.
#include <gtest/gtest.h>
#include <malloc.h>

#include "src/planner/easy_planner.hpp"
#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

#if defined(HANSA_SANITIZED)
constexpr std::uint64_t many = 20'000;
#else
constexpr std::uint64_t many = 100'000;
#endif

std::size_t bytes_in_use() {
  return mallinfo2().uordblks;
}

TEST(EasyScale, AWaitingRunTakesLessThanTwoHundredBytes) {
  EasyPlanner planner({gpu_pool(48), cpu_pool(24)});
  const auto request = ask({.gpus = 8});
  const auto before = bytes_in_use();
  for (std::uint64_t i = 1; i <= many; ++i) planner.put({run(i), request, at(0), true});
  const auto each = static_cast<double>(bytes_in_use() - before) / many;
  RecordProperty("bytes_per_waiting_run", std::to_string(each));
#if !defined(HANSA_SANITIZED)
  EXPECT_LT(each, 200);
  EXPECT_GT(each, 50);
#endif
}

// It takes under a second. What a call costs is not counted here: only the time limit of the test would notice.
TEST(EasyScale, PutStartRemoveAndEstimateAnswerBehindALongLine) {
  EasyPlanner planner({gpu_pool(48), cpu_pool(24)});
  for (std::uint64_t i = 1; i <= many; ++i) {
    planner.put(
        ready(i, {.nodes = 1 + static_cast<std::uint32_t>(i % 7), .gpus = 8, .limit = seconds(600 + i % 997)}, at(0)));
  }
  auto running = numbers(planner.starts(at(0)));
  ASSERT_FALSE(running.empty());
  std::size_t started = 0;
  for (std::uint64_t step = 0; step < 2'000; ++step) {
    const auto now = at(static_cast<std::int64_t>(step));
    planner.put(ready(many + 1 + step, {.gpus = 1}, now));
    if (!running.empty()) {
      planner.remove(run(running.back()));
      running.pop_back();
    }
    for (const auto number : numbers(planner.starts(now))) {
      running.insert(running.begin(), number);
      ++started;
    }
    EXPECT_TRUE(planner.estimate(*ask({.gpus = 8}), now));
    EXPECT_TRUE(planner.expected_start(run(many), now));
    planner.digest(now);
  }
  EXPECT_GT(started, 1'000u);
}

TEST(EasyScale, ATaskForAnotherPoolIsNotBuriedUnderALongLine) {
  EasyPlanner planner({gpu_pool(2), cpu_pool(1)});
  for (std::uint64_t i = 1; i <= 5'000; ++i) planner.put(ready(i, {.gpus = 8, .limit = seconds(100 + i)}, at(0)));
  planner.put(ready(9'999, {.cores = 4}, at(1)));
  const auto starts = numbers(planner.starts(at(2)));
  EXPECT_EQ(starts, (Numbers{1, 2, 9'999}));
}

}  // namespace
}  // namespace hansa::planner_test
