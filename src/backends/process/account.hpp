// Who jobs run as, and whether that user can reach its folder.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa {

struct Account {
  bool switch_user = false;  // false: jobs run as whoever runs the daemon
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

// `run_as` empty: nobody when started as root. Root itself is refused, and so is any other user unless started as root.
Result<Account> resolve_account(const std::string& run_as);

// The first folder on the way to `path` that the account can't pass through; empty when it can reach it.
std::string closed_folder_on_the_way(const Account& account, const std::string& path);

}  // namespace hansa
