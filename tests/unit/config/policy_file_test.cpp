// The policy file: what it may say, and the one sentence for whatever is wrong with it.
#include "src/config/policy_file.hpp"

#include <gmock/gmock.h>

#include "src/policy/rule_policy.hpp"

namespace hansa {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

std::string why(const std::string& text) {
  const auto rules = parse_policy(text, "policy.toml");
  return rules ? "it is sound" : rules.error().text;
}

// The sample with every '#' taken away that stands before a key or a table.
std::string sample_in_force() {
  std::string text;
  std::string_view rest = sample_policy();
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n') + 1);
    rest.remove_prefix(line.size());
    if (line.size() > 2 && line[0] == '#' && line[1] != ' ') line.remove_prefix(1);
    text += line;
  }
  return text;
}

TEST(PolicyFile, TheSampleAsItIsTakesInEverybody) {
  const auto rules = parse_policy(sample_policy(), "policy.toml");
  ASSERT_TRUE(rules.ok()) << rules.error().text;
  EXPECT_EQ(*rules, PolicyRules{});
  EXPECT_EQ(make_policy(*rules), nullptr);
}

TEST(PolicyFile, TheSampleShowsEveryKeyAsItIsRead) {
  const auto rules = parse_policy(sample_in_force(), "policy.toml");
  ASSERT_TRUE(rules.ok()) << rules.error().text << "\n" << sample_in_force();
  ASSERT_EQ(rules->guests.size(), 1u);
  const auto& rule = rules->guests[0];
  EXPECT_EQ(rule.name, "neighbours-at-night");
  EXPECT_EQ(rule.sites, (std::vector<std::string>{"wujiang", "tai*"}));
  EXPECT_EQ(rule.accelerators_max, 64u);
  EXPECT_EQ(rule.time_max, 12h);
  EXPECT_EQ(rule.hours, (std::vector<HoursOfDay>{{20 * 60, 6 * 60}}));
  EXPECT_EQ(rule.days.size(), 5u);
  EXPECT_EQ(rule.price_factor, 0.5);
  EXPECT_EQ(rules->utc_offset_minutes, 480);
  EXPECT_EQ(rules->kept_by_pool.at("cpu"), 0.5);
  EXPECT_EQ(rules->prices.at("a100"), 6.8);
  ASSERT_EQ(rules->accounts.size(), 2u);
  EXPECT_EQ(rules->accounts[0].guest, "ana@wujiang") << "in the order of the file";
  EXPECT_EQ(rules->account_otherwise, "guests");
  ASSERT_EQ(rules->send.size(), 1u);
  EXPECT_FALSE(rules->send[0].allow);
  EXPECT_EQ(rules->users_otherwise.submissions_per_minute, 600u);
  EXPECT_EQ(rules->users.at(0).limits.accelerators, 8u);
}

TEST(PolicyFile, AMistakeIsNamedWithItsLineAndKey) {
  EXPECT_THAT(why("[guests]\nkept_for_own_user = 0.5\n"), HasSubstr("policy.toml:2: unknown key 'kept_for_own_user'"));
  EXPECT_THAT(why("[guests]\nkept_for_own_users = 1.5\n"), HasSubstr("must be a number from 0 to 1"));
  EXPECT_THAT(why("[guest]\n"), HasSubstr("unknown key 'guest'"));
  EXPECT_THAT(why("guests = 3\n"), HasSubstr("write [guests]"));
  EXPECT_THAT(why("[guests\n"), HasSubstr("policy.toml:1:"));
  EXPECT_THAT(why("[guests]\notherwise = 'perhaps'\n"), HasSubstr("\"accept\" or \"decline\""));
}

TEST(PolicyFile, AMistakeWithinARuleIsNamedToo) {
  const std::string rule = "[[guests.rule]]\nname = 'night'\ndecide = 'accept'\n";
  EXPECT_EQ(why(rule), "it is sound");
  EXPECT_THAT(why(rule + "hours = '25:00-06:00'\n"), HasSubstr("policy.toml:4: 'hours' in [[guests.rule]]"));
  EXPECT_THAT(why(rule + "hours = '06:00-06:00'\n"), HasSubstr("hours"));
  EXPECT_THAT(why(rule + "days = ['someday']\n"), HasSubstr("days"));
  EXPECT_THAT(why(rule + "days = ['xyz']\n"), HasSubstr("days"));
  EXPECT_THAT(why(rule + "time_max = 12\n"), HasSubstr("\"12h\""));
  EXPECT_THAT(why(rule + "sites = []\n"), HasSubstr("sites")) << "an empty list would mean everybody";
  EXPECT_THAT(why(rule + "accelerators_max = -1\n"), HasSubstr("accelerators_max"));
  EXPECT_THAT(why(rule + "price = 1\nprice_factor = 2\n"), HasSubstr("not both"));
  EXPECT_THAT(why(rule + rule), HasSubstr("rule 'night' is there twice"));
  EXPECT_THAT(why("[[guests.rule]]\nname = 'x'\n"), HasSubstr("does not say what it decides"));
  EXPECT_THAT(why("[[guests.rule]]\ndecide = 'accept'\n"), HasSubstr("has no name"));
  EXPECT_THAT(why("[[users.rule]]\njobs_max = 1\n"), HasSubstr("names no users"));
}

TEST(PolicyFile, NobodyIsMappedToRoot) {
  EXPECT_THAT(why("[accounts]\n'*' = 'root'\n"), HasSubstr("other than root"));
  const auto rules = parse_policy("[accounts]\notherwise = 'no-such-user-here'\n", "policy.toml");
  ASSERT_TRUE(rules.ok());
  EXPECT_THAT(check_policy(*rules, {}, true).error().text, HasSubstr("there is no such user here"));
  EXPECT_THAT(check_policy({.account_otherwise = "nobody"}, {}, false).error().text, HasSubstr("start it as root"));
  EXPECT_TRUE(check_policy({.account_otherwise = "nobody"}, {}, true).ok());
}

TEST(PolicyFile, PoolsThatAreNotThereAreNamed) {
  const std::vector<Pool> pools{{.name = "a100"}, {.name = "cpu"}};
  EXPECT_TRUE(check_policy({.guests = {{.name = "r", .pools = {"a*"}}}}, pools, false).ok());
  const auto wrong = check_policy({.guests = {{.name = "r", .pools = {"h800"}}}}, pools, false);
  EXPECT_THAT(wrong.error().text,
              HasSubstr("rule 'r' names the pool 'h800', and there is none; this site has a100, cpu"));
  EXPECT_FALSE(check_policy({.prices = {{"h800", 1}}}, pools, false).ok());
}

}  // namespace
}  // namespace hansa
