// Whom each score prefers, as tables of two.
#include <gtest/gtest.h>

#include "src/placement/registry.hpp"

namespace hansa {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

struct Case {
  const char* why;
  Option better;
  Option worse;
  Prefer prefer = Prefer::fastest;
};

void expect_order(std::string_view name, const std::vector<Case>& cases) {
  const auto* score = *find_score(name);
  for (auto [why, better, worse, prefer] : cases) {
    better.site = {"z-better"};  // so that a tie would be decided the other way
    worse.site = {"a-worse"};
    JobRequest request;
    request.resources.time_limit = hours(2);
    request.wishes.prefer = prefer;
    const std::vector<Option> options{worse, better};
    EXPECT_EQ(rank(*score, request, options).front().option, 1u) << name << ": " << why;
  }
}

TEST(Balanced, LooksAtTheExpectedEnd) {
  expect_order("balanced",
               {{"an earlier start", {.start = minutes(1)}, {.start = minutes(9)}},
                {"transfer counts as waiting", {.start = minutes(2)}, {.start = minutes(1), .transfer = minutes(2)}},
                {"a faster pool is worth waiting for",
                 {.start = minutes(20), .tflops = 624, .reference_tflops = 312},
                 {.start = minutes(0), .tflops = 312, .reference_tflops = 312}},
                {"not for longer than it saves",
                 {.start = minutes(0), .tflops = 312, .reference_tflops = 312},
                 {.start = minutes(40), .tflops = 624, .reference_tflops = 312}},
                {"peak speed is believed up to a point",
                 {.start = minutes(0), .tflops = 1248, .reference_tflops = 312},
                 {.start = minutes(1), .tflops = 50'000, .reference_tflops = 312}},
                {"an unknown speed counts as that which the limit was thought for",
                 {.start = minutes(0)},
                 {.start = minutes(1), .tflops = 312, .reference_tflops = 312}}});
}

TEST(Balanced, MindsPriceAndTheUsersListMildly) {
  expect_order("balanced",
               {{"the cheaper of equals", {.price_per_hour = 10}, {.price_per_hour = 20}},
                {"but time is worth more", {.price_per_hour = 60}, {.start = minutes(2), .price_per_hour = 10}},
                {"the model named first", {.preference = 0}, {.preference = 1}},
                {"unless it takes minutes longer", {.preference = 1}, {.start = minutes(2), .preference = 0}}});
}

TEST(Balanced, RespectsWhatTheUserPrefers) {
  expect_order(
      "balanced",
      {{"cheapest waits for the cheaper",
        {.start = hours(1), .price_per_hour = 10},
        {.price_per_hour = 60},
        Prefer::cheapest},
       {"fastest does not", {.price_per_hour = 60}, {.start = hours(1), .price_per_hour = 10}, Prefer::fastest},
       {"local stays at home", {.is_self = true, .start = minutes(50)}, {.start = minutes(0)}, Prefer::local},
       {"local leaves for more than an hour",
        {.rtt = milliseconds(5)},
        {.is_self = true, .start = minutes(70)},
        Prefer::local},
       {"local goes near", {.rtt = milliseconds(2)}, {.rtt = milliseconds(90)}, Prefer::local}});
}

TEST(Fastest, DoesNotMindThePrice) {
  expect_order("fastest",
               {{"a second sooner at any price", {.price_per_hour = 1000}, {.start = std::chrono::seconds(1)}},
                {"the cheaper of equals", {.price_per_hour = 10}, {.price_per_hour = 11}}});
}

TEST(Cheapest, MindsThePriceFirst) {
  expect_order("cheapest",
               {{"cheaper though hours later", {.start = hours(5), .price_per_hour = 5}, {.price_per_hour = 6}},
                {"the sooner of equals", {.price_per_hour = 5}, {.start = minutes(1), .price_per_hour = 5}},
                {"a slow pool costs longer",
                 {.tflops = 312, .reference_tflops = 312, .price_per_hour = 8},
                 {.tflops = 156, .reference_tflops = 312, .price_per_hour = 6}}});
}

TEST(Registry, NamesWhatThereIsWhenAskedForAnythingElse) {
  const auto none = find_score("best");
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().text.find("balanced, fastest, cheapest"), std::string::npos);
  EXPECT_EQ(scores().front()->name(), default_score);
}

}  // namespace
}  // namespace hansa
