#include <gtest/gtest.h>

#include "hansa/types/job.hpp"

namespace hansa {
namespace {

std::vector<std::int32_t> tasks_of(const char* text) {
  auto array = parse_array(text);
  return array ? array->tasks : std::vector<std::int32_t>{-1};
}

TEST(Array, RangesListsAndStepsAreCountedOut) {
  EXPECT_EQ(tasks_of("1-4"), (std::vector<std::int32_t>{1, 2, 3, 4}));
  EXPECT_EQ(tasks_of("0,7-9,3"), (std::vector<std::int32_t>{0, 3, 7, 8, 9}));
  EXPECT_EQ(tasks_of("1-9:4"), (std::vector<std::int32_t>{1, 5, 9}));
  EXPECT_EQ(tasks_of("5"), (std::vector<std::int32_t>{5}));
}

TEST(Array, AnIndexNamedTwiceIsOneTask) {
  EXPECT_EQ(tasks_of("1-3,2,3"), (std::vector<std::int32_t>{1, 2, 3}));
}

TEST(Array, APercentSignBoundsHowManyAreAtOnce) {
  const auto array = parse_array("1-100%10");
  ASSERT_TRUE(array.ok());
  EXPECT_EQ(array->tasks.size(), 100u);
  EXPECT_EQ(array->parallel_max, 10u);
  EXPECT_EQ(parse_array("1-100")->parallel_max, 0u);
}

TEST(Array, IsWrittenAsItIsRead) {
  for (const auto* text : {"1-4", "0,3,7-9", "5", "1-100%10", "0-1,3"})
    EXPECT_EQ(format_array(*parse_array(text)), text);
  EXPECT_EQ(format_array({}), "");
}

TEST(Array, WhatIsNoArrayIsRefusedWithAnExample) {
  for (const auto* text :
       {"", ",", "1,", "a", "3-1", "1-", "-4", "1-9:0", "1-9:", "1%0", "1%", "%3", "1-5000000", "1.5", "99999999999"}) {
    const auto array = parse_array(text);
    ASSERT_FALSE(array.ok()) << text;
    EXPECT_EQ(array.error().kind, ErrorKind::usage);
    EXPECT_NE(array.error().text.find("1-100"), std::string::npos);
  }
}

TEST(Array, MoreTasksThanTheBoundAreRefusedBeforeTheyAreCountedOut) {
  EXPECT_TRUE(parse_array("1-65536").ok());
  EXPECT_FALSE(parse_array("1-65537").ok());
  EXPECT_FALSE(parse_array("0-4000000,0-4000000").ok());
}

}  // namespace
}  // namespace hansa
