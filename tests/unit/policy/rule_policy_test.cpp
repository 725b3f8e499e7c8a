// What the rules mean: who is taken in, on which terms, and what is said to those who are not.
#include "src/policy/rule_policy.hpp"

#include <gmock/gmock.h>

namespace hansa {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

const Pool a100{.name = "a100",
                .model = "nvidia-a100",
                .nodes = 4,
                .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 1 << 20},
                .price_per_unit_hour = 6.8};

constexpr std::int64_t monday_noon_ms = 1'795'435'200'000;

struct Guest {
  SiteName origin{"wujiang"};
  std::string region = "cn/east/suzhou";
  JobRequest request{
      .name = "train", .user = "ana", .resources = {.per_node = {.accelerators = 8, .cores = 8}, .time_limit = 2h}};
  std::uint64_t units = 8;
  WallTime at{monday_noon_ms};
  std::uint64_t units_of_guests = 0;
  std::uint64_t units_of_origin = 0;

  GuestRuling under(const PolicyRules& rules) const {
    return RulePolicy(rules).on_guest({.origin = origin,
                                       .region = region,
                                       .request = request,
                                       .pool = a100,
                                       .units = units,
                                       .at = at,
                                       .units_of_guests = units_of_guests,
                                       .units_of_origin = units_of_origin});
  }
};

PolicyRules only(GuestRule rule) {
  return {.accept_otherwise = false, .guests = {std::move(rule)}};
}

TEST(GuestRules, WithoutRulesEverybodyIsTakenInAtThePoolsPrice) {
  const auto ruling = Guest{}.under({});
  EXPECT_TRUE(ruling.accepted);
  EXPECT_EQ(ruling.price_per_unit_hour, 6.8);
}

TEST(GuestRules, TheFirstOfWhichEveryConditionHoldsDecides) {
  const PolicyRules rules{.accept_otherwise = false,
                          .guests = {{.name = "not-bo", .accept = false, .users = {"bo"}},
                                     {.name = "small", .accelerators_max = 4},
                                     {.name = "neighbours", .regions = {"cn/east"}},
                                     {.name = "never", .accept = false}}};
  EXPECT_EQ(Guest{}.under(rules).rule, "neighbours");
  EXPECT_TRUE(Guest{}.under(rules).accepted);
  EXPECT_EQ(Guest{.units = 4}.under(rules).rule, "small");
  EXPECT_EQ(Guest{.request = {.user = "bo"}}.under(rules).rule, "not-bo");
  EXPECT_FALSE(Guest{.request = {.user = "bo"}}.under(rules).accepted);
  EXPECT_EQ(Guest{.region = "cn/west"}.under(rules).rule, "never");
}

TEST(GuestRules, ARegionIsMeantWithAllBelowItAndNothingBeside) {
  const auto rules = only({.name = "east", .regions = {"cn/east"}});
  EXPECT_TRUE(Guest{.region = "cn/east"}.under(rules).accepted);
  EXPECT_TRUE(Guest{.region = "cn/east/suzhou"}.under(rules).accepted);
  EXPECT_FALSE(Guest{.region = "cn/eastern"}.under(rules).accepted);
  EXPECT_FALSE(Guest{.region = ""}.under(rules).accepted) << "a site that does not say where it is";
}

TEST(GuestRules, ADeclineNamesTheRuleThatCameClosestAndWhatDidNotHold) {
  const auto size = Guest{.units = 16}.under(only({.name = "small", .accelerators_max = 8}));
  EXPECT_EQ(size.rule, "small");
  EXPECT_THAT(size.text, HasSubstr("at most 8 accelerators, and the job asks for 16"));
  const auto length = Guest{}.under(only({.name = "short", .time_max = 90min}));
  EXPECT_THAT(length.text, HasSubstr("at most 1.5 h long, and the job asks for 2 h"));
  const auto hours = Guest{}.under(only({.name = "night", .hours = {{20 * 60, 6 * 60}}}));
  EXPECT_THAT(hours.text, HasSubstr("only 20:00-06:00, and it is 12:00 on mon"));
  const auto nobody = Guest{}.under(only({.name = "others", .sites = {"taihu"}}));
  EXPECT_EQ(nobody.rule, "otherwise");
  EXPECT_THAT(nobody.text, HasSubstr("no rule is about it"));
}

TEST(GuestRules, HoursAreThoseOfTheSite) {
  auto rules = only({.name = "night", .hours = {{20 * 60, 6 * 60}}});
  rules.utc_offset_minutes = 8 * 60;
  EXPECT_TRUE(Guest{}.under(rules).accepted) << "noon in UTC is 20:00 in Suzhou";
}

TEST(GuestRules, PricesComeFromTheRuleElseFromThePolicyElseFromThePool) {
  EXPECT_EQ(Guest{}.under(only({.name = "fixed", .price = 1.5})).price_per_unit_hour, 1.5);
  EXPECT_EQ(Guest{}.under(only({.name = "half", .price_factor = 0.5})).price_per_unit_hour, 3.4);
  auto rules = only({.name = "half", .price_factor = 0.5});
  rules.prices["a100"] = 10;
  EXPECT_EQ(Guest{}.under(rules).price_per_unit_hour, 5);
}

TEST(Shares, WhatIsKeptForOwnUsersIsGivenToNoGuest) {
  const PolicyRules rules{.kept_for_own_users = 0.25};  // of 32
  EXPECT_TRUE((Guest{.units = 8, .units_of_guests = 16}.under(rules).accepted));
  const auto ruling = Guest{.units = 8, .units_of_guests = 17}.under(rules);
  EXPECT_FALSE(ruling.accepted);
  EXPECT_EQ(ruling.rule, "kept-for-own-users");
  EXPECT_THAT(ruling.text, HasSubstr("17 of 24 units of a100 are given to them, and the job asks for 8"));
}

TEST(Shares, OfAPoolMayBeItsOwn) {
  const PolicyRules rules{.kept_for_own_users = 0.25, .kept_by_pool = {{"a100", 1}}};
  EXPECT_FALSE((Guest{.units = 1}.under(rules).accepted));
}

TEST(Shares, OfOneSiteBoundThatSiteAlone) {
  const PolicyRules rules{.share_of_one_site_max = 0.5};
  EXPECT_FALSE((Guest{.units = 8, .units_of_guests = 9, .units_of_origin = 9}.under(rules).accepted));
  EXPECT_TRUE((Guest{.units = 8, .units_of_guests = 24, .units_of_origin = 8}.under(rules).accepted));
}

TEST(Shares, ARuleMayGiveItsGuestsMoreOrLess) {
  auto rules = only({.name = "friends", .share_max = 0.75});
  rules.share_of_one_site_max = 0.5;
  EXPECT_TRUE((Guest{.units = 8, .units_of_origin = 16}.under(rules).accepted));
  EXPECT_FALSE((Guest{.units = 8, .units_of_origin = 17}.under(rules).accepted));
}

SendRuling sending(const PolicyRules& rules, const JobRequest& request, const std::string& site,
                   const std::string& region) {
  const SiteName name{site};
  return RulePolicy(rules).on_send({.request = request, .site = name, .region = region});
}

TEST(SendRules, KeepAUsersJobsWithinARegion) {
  const PolicyRules rules{.send = {{.name = "medicine-nearby", .users = {"med-*"}, .regions = {"cn/east"}},
                                   {.name = "medicine", .allow = false, .users = {"med-*"}}}};
  EXPECT_TRUE(sending(rules, {.user = "med-li"}, "taihu", "cn/east/suzhou").allowed);
  const auto kept = sending(rules, {.user = "med-li"}, "chengdu", "cn/west");
  EXPECT_FALSE(kept.allowed);
  EXPECT_EQ(kept.rule, "medicine");
  EXPECT_TRUE(sending(rules, {.user = "ana"}, "chengdu", "cn/west").allowed);
}

TEST(SendRules, TellJobsWithFilesFromThoseWithout) {
  const PolicyRules rules{.send = {{.name = "no-files", .allow = false, .with_files = true}}};
  EXPECT_FALSE(sending(rules, {.bundle_bytes = 1}, "taihu", "").allowed);
  EXPECT_TRUE(sending(rules, {}, "taihu", "").allowed);
}

TEST(SendRules, MayKeepWhateverNoneAllows) {
  const PolicyRules rules{.send_otherwise = false, .send = {{.name = "trusted", .sites = {"taihu"}}}};
  EXPECT_TRUE(sending(rules, {}, "taihu", "").allowed);
  EXPECT_FALSE(sending(rules, {}, "huqiu", "").allowed);
}

TEST(Accounts, TheFirstThatMatchesElseTheOtherwise) {
  const RulePolicy policy({.accounts = {{"ana@wujiang", "ana"}, {"*@wujiang", "wj"}}, .account_otherwise = "guests"});
  EXPECT_EQ(policy.account_of({"wujiang"}, "ana"), "ana");
  EXPECT_EQ(policy.account_of({"wujiang"}, "bo"), "wj");
  EXPECT_EQ(policy.account_of({"taihu"}, "ana"), "guests");
}

TEST(UserLimits, TheFirstRuleForAUserElseThoseOfAll) {
  const RulePolicy policy(
      {.users = {{.users = {"student-*"}, .limits = {.jobs = 5}}}, .users_otherwise = {.jobs = 50}});
  EXPECT_EQ(policy.limits_of("student-wu").jobs, 5u);
  EXPECT_EQ(policy.limits_of("ana").jobs, 50u);
}

}  // namespace
}  // namespace hansa
