#include "protocol/market/explanation.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

TEST(Explanation, IsWrittenAsJsonWithTheBreakdownOfEachScore) {
  Explanation explanation{.at = {1'700'000'000'500}, .jobs = 2, .score = "balanced", .how = "taihu is \"best\""};
  explanation.sites.push_back({.site = {"taihu"},
                               .part = Part::bid,
                               .pool = "a100",
                               .model = "nvidia-a100",
                               .start = std::chrono::milliseconds(1500),
                               .tflops = 312,
                               .price_per_hour = 6.8,
                               .offered = 3,
                               .chosen = 2,
                               .card = {{{"start", 1.5}, {"run", 1800}}}});
  explanation.sites.push_back({.site = {"kunshan"}, .part = Part::declined, .reason = "policy:\nnights only"});
  EXPECT_EQ(
      to_json(explanation),
      R"({"at":1700000000.5,"jobs":2,"score":"balanced","how":"taihu is \"best\"","sites":[)"
      R"({"site":"taihu","part":"bid","pool":"a100","model":"nvidia-a100","start":1.5,"transfer":0,"tflops":312,)"
      R"("price_per_hour":6.8,"terms":{"start":1.5,"run":1800},"total":1801.5,"offered":3,"chosen":2},)"
      R"({"site":"kunshan","part":"declined","reason":"policy:\u000anights only","chosen":0}],"sites_left_out":0})");
}

}  // namespace
}  // namespace hansa
