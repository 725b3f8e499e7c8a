// Reading the operator's policy from TOML, and saying where it is wrong.
//
// As with hansad.toml a mistake is one sentence that names file, line and key, and nothing of a file with a mistake is
// taken: a rule that was written wrong must never let in whom it was to keep out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/policy/rules.hpp"

namespace hansa {

// Any text gives rules or one mistake. `name` is what messages call it.
Result<PolicyRules> parse_policy(std::string_view text, const std::string& name);
Result<PolicyRules> load_policy(const std::string& path);

// What is wrong with it at this site: pools that there are none of, accounts that don't exist or are root.
Status check_policy(const PolicyRules& rules, const std::vector<Pool>& pools, bool started_as_root);

// Ready to be asked; null for rules that take in everybody.
std::shared_ptr<const Policy> make_policy(PolicyRules rules);

// The commented file that `hansa init` writes: every key, none in force.
std::string_view sample_policy();

}  // namespace hansa
