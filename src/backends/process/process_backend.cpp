#include "src/backends/process/process_backend.hpp"

#include <pwd.h>
#include <unistd.h>

#include <functional>

#include "src/backends/process/private_view.hpp"

namespace hansa {

// A site in somebody's home keeps the rest of it in sight.
static bool holds_home(const std::string& folder, const Account& account) {
  const auto* user = ::getpwuid(account.switch_user ? account.uid : ::geteuid());
  const std::string home = user != nullptr ? user->pw_dir : "";
  return (home + "/").starts_with(folder + "/");
}

// Nothing stays to be hidden where nothing can be.
static void hide_what_is_not_theirs(BackendSettings& settings, const Account& account) {
  std::erase_if(settings.hidden, [&](const auto& path) { return path.empty() || holds_home(path, account); });
  settings.hidden.push_back(settings.state_folder);
  if (!settings.private_view || !PrivateView::why_not_here().empty()) settings.hidden.clear();
}

static std::string describe_view(const BackendSettings& settings) {
  if (!settings.hidden.empty()) return "; jobs see neither the site's files nor each other's";
  const auto why = settings.private_view ? PrivateView::why_not_here() : "backend.private_view is off";
  return "; jobs can see the site's files and each other's as far as their user may (" + why + ")";
}

ProcessBackend::ProcessBackend(const BackendSettings& settings, const Account& account, const Cgroups& cgroups,
                               const RunFolders& folders)
    : folders_(folders), abilities_{.holds_leases = true}, keeper_(settings, account, cgroups, folders) {
  abilities_.limits = cgroups.describe() + describe_view(settings);
  const auto closed = closed_folder_on_the_way(account, folders.root());
  if (!closed.empty())
    abilities_.limits += "; " + account.name + " can't enter " + closed +
                         ", so jobs reach their folder only by relative paths (chmod o+x " + closed + " mends it)";
}

Result<std::string> ProcessBackend::folder_of(const RunKey& run) {
  const auto made = folders_.make(run);
  if (!made) return made.error();
  return folders_.work_of(run);
}

Result<std::unique_ptr<Backend>> make_process_backend(const BackendSettings& settings) {
  auto resolved = settings;
  auto shim = find_shim(settings.shim_path);
  if (!shim) return shim.error();
  resolved.shim_path = *shim;
  const auto account = resolve_account(settings.run_as);
  if (!account) return account.error();
  const RunFolders folders(settings.state_folder);
  const auto made = folders.make_root();
  if (!made) return made.error();
  const LimitChoice choice{
      .enabled = settings.limits, .processes_max = settings.processes_max, .cpu_quota = settings.cpu_quota};
  hide_what_is_not_theirs(resolved, *account);
  const auto cgroups = Cgroups::probe(choice, std::to_string(std::hash<std::string>{}(folders.root())));
  return std::unique_ptr<Backend>(std::make_unique<ProcessBackend>(resolved, *account, cgroups, folders));
}

}  // namespace hansa
