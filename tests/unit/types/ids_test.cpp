#include <gtest/gtest.h>

#include "hansa/types/ids.hpp"

namespace hansa {
namespace {

TEST(SiteName, IsLettersDigitsAndInnerDashes) {
  for (const auto* good : {"a", "wujiang", "site-2", "3com"}) EXPECT_TRUE(parse_site_name(good).ok()) << good;
  for (const auto* bad : {"", "-a", "a-", "Wujiang", "a_b", "a.b", "苏州"})
    EXPECT_FALSE(parse_site_name(bad).ok()) << bad;
  EXPECT_FALSE(parse_site_name(std::string(64, 'a')).ok());
}

TEST(JobName, IsReadBackAsItIsWritten) {
  const SiteName origin{"wu-jiang"};
  for (const auto& job : {JobId{.number = 1}, JobId{.number = 1042, .task = 7}, JobId{.number = 5, .task = 0}}) {
    const auto name = parse_job_name(format_job(origin, job));
    ASSERT_TRUE(name.ok());
    EXPECT_EQ(*name, (JobName{.site = origin, .number = job.number, .task = job.task}));
  }
}

TEST(JobName, WithoutSiteOrNumberIsRefusedWithAnExample) {
  for (const auto* bad : {"", "42", "wujiang", "wujiang-", "wujiang-0", "wujiang-1_", "wujiang-1_-2", "wujiang-1x"}) {
    const auto name = parse_job_name(bad);
    ASSERT_FALSE(name.ok()) << bad;
    EXPECT_NE(name.error().text.find("wujiang-1042"), std::string::npos);
  }
}

}  // namespace
}  // namespace hansa
