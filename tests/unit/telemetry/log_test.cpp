#include "src/telemetry/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace hansa {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(LogLine, NamesTheEventFirstAndThenItsFields) {
  EXPECT_EQ(log_line("accepted", {{"job", "wujiang-7"}, {"site", "taihu"}}), "event=accepted job=wujiang-7 site=taihu");
}

TEST(LogLine, AValueCannotEndTheLineOrPretendToBeAnotherField) {
  EXPECT_EQ(log_line("x", {{"text", "two words"}}), "event=x text=\"two words\"");
  EXPECT_EQ(log_line("x", {{"text", "a\" site=evil\n"}}), "event=x text=\"a\\\" site=evil\\n\"");
  EXPECT_EQ(log_line("x", {{"text", "a=b"}}), "event=x text=\"a=b\"");
  EXPECT_EQ(log_line("x", {{"text", "\x1b[31m"}}), "event=x text=\"\\x1b[31m\"");
  EXPECT_EQ(log_line("x", {{"text", ""}}), "event=x text=\"\"");
  EXPECT_EQ(log_line("x", {{"site", "苏州"}}), "event=x site=苏州");
}

class RateLimitedLogTest : public ::testing::Test {
 protected:
  void log(const std::string& event, const std::string& about = "") {
    log_.log(LogSeverity::warn, event, about, {{"peer", about}});
  }

  RateLimitedLog::Clock::time_point now_;
  std::vector<std::string> lines_;
  RateLimitedLog log_{2, [this](LogSeverity, const std::string& line) { lines_.push_back(line); },
                      [this] { return now_; }};
};

TEST_F(RateLimitedLogTest, TheSameEventIsWrittenSoManyTimesAMinute) {
  for (int i = 0; i < 100; ++i) log("bad_frame", "b");
  EXPECT_THAT(lines_, SizeIs(2));
}

TEST_F(RateLimitedLogTest, WhatWasLeftOutIsCountedInTheNextLine) {
  for (int i = 0; i < 100; ++i) log("bad_frame", "b");
  now_ += 1min;
  lines_.clear();
  log("bad_frame", "b");
  log("bad_frame", "b");
  EXPECT_THAT(lines_, ElementsAre("event=bad_frame peer=b left_out=98", "event=bad_frame peer=b"));
}

TEST_F(RateLimitedLogTest, OtherEventsAndOtherPeersHaveTheirOwnMinutes) {
  for (int i = 0; i < 10; ++i) log("bad_frame", "b");
  log("bad_frame", "c");
  log("refused", "b");
  EXPECT_THAT(lines_, SizeIs(4));
}

TEST_F(RateLimitedLogTest, InventedNamesDoNotFillTheMemoryNorTheLog) {
  for (int i = 0; i < 100'000; ++i) log("bad_frame", std::to_string(i));
  EXPECT_THAT(lines_, SizeIs(1024 + 2));
}

}  // namespace
}  // namespace hansa
