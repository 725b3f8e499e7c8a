// The operator's rules, as the policy file says them: plain values. What they mean is in rule_policy.hpp.
//
// Shares are parts of a pool's units, 0 to 1. Names of sites, users and pools may have '*' for any run of characters; a
// user without '@' is meant at every site.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hansa/policy.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// Minutes of the day, from 0 to 1439; `from` after `to` goes over midnight.
struct HoursOfDay {
  std::uint32_t from = 0;
  std::uint32_t to = 0;

  bool operator==(const HoursOfDay&) const = default;
};

// The first rule of which every condition holds decides. An empty condition always holds.
struct GuestRule {
  std::string name;
  bool accept = true;
  std::vector<std::string> sites;    // origins
  std::vector<std::string> regions;  // of the origin: in one of these, or below it
  std::vector<std::string> users;    // "ana", "ana@wujiang", "*@wujiang"
  std::vector<std::string> pools;
  std::optional<std::uint64_t> accelerators_max;  // of the whole job
  std::optional<std::uint64_t> nodes_max;
  std::optional<Duration> time_max;
  std::vector<HoursOfDay> hours;
  std::vector<std::uint32_t> days;     // 0 Monday … 6 Sunday
  std::optional<double> price;         // a unit's hour
  std::optional<double> price_factor;  // of the pool's
  std::optional<double> share_max;     // of a pool, for one origin that this rule takes in

  bool operator==(const GuestRule&) const = default;
};

struct SendRule {
  std::string name;
  bool allow = true;
  std::vector<std::string> users;
  std::vector<std::string> names;  // of jobs
  std::vector<std::string> sites;
  std::vector<std::string> regions;
  std::optional<bool> with_files;  // jobs that bring files, or that bring none

  bool operator==(const SendRule&) const = default;
};

struct UserRule {
  std::vector<std::string> users;
  UserLimits limits;

  bool operator==(const UserRule&) const = default;
};

struct AccountRule {
  std::string guest;  // a pattern of "ana@wujiang"
  std::string account;

  bool operator==(const AccountRule&) const = default;
};

struct PolicyRules {
  bool accept_otherwise = true;
  bool send_otherwise = true;
  double kept_for_own_users = 0;
  std::map<std::string, double> kept_by_pool;  // instead, for some pools
  double share_of_one_site_max = 1;
  std::int32_t utc_offset_minutes = 0;  // of the hours and days
  std::vector<GuestRule> guests;
  std::vector<SendRule> send;
  std::map<std::string, double> prices;  // by pool
  std::vector<AccountRule> accounts;     // the first that matches
  std::string account_otherwise;
  std::vector<UserRule> users;  // the first that matches
  UserLimits users_otherwise;

  bool operator==(const PolicyRules&) const = default;
};

}  // namespace hansa
