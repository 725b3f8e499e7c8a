// RulePolicy: what the operator's rules mean.
//
// Rules are asked in the order of the file, as a door-keeper reads a list: the first of which every condition holds
// decides; what none decides is as `otherwise` says. Then the shares: a guest whom the rules take in still has to fit
// into what the pool has for guests. A decline names the rule that came closest, and what about it did not hold, so
// that whoever reads it knows what would.
#pragma once

#include <memory>

#include "src/policy/rules.hpp"

namespace hansa {

class RulePolicy final : public Policy {
 public:
  explicit RulePolicy(PolicyRules rules) : rules_(std::move(rules)) {}

  GuestRuling on_guest(const GuestAsk& ask) const override;
  SendRuling on_send(const SendAsk& ask) const override;
  UserLimits limits_of(std::string_view user) const override;
  std::string account_of(const SiteName& origin, std::string_view user) const override;
  double price_of(const Pool& pool) const override;

  const PolicyRules& rules() const { return rules_; }

 private:
  GuestRuling ruling_of(const GuestRule& rule, const GuestAsk& ask) const;
  GuestRuling without_rule(const GuestAsk& ask) const;
  void hold_to_shares(const GuestAsk& ask, const GuestRule* rule, GuestRuling& ruling) const;

  PolicyRules rules_;
};

}  // namespace hansa
