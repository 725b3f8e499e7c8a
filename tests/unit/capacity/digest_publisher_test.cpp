#include "protocol/capacity/digest_publisher.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

Instant at_ms(std::int64_t ms) {
  return Instant{std::chrono::milliseconds(100'000 + ms)};
}

Pool cpu() {
  return {.name = "cpu", .nodes = 10, .per_node = {.cores = 10}};
}

std::vector<PoolDigest> digest(std::uint64_t free, std::uint32_t wait_s = 0) {
  return {{.pool = "cpu", .units_free = free, .largest_nodes = 1, .largest_units_on_node = 10, .wait_large_s = wait_s}};
}

class Publisher : public testing::Test {
 protected:
  Publisher() : publisher({cpu()}, {}) {}
  bool tell(std::int64_t ms, const std::vector<PoolDigest>& what, bool draining = false) {
    publisher.touch();
    return publisher.wants(at_ms(ms)) && publisher.offer(at_ms(ms), draining, what);
  }
  DigestPublisher publisher;
};

TEST_F(Publisher, TellsTheFirstAtOnce) {
  EXPECT_TRUE(tell(0, digest(60)));
}

TEST_F(Publisher, TellsOnlyWhatCrossesAThreshold) {
  tell(0, digest(60));
  EXPECT_FALSE(tell(10'000, digest(70)));
  EXPECT_TRUE(tell(11'000, digest(75)));
  EXPECT_FALSE(tell(12'000, digest(99)));
  EXPECT_TRUE(tell(13'000, digest(100)));
  EXPECT_TRUE(tell(14'000, digest(1)));
  EXPECT_TRUE(tell(15'000, digest(0)));
  EXPECT_FALSE(tell(16'000, digest(0)));
  EXPECT_TRUE(tell(17'000, digest(1)));
}

TEST_F(Publisher, NeverTellsMoreOftenThanTheInterval) {
  tell(0, digest(0));
  EXPECT_FALSE(tell(100, digest(100)));
  EXPECT_EQ(publisher.deadline(), at_ms(500));
  EXPECT_TRUE(tell(500, digest(100))) << "what was too early is told as soon as it may be";
}

TEST_F(Publisher, TellsNowAndThenInAnyCase) {
  tell(0, digest(50));
  publisher.offer(at_ms(1'000), false, digest(50));
  EXPECT_EQ(publisher.deadline(), at_ms(30'000));
  EXPECT_FALSE(publisher.wants(at_ms(29'999)));
  EXPECT_TRUE(publisher.wants(at_ms(30'000)));
  EXPECT_TRUE(publisher.offer(at_ms(30'000), false, digest(50)));
}

TEST_F(Publisher, AWaitThatJustRunsOutIsNoNews) {
  tell(0, digest(0, 1000));
  EXPECT_FALSE(tell(20'000, digest(0, 980)));
  EXPECT_TRUE(tell(21'000, digest(0, 500)));
  EXPECT_FALSE(tell(22'000, digest(0, 502)));
  EXPECT_TRUE(tell(23'000, digest(0, 800)));
}

TEST_F(Publisher, DrainingIsNews) {
  tell(0, digest(50));
  EXPECT_TRUE(tell(1'000, digest(50), true));
  EXPECT_FALSE(tell(2'000, digest(50), true));
}

}  // namespace
}  // namespace hansa
