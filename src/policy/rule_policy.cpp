#include "src/policy/rule_policy.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hansa/types/site.hpp"
#include "src/policy/matching.hpp"

namespace hansa {
namespace {

bool lies_in(const std::vector<std::string>& regions, const std::string& region) {
  return regions.empty() ||
         std::any_of(regions.begin(), regions.end(), [&](const auto& wanted) { return within_region(region, wanted); });
}

std::uint64_t accelerators_of(const GuestAsk& ask) {
  return ask.pool.has_accelerators() ? ask.units : 0;
}

// Nodes are not counted for a job that asks for compute as such: it takes as many as the units need.
std::uint64_t nodes_of(const GuestAsk& ask) {
  const auto shape = shape_in(ask.pool, ask.request.resources);
  return shape ? shape->nodes : ask.request.resources.nodes;
}

std::string in_hours(Duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g h", seconds(time) / 3600);
  return text;
}

// Whether the rule speaks of this guest at all.
bool is_about(const GuestRule& rule, const GuestAsk& ask) {
  return is_meant(rule.sites, ask.origin.value) && lies_in(rule.regions, ask.region) &&
         is_user_meant(rule.users, ask.request.user, ask.origin.value) && is_meant(rule.pools, ask.pool.name);
}

// The first of its other conditions that does not hold, in words; empty when all do.
std::string what_fails(const GuestRule& rule, const GuestAsk& ask, std::int32_t utc_offset_minutes) {
  const auto at_most = [](std::uint64_t most, const char* what, std::uint64_t asked) {
    return "at most " + std::to_string(most) + " " + what + ", and the job asks for " + std::to_string(asked);
  };
  if (rule.accelerators_max && accelerators_of(ask) > *rule.accelerators_max) {
    return at_most(*rule.accelerators_max, "accelerators", accelerators_of(ask));
  }
  if (rule.nodes_max && nodes_of(ask) > *rule.nodes_max) return at_most(*rule.nodes_max, "nodes", nodes_of(ask));
  const auto limit = ask.request.resources.time_limit;
  if (rule.time_max && limit > *rule.time_max) {
    return "at most " + in_hours(*rule.time_max) + " long, and the job asks for " + in_hours(limit);
  }
  const auto at = local_time(ask.at, utc_offset_minutes);
  if (!is_open(rule.hours, rule.days, at)) {
    char now[32];
    std::snprintf(now, sizeof now, "%02u:%02u on %s", at.minute / 60, at.minute % 60, day_word(at.day).data());
    return "only " + format_hours(rule.hours, rule.days) + ", and it is " + now;
  }
  return {};
}

std::uint64_t part_of(std::uint64_t units, double share) {
  return static_cast<std::uint64_t>(std::floor(static_cast<double>(units) * share + 1e-9));
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g%%", share * 100);
  return text;
}

}  // namespace

GuestRuling RulePolicy::on_guest(const GuestAsk& ask) const {
  const GuestRule* closest = nullptr;
  std::string failed;
  for (const auto& rule : rules_.guests) {
    if (!is_about(rule, ask)) continue;
    auto fails = what_fails(rule, ask, rules_.utc_offset_minutes);
    if (fails.empty()) return ruling_of(rule, ask);
    if (closest == nullptr && rule.accept) {
      closest = &rule;
      failed = std::move(fails);
    }
  }
  auto ruling = without_rule(ask);
  if (ruling.accepted || closest == nullptr) return ruling;
  ruling.rule = closest->name;
  ruling.text = "it takes " + failed;
  return ruling;
}

GuestRuling RulePolicy::ruling_of(const GuestRule& rule, const GuestAsk& ask) const {
  const auto usual = price_of(ask.pool);
  GuestRuling ruling{.accepted = rule.accept,
                     .rule = rule.name,
                     .text = rule.accept ? "it takes this in" : "it declines this",
                     .price_per_unit_hour = rule.price.value_or(usual * rule.price_factor.value_or(1))};
  if (ruling.accepted) hold_to_shares(ask, &rule, ruling);
  return ruling;
}

GuestRuling RulePolicy::without_rule(const GuestAsk& ask) const {
  GuestRuling ruling{.accepted = rules_.accept_otherwise,
                     .rule = "otherwise",
                     .text = rules_.accept_otherwise ? "no rule is about it, and such guests are taken in"
                                                     : "no rule is about it, and such guests are declined",
                     .price_per_unit_hour = price_of(ask.pool)};
  if (ruling.accepted) hold_to_shares(ask, nullptr, ruling);
  return ruling;
}

// Both bounds count what guests were promised, not only what runs.
void RulePolicy::hold_to_shares(const GuestAsk& ask, const GuestRule* rule, GuestRuling& ruling) const {
  const auto own = rules_.kept_by_pool.find(ask.pool.name);
  const auto kept = own == rules_.kept_by_pool.end() ? rules_.kept_for_own_users : own->second;
  const auto decline = [&](const char* name, std::uint64_t room, std::uint64_t has, const std::string& why) {
    ruling.accepted = false;
    ruling.rule = name;
    ruling.text = why + ": " + std::to_string(has) + " of " + std::to_string(room) + " units of " + ask.pool.name +
                  " are given to them, and the job asks for " + std::to_string(ask.units);
  };
  const auto room = part_of(ask.pool.units(), 1 - kept);
  if (kept > 0 && ask.units_of_guests + ask.units > room) {
    return decline("kept-for-own-users", room, ask.units_of_guests,
                   "guests together get " + percent(1 - kept) + " of a pool");
  }
  const auto share =
      rule != nullptr ? rule->share_max.value_or(rules_.share_of_one_site_max) : rules_.share_of_one_site_max;
  const auto room_of_one = part_of(ask.pool.units(), share);
  if (share < 1 && ask.units_of_origin + ask.units > room_of_one) {
    decline("share-of-one-site", room_of_one, ask.units_of_origin,
            "the guests of one site get " + percent(share) + " of a pool");
  }
}

SendRuling RulePolicy::on_send(const SendAsk& ask) const {
  for (const auto& rule : rules_.send) {
    const bool has_files = ask.request.bundle_bytes > 0;
    const bool holds = is_meant(rule.users, ask.request.user) && is_meant(rule.names, ask.request.name) &&
                       is_meant(rule.sites, ask.site.value) && lies_in(rule.regions, ask.region) &&
                       (!rule.with_files || *rule.with_files == has_files);
    if (!holds) continue;
    return {.allowed = rule.allow,
            .rule = rule.name,
            .text = rule.allow ? "it may go there" : "such jobs don't go to " + ask.site.value};
  }
  return {.allowed = rules_.send_otherwise,
          .rule = "otherwise",
          .text = rules_.send_otherwise ? "no rule keeps it here" : "no rule lets such jobs go to " + ask.site.value};
}

UserLimits RulePolicy::limits_of(std::string_view user) const {
  for (const auto& rule : rules_.users) {
    if (is_meant(rule.users, user)) return rule.limits;
  }
  return rules_.users_otherwise;
}

std::string RulePolicy::account_of(const SiteName& origin, std::string_view user) const {
  for (const auto& rule : rules_.accounts) {
    if (is_user_meant({rule.guest}, user, origin.value)) return rule.account;
  }
  return rules_.account_otherwise;
}

double RulePolicy::price_of(const Pool& pool) const {
  const auto price = rules_.prices.find(pool.name);
  return price == rules_.prices.end() ? pool.price_per_unit_hour : price->second;
}

}  // namespace hansa
