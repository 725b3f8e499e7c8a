#include "src/bin/hansad/policy_keeper.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/config/policy_file.hpp"

namespace hansa {
namespace {

Result<std::shared_ptr<const Policy>> read_for(const std::string& text, const std::string& name,
                                               const std::vector<Pool>& pools) {
  auto rules = parse_policy(text, name);
  if (!rules) return rules.error();
  if (auto fits = check_policy(*rules, pools, geteuid() == 0); !fits) {
    return Error{fits.error().kind, name + ": " + fits.error().text};
  }
  return make_policy(std::move(*rules));
}

}  // namespace

Result<LoadedPolicy> PolicyKeeper::load(const SiteConfig& config) const {
  const std::lock_guard lock(mutex_);
  LoadedPolicy loaded{.policy = nullptr, .shown = {.path = config.policy, .text = ""}};
  std::error_code error;
  if (!std::filesystem::exists(config.policy, error)) {
    if (!in_force_.has_file) return loaded;
    return not_found("the policy " + config.policy + " is gone; an empty file takes in everybody");
  }
  std::ifstream file(config.policy, std::ios::binary);
  loaded.has_file = true;
  loaded.shown.text = std::string{std::istreambuf_iterator<char>(file), {}};
  if (!file) return internal_error("the policy " + config.policy + " can't be read; give hansad the right to it");
  auto policy = read_for(loaded.shown.text, config.policy, config.pools);
  if (!policy) return policy.error();
  loaded.policy = std::move(*policy);
  return loaded;
}

void PolicyKeeper::take_up(LoadedPolicy loaded) {
  const std::lock_guard lock(mutex_);
  in_force_ = std::move(loaded);
}

std::shared_ptr<const Policy> PolicyKeeper::policy() const {
  const std::lock_guard lock(mutex_);
  return in_force_.policy;
}

PolicyDesk PolicyKeeper::desk(std::vector<Pool> pools) const {
  return {.read = [pools = std::move(pools)](const std::string& text) { return read_for(text, "the draft", pools); },
          .show =
              [this] {
                const std::lock_guard lock(mutex_);
                return in_force_.shown;
              }};
}

}  // namespace hansa
