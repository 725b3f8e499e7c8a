// The policy that is in force, and the text that it was read from.
//
// A reload is in two steps, so that a daemon that takes up several things at once takes up all of them or none: load()
// reads and checks, take_up() can't fail.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "src/config/site_config.hpp"
#include "src/gateway/policy_desk.hpp"

namespace hansa {

struct LoadedPolicy {
  std::shared_ptr<const Policy> policy;  // null: everybody is taken in
  ShownPolicy shown;
  bool has_file = false;
};

class PolicyKeeper {
 public:
  // Of the file that `config` names. A file that is gone is a mistake once there was one: an operator who moves it by
  // accident must not let everybody in.
  Result<LoadedPolicy> load(const SiteConfig& config) const;
  void take_up(LoadedPolicy loaded);

  std::shared_ptr<const Policy> policy() const;
  PolicyDesk desk(std::vector<Pool> pools) const;

 private:
  mutable std::mutex mutex_;
  LoadedPolicy in_force_;
};

}  // namespace hansa
