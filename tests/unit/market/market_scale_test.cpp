// 64,000 jobs that wait must not make anything slow.
#include <chrono>

#include "tests/unit/market/helpers.hpp"

namespace hansa::market_test {
namespace {

class Scale : public MarketTest {
 protected:
  static constexpr std::uint64_t many = 64'000;

  Scale() {
    for (int i = 0; i < 8; ++i) site("site" + std::to_string(i), 4, 0, 90'000);
  }
  void improve(std::int64_t ms) {
    time_ms = ms;
    for (int i = 0; i < 8; ++i) digest("site" + std::to_string(i), 32);
    market.picture_improved(at(ms));
  }
};

TEST_F(Scale, EqualJobsThatWaitAreOneQuestion) {
  const Shared<JobRequest> request = gpus(8);
  for (std::uint64_t i = 1; i <= many; ++i) place(i, request, seconds(i), true);
  view.home_asked = 0;
  improve(5'000);
  const auto sends = tick(5'000);
  EXPECT_EQ(sends.size(), 4u);
  EXPECT_EQ(call_in(sends).count, 1'024u);
  EXPECT_LT(view.home_asked, 1'100u);
}

TEST_F(Scale, DifferentJobsAreLookedAtInTurnsSoManyATick) {
  for (std::uint64_t i = 1; i <= many; ++i) {
    auto request = gpus(8);
    request.name = "job" + std::to_string(i);
    place(i, request, minutes(60), true);
  }
  improve(5'000);
  const auto begin = std::chrono::steady_clock::now();
  std::set<std::string> named;
  for (std::int64_t ms = 5'000; ms < 6'000; ms += 20) {
    const auto sends = tick(ms);
    EXPECT_LE(sends.size(), 4 * options.scan_groups_max);
    for (const auto& send : sends) {
      const auto& call = std::get<CallForBids>(send.message);
      named.insert(call.request->name);
      hear(send.to.value, Decline{.call = call.call, .reason = DeclineReason::too_busy});
    }
  }
  EXPECT_GT(named.size(), 1'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
}

TEST_F(Scale, AnIdleTickLooksAtNobody) {
  for (std::uint64_t i = 1; i <= many; ++i) place(i, gpus(8), minutes(60), true);
  tick(0);
  view.home_asked = 0;
  for (std::int64_t ms = 1; ms < 1'000; ++ms) tick(ms);
  EXPECT_EQ(view.home_asked, 0u);
}

}  // namespace
}  // namespace hansa::market_test
