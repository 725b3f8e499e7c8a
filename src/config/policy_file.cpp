#include "src/config/policy_file.hpp"

#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "src/config/policy_keys.hpp"
#include "src/policy/matching.hpp"
#include "src/policy/rule_policy.hpp"

namespace hansa {
namespace {

namespace keys = policy_keys;

constexpr std::size_t policy_bytes_max = 1u << 20;

class PolicyReader {
 public:
  explicit PolicyReader(const std::string& file) : file_(file) {}

  Result<PolicyRules> read(const toml::table& root) {
    for (const auto& [word, node] : root) {
      const auto name = std::string(word.str());
      const auto* table = node.as_table();
      if (!known(name)) {
        return keys::mistake(file_, node,
                             "unknown key '" + name + "'; known are [guests], [send], [prices], [accounts], [users]");
      }
      if (table == nullptr) return keys::mistake(file_, node, "'" + name + "' must be a table: write [" + name + "]");
      if (auto status = read_table(name, *table); !status) return status.error();
    }
    return std::move(rules_);
  }

 private:
  static bool known(const std::string& name) {
    return name == "guests" || name == "send" || name == "prices" || name == "accounts" || name == "users";
  }

  Status read_table(const std::string& name, const toml::table& table) {
    if (name == "guests") return read_guests(table);
    if (name == "send") return read_send(table);
    if (name == "users") return read_users(table);
    return name == "prices" ? read_prices(table) : read_accounts(table);
  }

  // The rules of a table, [[guests.rule]] and the like, each read by `read_one`.
  template <class Rule>
  keys::Key rules_key(std::vector<Rule>& rules, Status (PolicyReader::*read_one)(const toml::table&, Rule&)) {
    return {"rule", "a table of its own for each rule: write [[….rule]]", [this, &rules, read_one](const auto& node) {
              const auto* tables = node.as_array();
              if (tables == nullptr || !tables->is_homogeneous(toml::node_type::table)) return false;
              for (const auto& item : *tables) {
                Rule rule;
                if (auto status = (this->*read_one)(*item.as_table(), rule); !status) {
                  inner_ = status.error();
                  return true;
                }
                rules.push_back(std::move(rule));
              }
              return true;
            }};
  }

  // A mistake within a rule says more than that the rule is wrong.
  Status read_with_rules(const toml::table& table, const std::string& where, const std::vector<keys::Key>& known) {
    auto status = keys::read_keys(table, file_, where, known);
    if (status && inner_) return *inner_;
    return status;
  }

  Status read_guests(const toml::table& table) {
    const auto take_by_pool = [this](const toml::node& node) {
      const auto* pools = node.as_table();
      if (pools == nullptr) return false;
      for (const auto& [pool, value] : *pools) {
        const auto share = value.template value<double>();
        if (!value.is_number() || !share || !(*share >= 0 && *share <= 1)) return false;
        rules_.kept_by_pool[std::string(pool.str())] = *share;
      }
      return true;
    };
    return read_with_rules(
        table, "[guests]",
        {keys::choice_key("otherwise", rules_.accept_otherwise, "\"accept\" or \"decline\"", "accept", "decline"),
         keys::share_key("kept_for_own_users", [this](double share) { rules_.kept_for_own_users = share; }),
         keys::Key{"kept_by_pool", "a part from 0 to 1 for each pool, as in { a100 = 0.5 }", take_by_pool},
         keys::share_key("share_of_one_site_max", [this](double share) { rules_.share_of_one_site_max = share; }),
         keys::offset_key(rules_.utc_offset_minutes), rules_key(rules_.guests, &PolicyReader::read_guest_rule)});
  }

  Status read_guest_rule(const toml::table& table, GuestRule& rule) {
    auto status = keys::read_keys(
        table, file_, "[[guests.rule]]",
        {keys::name_key(rule.name),
         keys::choice_key("decide", rule.accept, "\"accept\" or \"decline\"", "accept", "decline"),
         keys::patterns_key("sites", rule.sites), keys::regions_key("regions", rule.regions),
         keys::patterns_key("users", rule.users), keys::patterns_key("pools", rule.pools),
         keys::count_key("accelerators_max", rule.accelerators_max), keys::count_key("nodes_max", rule.nodes_max),
         keys::span_key("time_max", rule.time_max), keys::hours_key(rule.hours), keys::days_key(rule.days),
         keys::price_key("price", [&rule](double price) { rule.price = price; }),
         keys::price_key("price_factor", [&rule](double factor) { rule.price_factor = factor; }),
         keys::share_key("share_max", [&rule](double share) { rule.share_max = share; })});
    if (!status) return status;
    if (rule.price && rule.price_factor) {
      return keys::mistake(file_, table, "a rule has a price or a price_factor, not both");
    }
    return check_decided(table, "[[guests.rule]]", rule.name);
  }

  Status read_send(const toml::table& table) {
    return read_with_rules(
        table, "[send]",
        {keys::choice_key("otherwise", rules_.send_otherwise, "\"allow\" or \"keep\"", "allow", "keep"),
         rules_key(rules_.send, &PolicyReader::read_send_rule)});
  }

  Status read_send_rule(const toml::table& table, SendRule& rule) {
    auto status = keys::read_keys(
        table, file_, "[[send.rule]]",
        {keys::name_key(rule.name), keys::choice_key("decide", rule.allow, "\"allow\" or \"keep\"", "allow", "keep"),
         keys::patterns_key("users", rule.users), keys::patterns_key("names", rule.names),
         keys::patterns_key("sites", rule.sites), keys::regions_key("regions", rule.regions),
         keys::switch_key("with_files", rule.with_files)});
    return status ? check_decided(table, "[[send.rule]]", rule.name) : status;
  }

  // What a rule does must be written down: a default would be read over.
  Status check_decided(const toml::table& table, const std::string& where, const std::string& name) {
    if (name.empty()) return keys::mistake(file_, table, where + " has no name: declines are told with it");
    if (!table.contains("decide"))
      return keys::mistake(file_, table, "rule '" + name + "' does not say what it decides");
    if (!names_.insert(where + name).second) return keys::mistake(file_, table, "rule '" + name + "' is there twice");
    return success();
  }

  static std::vector<keys::Key> limit_keys(UserLimits& limits) {
    return {keys::count_key("jobs_max", limits.jobs), keys::count_key("accelerators_max", limits.accelerators),
            keys::count_key("submissions_per_minute_max", limits.submissions_per_minute)};
  }

  Status read_users(const toml::table& table) {
    auto known = limit_keys(rules_.users_otherwise);
    known.push_back(rules_key(rules_.users, &PolicyReader::read_user_rule));
    return read_with_rules(table, "[users]", known);
  }

  Status read_user_rule(const toml::table& table, UserRule& rule) {
    auto known = limit_keys(rule.limits);
    known.push_back(keys::patterns_key("users", rule.users));
    auto status = keys::read_keys(table, file_, "[[users.rule]]", known);
    if (!status) return status;
    return rule.users.empty() ? Status(keys::mistake(file_, table, "a rule of [[users.rule]] names no users"))
                              : success();
  }

  Status read_prices(const toml::table& table) {
    for (const auto& [pool, node] : table) {
      const auto name = std::string(pool.str());
      auto key = keys::price_key(name.c_str(), [&](double price) { rules_.prices[name] = price; });
      if (!key.take(node)) return keys::mistake(file_, node, "'" + name + "' in [prices] must be " + key.allowed);
    }
    return success();
  }

  // In the order of the file, which a table by itself forgets.
  Status read_accounts(const toml::table& table) {
    std::vector<std::pair<std::uint32_t, AccountRule>> found;
    for (const auto& [guest, node] : table) {
      const auto account = node.value_exact<std::string>();
      const auto pattern = std::string(guest.str());
      if (!account || !keys::is_account(*account)) {
        return keys::mistake(file_, node,
                             "'" + pattern + "' in [accounts] must be a local user's name other than root");
      }
      if (pattern == "otherwise") {
        rules_.account_otherwise = *account;
      } else {
        found.push_back({node.source().begin.line, {pattern, *account}});
      }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [line, rule] : found) rules_.accounts.push_back(std::move(rule));
    return success();
  }

  const std::string& file_;
  PolicyRules rules_;
  std::set<std::string> names_;
  std::optional<Error> inner_;
};

Status check_pool(const std::string& pattern, const std::string& where, const std::vector<Pool>& pools) {
  const bool any =
      std::any_of(pools.begin(), pools.end(), [&](const Pool& pool) { return is_meant(pattern, pool.name); });
  if (any) return success();
  std::string known;
  for (const auto& pool : pools) known += (known.empty() ? "" : ", ") + pool.name;
  return usage_error(where + " names the pool '" + pattern + "', and there is none; this site has " +
                     (known.empty() ? "no pools" : known));
}

Status check_account(const std::string& name, bool started_as_root) {
  const auto* account = ::getpwnam(name.c_str());
  if (account == nullptr) {
    return usage_error("[accounts] maps guests to '" + name + "', and there is no such user here; make it first");
  }
  if (account->pw_uid == 0) return usage_error("[accounts] maps guests to '" + name + "', which is root: never");
  if (!started_as_root && account->pw_uid != ::geteuid()) {
    return usage_error("[accounts] maps guests to '" + name + "', but hansad runs as an ordinary user here and can " +
                       "start jobs only as itself; start it as root, or leave the accounts out");
  }
  return success();
}

}  // namespace

Result<PolicyRules> parse_policy(std::string_view text, const std::string& name) {
  if (text.size() > policy_bytes_max) return usage_error(name + " is larger than 1 MiB, which no policy is");
  try {
    return PolicyReader(name).read(toml::parse(text));
  } catch (const toml::parse_error& problem) {
    return usage_error(name + ':' + std::to_string(problem.source().begin.line) + ": " +
                       std::string(problem.description()));
  } catch (const std::exception& problem) {
    return internal_error("can't read " + name + ": " + problem.what());
  }
}

Result<PolicyRules> load_policy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return not_found("can't read the policy " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  return parse_policy(text.str(), path);
}

Status check_policy(const PolicyRules& rules, const std::vector<Pool>& pools, bool started_as_root) {
  std::vector<std::pair<std::string, std::string>> named;  // pattern, where
  for (const auto& rule : rules.guests) {
    for (const auto& pool : rule.pools) named.emplace_back(pool, "rule '" + rule.name + "'");
  }
  for (const auto& [pool, price] : rules.prices) named.emplace_back(pool, "[prices]");
  for (const auto& [pool, share] : rules.kept_by_pool) named.emplace_back(pool, "kept_by_pool");
  for (const auto& [pattern, where] : named) {
    if (auto status = check_pool(pattern, where, pools); !status) return status;
  }
  for (const auto& rule : rules.accounts) {
    if (auto status = check_account(rule.account, started_as_root); !status) return status;
  }
  return rules.account_otherwise.empty() ? success() : check_account(rules.account_otherwise, started_as_root);
}

std::shared_ptr<const Policy> make_policy(PolicyRules rules) {
  if (rules == PolicyRules{}) return nullptr;
  return std::make_shared<const RulePolicy>(std::move(rules));
}

}  // namespace hansa
