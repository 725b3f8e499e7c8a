#include "src/backends/process/account.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace hansa {

static std::vector<gid_t> groups_of(const char* user, gid_t group) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(user, group, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(user, group, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

Result<Account> resolve_account(const std::string& run_as) {
  const bool root = ::geteuid() == 0;
  if (run_as.empty() && !root) return Account{};
  const std::string name = run_as.empty() ? "nobody" : run_as;
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16384> buffer;
  ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr)
    return usage_error("jobs are to run as '" + name + "', but there is no such user; make it, or set run_as to one");
  if (found->pw_uid == 0) return usage_error("jobs never run as root; set run_as to another user, such as nobody");
  if (!root) {
    if (found->pw_uid == ::geteuid()) return Account{};
    return usage_error("jobs can run as '" + name + "' only when hansad is started as root; leave run_as empty");
  }
  return Account{.switch_user = true,
                 .name = name,
                 .uid = found->pw_uid,
                 .gid = found->pw_gid,
                 .groups = groups_of(name.c_str(), found->pw_gid)};
}

static bool may_pass(const Account& account, const struct stat& facts) {
  if (facts.st_uid == account.uid) return (facts.st_mode & S_IXUSR) != 0;
  const auto& groups = account.groups;
  const bool member =
      facts.st_gid == account.gid || std::find(groups.begin(), groups.end(), facts.st_gid) != groups.end();
  return (facts.st_mode & (member ? S_IXGRP : S_IXOTH)) != 0;
}

std::string closed_folder_on_the_way(const Account& account, const std::string& path) {
  if (!account.switch_user) return {};
  std::filesystem::path walked;
  for (const auto& part : std::filesystem::path(path)) {
    walked /= part;
    struct stat facts {};
    if (::stat(walked.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && !may_pass(account, facts)) return walked;
  }
  return {};
}

}  // namespace hansa
