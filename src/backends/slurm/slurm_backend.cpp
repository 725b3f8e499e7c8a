#include "src/backends/slurm/slurm_backend.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <future>

namespace hansa {
namespace {

// Before there is a keeper: one command, awaited. The runner's own time limit ends the wait.
CommandResult run_now(const Command& command) {
  EventLoop loop;
  Alarms alarms(loop);
  CommandRunner runner(loop, alarms);
  std::promise<CommandResult> answer;
  auto answered = answer.get_future();
  loop.start([&](std::uint64_t token) {
    if (token == Alarms::token) return alarms.on_ready();
    runner.on_ready(token);
  });
  loop.post([&] { runner.run(command, [&](CommandResult result) { answer.set_value(std::move(result)); }); });
  auto result = answered.get();
  loop.stop();
  return result;
}

// The nodes run the wrapper from the folder that they see anyway, so that nothing is installed on them. An older one
// stays as it is for the runs that were told its name.
Result<std::string> place_shim(const std::string& shim, const RunFolders& folders) {
  struct stat facts {};
  if (::stat(shim.c_str(), &facts) != 0) return not_found("the program " + shim + " can't be read");
  const auto target = folders.root() + "/.shim-" + std::to_string(facts.st_size) + "-" + std::to_string(facts.st_mtime);
  std::error_code error;
  if (std::filesystem::exists(target, error)) return target;
  std::filesystem::copy_file(shim, target + ".new", std::filesystem::copy_options::overwrite_existing, error);
  if (!error) std::filesystem::permissions(target + ".new", std::filesystem::perms(0755), error);
  if (!error) std::filesystem::rename(target + ".new", target, error);
  if (error) return internal_error("the wrapper could not be copied to " + target + ": " + error.message());
  return target;
}

}  // namespace

SlurmBackend::SlurmBackend(const BackendSettings& settings, const Account& account, const RunFolders& folders,
                           const SlurmPools& pools, const std::string& problem)
    : folders_(folders),
      abilities_{.holds_leases = true,
                 .lease_nodes_max = 1,
                 .has_own_queue = true,
                 .pools = pools.pools,
                 .labels = pools.labels,
                 .limits = problem.empty() ? "Slurm's own" : "Slurm's own; it does not answer yet (" + problem + ")"},
      keeper_(settings, account, folders, pools) {}

Result<std::string> SlurmBackend::folder_of(const RunKey& run) {
  const auto made = folders_.make(run);
  if (!made) return made.error();
  return folders_.work_of(run);
}

Result<std::unique_ptr<Backend>> make_slurm_backend(const BackendSettings& settings) {
  auto resolved = settings;
  if (!settings.slurm.runs.empty()) resolved.state_folder = settings.slurm.runs;
  const RunFolders folders(resolved.state_folder);
  const auto made = folders.make_root();
  if (!made) return made.error();
  const auto shim = find_shim(settings.shim_path);
  if (!shim) return shim.error();
  const auto placed = place_shim(*shim, folders);
  if (!placed) return placed.error();
  resolved.shim_path = *placed;
  const auto account = resolve_account(settings.run_as);
  if (!account) return account.error();

  const SlurmCommands commands(settings.slurm, resolved.state_folder, settings.site);
  const auto nodes = run_now(commands.nodes());
  const auto problem = nodes.ok() ? std::string() : nodes.problem();
  const auto pools = see_pools(settings.pools, slurm::parse_nodes(nodes.ok() ? nodes.out : ""), settings.slurm);
  if (pools.pools.empty())
    return unreachable("no pools are declared, and sinfo names no nodes" + (problem.empty() ? "" : ": " + problem) +
                       "; declare [[pool]]s, or see that sinfo works here");
  resolved.pools = pools.pools;
  return std::unique_ptr<Backend>(std::make_unique<SlurmBackend>(resolved, *account, folders, pools, problem));
}

}  // namespace hansa
