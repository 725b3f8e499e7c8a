// The clock of a simulated machine: a little wrong, and new at each restart.
#include "src/sim/clock.hpp"

#include <gtest/gtest.h>

namespace hansa::sim {
namespace {

using std::chrono::seconds;

struct ClockTest : testing::Test {
  Timeline timeline;
  SiteClock clock{timeline};

  void pass(Duration by) {
    const auto until = timeline.now() + by;
    while (timeline.step(until)) {
    }
    timeline.pass_to(until);
  }
};

TEST_F(ClockTest, AClockThatGainsShowsMoreThanHasPassed) {
  clock.set_rate(500);
  pass(seconds(1'000));
  EXPECT_EQ(clock.now(), Instant{seconds(1'000) + std::chrono::milliseconds(500)});
}

TEST_F(ClockTest, AChangeOfRateLeavesWhatItShows) {
  clock.set_rate(500);
  pass(seconds(1'000));
  const auto shown = clock.now();
  clock.set_rate(-500);
  EXPECT_EQ(clock.now(), shown);
  pass(seconds(1'000));
  EXPECT_EQ(clock.now(), Instant{seconds(2'000)});
}

// Whoever waits for the end of a lease must not be woken before it.
TEST_F(ClockTest, NothingHappensSoonerThanItsClockShows) {
  for (const auto& [before, after] : {std::pair{490, -490}, std::pair{-490, 490}, std::pair{7, 7}}) {
    clock.set_rate(before);
    const auto when = clock.now() + seconds(100) + Duration(1);
    std::optional<Instant> happened;
    clock.at(when, [&] { happened = clock.now(); });
    pass(seconds(10));
    clock.set_rate(after);
    pass(seconds(200));
    ASSERT_TRUE(happened);
    EXPECT_GE(*happened, when);
    EXPECT_LT(*happened, when + std::chrono::milliseconds(100));
  }
}

TEST_F(ClockTest, ARestartedMachineCountsFromNothing) {
  pass(seconds(100));
  bool happened = false;
  clock.after(seconds(50), [&] { happened = true; });
  clock.restart();
  EXPECT_EQ(clock.now(), Instant{});
  pass(seconds(60));
  EXPECT_TRUE(happened) << "what the world does to a machine does not wait for its new clock";
}

TEST_F(ClockTest, AWrongWallClockIsOfNoConsequenceForTheOther) {
  const auto right = clock.both().wall;
  clock.set_wall_error(std::chrono::hours(-3));
  EXPECT_EQ(clock.both().wall.unix_ms, right.unix_ms - 3 * 3'600'000);
  EXPECT_EQ(clock.now(), Instant{});
}

}  // namespace
}  // namespace hansa::sim
