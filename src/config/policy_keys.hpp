// The keys of one table of the policy file: each is a name, what it may be, and where its value goes.
#pragma once

#include <toml++/toml.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"
#include "src/policy/rules.hpp"

namespace hansa::policy_keys {

struct Key {
  const char* name;
  const char* allowed;  // completes "must be …"
  std::function<bool(const toml::node&)> take;
};

// Reads `table`; an unknown key or a bad value is said with `file`, its line and its name.
Status read_keys(const toml::table& table, const std::string& file, const std::string& where,
                 const std::vector<Key>& keys);
Error mistake(const std::string& file, const toml::node& node, const std::string& text);

Key name_key(std::string& value);
// `yes` or `no`, in these words.
Key choice_key(const char* name, bool& value, const char* allowed, std::string_view yes, std::string_view no);
Key patterns_key(const char* name, std::vector<std::string>& values);
Key regions_key(const char* name, std::vector<std::string>& values);
Key count_key(const char* name, std::optional<std::uint64_t>& value);
Key share_key(const char* name, std::function<void(double)> take);
Key price_key(const char* name, std::function<void(double)> take);
Key switch_key(const char* name, std::optional<bool>& value);
Key span_key(const char* name, std::optional<Duration>& value);  // "90m", "12h", "7d"
Key hours_key(std::vector<HoursOfDay>& hours);
Key days_key(std::vector<std::uint32_t>& days);
Key offset_key(std::int32_t& minutes);

bool is_account(std::string_view text);

}  // namespace hansa::policy_keys
