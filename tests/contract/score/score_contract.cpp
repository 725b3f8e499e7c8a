// What every score must keep, run against all in the registry.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "src/placement/registry.hpp"

namespace hansa {
namespace {

Option some_option() {
  const auto maybe = [](double value) { return *rc::gen::inRange(0, 4) == 0 ? 0 : value; };
  return {.site = {std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 5)))},
          .is_self = *rc::gen::inRange(0, 5) == 0,
          .start = std::chrono::seconds(*rc::gen::inRange(0, 100'000)),
          .transfer = std::chrono::milliseconds(*rc::gen::inRange(0, 1'000'000)),
          .tflops = maybe(*rc::gen::inRange(1, 5'000)),
          .reference_tflops = maybe(312),
          .price_per_hour = maybe(*rc::gen::inRange(1, 1'000)),
          .preference = *rc::gen::inRange<std::size_t>(0, 4),
          .rtt = std::chrono::microseconds(*rc::gen::inRange(0, 300'000)),
          .expected_delay = std::chrono::milliseconds(*rc::gen::inRange(0, 3'600'000))};
}

JobRequest some_request() {
  JobRequest request;
  request.resources.time_limit = std::chrono::seconds(*rc::gen::inRange(1, 1'000'000));
  request.wishes.prefer = static_cast<Prefer>(*rc::gen::inRange(0, 3));
  return request;
}

std::vector<Option> some_options() {
  std::vector<Option> options;
  for (auto n = *rc::gen::inRange(1, 12); n > 0; --n) options.push_back(some_option());
  return options;
}

class ScoreContract : public testing::TestWithParam<const Score*> {
 protected:
  const Score& score() const { return *GetParam(); }
};

TEST_P(ScoreContract, HasANameThatFindsItAndASummary) {
  EXPECT_EQ(*find_score(score().name()), &score());
  EXPECT_FALSE(score().summary().empty());
}

TEST_P(ScoreContract, TermsAreFiniteAndNamedOnceEach) {
  EXPECT_TRUE(rc::check([&] {
    auto option = some_option();
    if (*rc::gen::arbitrary<bool>()) option.start = forever;
    if (*rc::gen::arbitrary<bool>()) {  // as a member may claim that means harm
      option.tflops = option.reference_tflops = std::numeric_limits<double>::infinity();
      option.price_per_hour = std::numeric_limits<double>::infinity();
    }
    const auto card = score().card(option, some_request());
    std::set<std::string> names;
    for (const auto& term : card.terms) {
      RC_ASSERT(std::isfinite(term.seconds));
      RC_ASSERT(term.seconds >= 0);
      RC_ASSERT(!term.name.empty());
      RC_ASSERT(names.insert(term.name).second);
    }
  }));
}

TEST_P(ScoreContract, TheSameQuestionGetsTheSameAnswer) {
  EXPECT_TRUE(rc::check([&] {
    const auto option = some_option();
    const auto request = some_request();
    RC_ASSERT(score().card(option, request) == score().card(option, request));
  }));
}

TEST_P(ScoreContract, ASiteThatKeepsItsPromisesBetterIsNeverWorse) {
  EXPECT_TRUE(rc::check([&] {
    const auto request = some_request();
    const auto bad = some_option();
    auto good = bad;
    good.expected_delay = Duration{*rc::gen::inRange<std::int64_t>(0, bad.expected_delay.count() + 1)};
    RC_ASSERT(score().card(good, request).total() <= score().card(bad, request).total());
  }));
}

TEST_P(ScoreContract, AnEarlierStartIsNeverWorse) {
  EXPECT_TRUE(rc::check([&] {
    const auto request = some_request();
    const auto late = some_option();
    auto early = late;
    early.start = Duration{*rc::gen::inRange<std::int64_t>(0, late.start.count() + 1)};
    RC_ASSERT(score().card(early, request).total() <= score().card(late, request).total());
  }));
}

TEST_P(ScoreContract, AQuickerTransferIsNeverWorse) {
  EXPECT_TRUE(rc::check([&] {
    const auto request = some_request();
    const auto slow = some_option();
    auto quick = slow;
    quick.transfer = slow.transfer / 2;
    RC_ASSERT(score().card(quick, request).total() <= score().card(slow, request).total());
  }));
}

TEST_P(ScoreContract, ALowerPriceIsNeverWorse) {
  EXPECT_TRUE(rc::check([&] {
    const auto request = some_request();
    const auto dear = some_option();
    auto cheap = dear;
    cheap.price_per_hour = dear.price_per_hour * *rc::gen::inRange(0, 101) / 100;
    RC_ASSERT(score().card(cheap, request).total() <= score().card(dear, request).total());
  }));
}

TEST_P(ScoreContract, RankingIsATotalOrderThatDoesNotDependOnTheOrderOfAsking) {
  EXPECT_TRUE(rc::check([&] {
    const auto request = some_request();
    auto options = some_options();
    for (std::size_t i = 0; i < options.size(); ++i) options[i].site.value += std::to_string(i);  // distinct
    const auto ranked = rank(score(), request, options);
    RC_ASSERT(ranked.size() == options.size());
    auto reversed = options;
    std::reverse(reversed.begin(), reversed.end());
    const auto again = rank(score(), request, reversed);
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      RC_ASSERT(options[ranked[i].option].site == reversed[again[i].option].site);
      if (i > 0) RC_ASSERT(ranked[i - 1].total <= ranked[i].total);
    }
  }));
}

TEST_P(ScoreContract, EqualsAreRankedByTheSitesName) {
  Option option{.site = {"zhangjiagang"}, .start = std::chrono::seconds(5)};
  std::vector<Option> options{option, option, option};
  options[1].site = {"changshu"};
  options[2].site = {"kunshan"};
  const auto ranked = rank(score(), {}, options);
  EXPECT_EQ(options[ranked[0].option].site.value, "changshu");
  EXPECT_EQ(options[ranked[1].option].site.value, "kunshan");
  EXPECT_EQ(options[ranked[2].option].site.value, "zhangjiagang");
}

INSTANTIATE_TEST_SUITE_P(All, ScoreContract, testing::ValuesIn(scores()),
                         [](const auto& score) { return std::string(score.param->name()); });

}  // namespace
}  // namespace hansa
