#include "actors/intake.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hansa {
namespace {

const SiteName loud{"loud"};
const SiteName quiet{"quiet"};
constexpr IntakeBounds tight{.frames_max = 4, .bytes_max = 1'000, .urgent_frames_max = 2};

struct IntakeTest : ::testing::Test {
  Intake intake{tight};
  std::vector<Intake::Pass> held;

  bool takes(const SiteName& peer, std::size_t bytes, bool urgent = false) {
    held.push_back(intake.admit(peer, bytes, urgent));
    if (held.back()) return true;
    held.pop_back();
    return false;
  }
};

TEST_F(IntakeTest, TakesSoManyFramesOfAPeerUntilTheyAreDoneWith) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(takes(loud, 1));
  EXPECT_FALSE(takes(loud, 1));
  EXPECT_EQ(intake.refused_total(), 1u);
  held.pop_back();
  EXPECT_TRUE(takes(loud, 1));
}

TEST_F(IntakeTest, TakesSoManyBytesAndAnyFrameWhenNoneWaits) {
  EXPECT_TRUE(takes(loud, 5'000));
  EXPECT_FALSE(takes(loud, 1));
  held.clear();
  EXPECT_TRUE(takes(loud, 600));
  EXPECT_FALSE(takes(loud, 600));
}

TEST_F(IntakeTest, OfAPeerThatFloodsStillTakesProbes) {
  while (takes(loud, 1)) continue;
  EXPECT_TRUE(takes(loud, 1, true));
  EXPECT_TRUE(takes(loud, 1, true));
  EXPECT_FALSE(takes(loud, 1, true));
}

TEST_F(IntakeTest, OfOnePeerIsNotAnothers) {
  while (takes(loud, 1)) continue;
  EXPECT_TRUE(takes(quiet, 1));
}

TEST_F(IntakeTest, IsOutlivedByWhatWaits) {
  auto short_lived = std::make_unique<Intake>(tight);
  auto pass = short_lived->admit(loud, 1, false);
  short_lived.reset();
  pass.reset();
}

}  // namespace
}  // namespace hansa
