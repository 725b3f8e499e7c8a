#include "src/client/formats.hpp"

#include <gtest/gtest.h>

namespace hansa::client {
namespace {

TEST(Times, AllFormsOfSlurmAndOurOwnAreRead) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"90", 5'400},          {"1:30", 90},  {"01:00:00", 3'600},      {"2-0", 172'800}, {"1-2:3", 93'780},
      {"1-02:03:04", 93'784}, {"2h", 7'200}, {"1h30m", 5'400},         {"45s", 45},      {"1.5h", 5'400},
      {"1d12h", 129'600},     {"0.5s", 1},   {"UNLIMITED", 31'536'000}};
  for (const auto& [text, seconds] : cases) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time.ok()) << text;
    EXPECT_EQ(*time, seconds) << text;
  }
}

TEST(Times, WhatIsNoTimeIsRefused) {
  for (const auto* text : {"", "0", "0:00", "x", "1:2:3:4", "-5", "1-", "2x", "h", "1h-2", "1:-2",
                           "99999999999999999999", "1e9h", "2h ", "100999999999999999999999999999h", "infh"}) {
    EXPECT_FALSE(parse_time(text).ok()) << text;
  }
}

TEST(Memory, SizesAreBinaryAndABareNumberIsMebibytes) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"16G", 16ull << 30},   {"512M", 512ull << 20}, {"1T", 1ull << 40},
      {"100K", 100ull << 10}, {"1024", 1ull << 30},   {"0", 0},
      {"1.5G", 3ull << 29},   {"2GB", 2ull << 30},    {"2GiB", 2ull << 30}};
  for (const auto& [text, bytes] : cases) {
    const auto size = parse_memory(text);
    ASSERT_TRUE(size.ok()) << text;
    EXPECT_EQ(*size, bytes) << text;
  }
  for (const auto* text : {"", "G", "16X", "-1", "16 G", "9999999T", "B", "1.2.3G"})
    EXPECT_FALSE(parse_memory(text).ok()) << text;
}

TEST(Latencies, AreReadWithTheirUnits) {
  EXPECT_DOUBLE_EQ(*parse_latency("10ms"), 0.01);
  EXPECT_DOUBLE_EQ(*parse_latency("0.2s"), 0.2);
  EXPECT_DOUBLE_EQ(*parse_latency("250us"), 0.00025);
  EXPECT_DOUBLE_EQ(*parse_latency("10"), 0.01);
  for (const auto* text : {"", "0", "ms", "10m", "-1ms", "4000s"}) EXPECT_FALSE(parse_latency(text).ok()) << text;
}

TEST(Gpus, AreANumberWithPerhapsAModel) {
  EXPECT_EQ(parse_gpus("8")->count, 8u);
  EXPECT_EQ(parse_gpus("a100:4")->model, "a100");
  EXPECT_EQ(parse_gpus("a100:4")->count, 4u);
  for (const auto* text : {"", "a100", ":4", "a100:", "-1", "4x"}) EXPECT_FALSE(parse_gpus(text).ok()) << text;
}

TEST(Dependencies, EveryJobIsNamedWithItsKind) {
  const auto words = parse_dependencies("afterok:1041:wujiang-1042,afternotok:7_3,singleton");
  ASSERT_TRUE(words.ok());
  ASSERT_EQ(words->size(), 4u);
  EXPECT_EQ((*words)[0].kind, "afterok");
  EXPECT_EQ((*words)[0].job, "1041");
  EXPECT_EQ((*words)[1].job, "wujiang-1042");
  EXPECT_EQ((*words)[2].kind, "afternotok");
  EXPECT_EQ((*words)[3].kind, "singleton");
}

TEST(Dependencies, WhatHasNoMeaningHereIsRefusedWithAnExample) {
  for (const auto* text :
       {"", "after:1", "afterok", "afterok:", "1041", "aftercorr:5", "afterok:1?afterok:2", "singleton:3"}) {
    const auto words = parse_dependencies(text);
    ASSERT_FALSE(words.ok()) << text;
    EXPECT_NE(words.error().text.find("afterok:1041:1042"), std::string::npos);
  }
}

TEST(Shown, TimesLookAsInSqueue) {
  EXPECT_EQ(format_elapsed(0), "0:00");
  EXPECT_EQ(format_elapsed(61.9), "1:01");
  EXPECT_EQ(format_elapsed(3'661), "1:01:01");
  EXPECT_EQ(format_elapsed(93'784), "1-02:03:04");
  EXPECT_EQ(format_elapsed(-5), "0:00");
  EXPECT_EQ(format_span(0.012), "12ms");
  EXPECT_EQ(format_span(3), "3.0s");
  EXPECT_EQ(format_span(9'000), "2.5h");
  EXPECT_EQ(format_bytes(1'536), "1.5 KiB");
}

}  // namespace
}  // namespace hansa::client
