#include "protocol/market/admission.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

using std::chrono::milliseconds;

struct Site {
  SiteName name{"taihu"};
  std::string region = "cn/east/suzhou";
  std::vector<std::string> labels{"apptainer", "cuda=12.2"};
  std::vector<Pool> pools{{.name = "cpu", .nodes = 2, .per_node = {.cores = 8}}};
  Duration rtt = milliseconds(7);
  std::vector<std::string> datasets{"imagenet", "laion-5b"};
  bool is_self = false;

  SiteFacts facts() const {
    return {.site = name,
            .is_self = is_self,
            .region = region,
            .labels = labels,
            .pools = pools,
            .rtt = rtt,
            .datasets = datasets};
  }
};

JobRequest job(PlacementWishes wishes, ResourceRequest resources = {}) {
  return {.resources = std::move(resources), .wishes = std::move(wishes)};
}

TEST(Admission, NamesTheFirstReasonAgainstASite) {
  struct Case {
    JobRequest request;
    std::string reason;  // empty: admitted
  };
  for (const auto& [request, reason] : std::vector<Case>{
           {job({}), ""},
           {job({.excluded = {{"taihu"}}}), "excluded"},
           {job({.sites = {{"kunshan"}, {"wujiang"}}}), "not among the sites"},
           {job({.sites = {{"taihu"}}}), ""},
           {job({.region = "cn/east"}), ""},
           {job({.region = "cn/north"}), "lies in cn/east/suzhou, not within cn/north"},
           {job({.within = milliseconds(7)}), ""},
           {job({.within = milliseconds(5)}), "its round trip is 7.0 ms, and the job wants one within 5.0 ms"},
           {job({}, {.labels = {"cuda>=12"}}), ""},
           {job({}, {.labels = {"apptainer", "cuda>=13"}}), "lacks the label cuda>=13"},
           {job({.datasets = {{"imagenet", true}, {"laion-5b", true}}}), ""},
           {job({.datasets = {{"imagenet", true}, {"coco", true}}}), "does not hold the data set coco"},
           {job({.datasets = {{"coco", false}}}), ""},
           {job({}, {.per_node = {.cores = 9}}), "no pool there could ever hold it"},
       }) {
    const Site site;
    const auto why = why_not(request, site.facts());
    EXPECT_EQ(admits(request, site.facts()), reason.empty());
    EXPECT_NE(why.value_or("").find(reason), std::string::npos) << why.value_or("");
  }
}

TEST(Admission, AnUnmeasuredRoundTripIsNotWithinAnything) {
  Site site;
  site.rtt = Duration{0};
  EXPECT_FALSE(admits(job({.within = milliseconds(5)}), site.facts()));
  site.is_self = true;
  EXPECT_TRUE(admits(job({.within = milliseconds(5)}), site.facts()));
}

}  // namespace
}  // namespace hansa
