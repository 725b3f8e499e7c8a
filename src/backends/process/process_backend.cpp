#include "src/backends/process/process_backend.hpp"

#include <functional>

namespace hansa {

ProcessBackend::ProcessBackend(const BackendSettings& settings, const Account& account, const Cgroups& cgroups,
                               const RunFolders& folders)
    : folders_(folders), abilities_{.holds_leases = true}, keeper_(settings, account, cgroups, folders) {
  abilities_.limits = cgroups.describe();
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
  const auto cgroups = Cgroups::probe(choice, std::to_string(std::hash<std::string>{}(folders.root())));
  return std::unique_ptr<Backend>(std::make_unique<ProcessBackend>(resolved, *account, cgroups, folders));
}

}  // namespace hansa
