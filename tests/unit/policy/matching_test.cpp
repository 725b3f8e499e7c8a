#include "src/policy/matching.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

TEST(Patterns, AStarStandsForAnyCharactersAlsoNone) {
  EXPECT_TRUE(is_meant("tai*", "taihu"));
  EXPECT_TRUE(is_meant("tai*", "tai"));
  EXPECT_TRUE(is_meant("*", ""));
  EXPECT_TRUE(is_meant("*a*b*", "xxaxaxb"));
  EXPECT_FALSE(is_meant("tai*", "wutai"));
  EXPECT_FALSE(is_meant("taihu", "taihu2"));
  EXPECT_FALSE(is_meant("a*b", "axbx"));
  EXPECT_FALSE(is_meant("", "x"));
}

TEST(Patterns, OneThatWasMadeToBeSlowIsNot) {
  const std::string text(5'000, 'a');
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "a*";
  EXPECT_FALSE(is_meant(pattern + "b", text));
}

TEST(Patterns, AnEmptyListMeansEverybody) {
  EXPECT_TRUE(is_meant(std::vector<std::string>{}, "anybody"));
  EXPECT_FALSE(is_meant(std::vector<std::string>{"ana", "bo"}, "cai"));
}

TEST(Patterns, AUserWithoutASiteIsMeantAtEverySite) {
  EXPECT_TRUE(is_user_meant({"ana"}, "ana", "wujiang"));
  EXPECT_TRUE(is_user_meant({"ana@wujiang"}, "ana", "wujiang"));
  EXPECT_FALSE(is_user_meant({"ana@wujiang"}, "ana", "taihu"));
  EXPECT_TRUE(is_user_meant({"*@wujiang"}, "bo", "wujiang"));
  EXPECT_FALSE(is_user_meant({"ana"}, "anastasia", "wujiang"));
}

// 2026-11-23 was a Monday.
constexpr std::int64_t monday_at_noon_ms = 1'795'435'200'000;

TEST(Hours, AreReadAtTheSitesOwnOffset) {
  EXPECT_EQ(local_time({monday_at_noon_ms}, 0).minute, 12u * 60);
  EXPECT_EQ(local_time({monday_at_noon_ms}, 0).day, 0u);
  EXPECT_EQ(local_time({monday_at_noon_ms}, 13 * 60).day, 1u);
  EXPECT_EQ(local_time({monday_at_noon_ms}, -13 * 60).day, 6u);
  EXPECT_EQ(local_time({monday_at_noon_ms}, -13 * 60).minute, 23u * 60);
}

TEST(Hours, ThatGoOverMidnightAreOpenOnBothSidesOfIt) {
  const std::vector<HoursOfDay> night{{20 * 60, 6 * 60}};
  EXPECT_TRUE(is_open(night, {}, {.minute = 23 * 60, .day = 0}));
  EXPECT_TRUE(is_open(night, {}, {.minute = 5 * 60 + 59, .day = 1}));
  EXPECT_FALSE(is_open(night, {}, {.minute = 6 * 60, .day = 1}));
  EXPECT_FALSE(is_open(night, {}, {.minute = 12 * 60, .day = 1}));
}

TEST(Hours, OfADayBelongToTheDayOnWhichTheyBegin) {
  const std::vector<HoursOfDay> night{{20 * 60, 6 * 60}};
  EXPECT_TRUE(is_open(night, {4}, {.minute = 3 * 60, .day = 5})) << "Friday's night ends on Saturday";
  EXPECT_FALSE(is_open(night, {4}, {.minute = 3 * 60, .day = 4}));
  EXPECT_TRUE(is_open({}, {5, 6}, {.minute = 0, .day = 6}));
  EXPECT_FALSE(is_open({}, {5, 6}, {.minute = 0, .day = 0}));
}

TEST(Hours, AreShownAsTheyWereWritten) {
  EXPECT_EQ(format_hours({{20 * 60, 6 * 60}, {12 * 60, 13 * 60 + 5}}, {}), "20:00-06:00, 12:00-13:05");
  EXPECT_EQ(format_hours({{0, 24 * 60}}, {5, 6}), "00:00-24:00 on sat, sun");
}

}  // namespace
}  // namespace hansa
