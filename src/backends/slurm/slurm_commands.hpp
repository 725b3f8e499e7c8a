// Which words run a Slurm command, here or over ssh, and what a run becomes as sbatch's options.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "src/backends/slurm/command_runner.hpp"
#include "src/backends/slurm/slurm_settings.hpp"

namespace hansa {

// A pool of ours, as Slurm knows it.
struct SlurmPool {
  std::string pool;
  std::string partition;
  std::string gres;                // "gpu:a100"; empty: no accelerators
  std::vector<std::string> nodes;  // in the order of the pool's node numbers
};

class SlurmCommands {
 public:
  SlurmCommands(SlurmSettings settings, std::string state_folder, SiteName site);

  Command jobs() const;
  Command nodes() const;
  Command accounted(const std::vector<std::uint64_t>& ids) const;
  // `script_folder`: the run's control folder.
  Command submit(const StartRun& run, const SlurmPool& pool, const std::map<std::string, std::string>& passed_through,
                 const std::string& shim, const std::string& script_folder, Duration grace) const;
  // When would that many nodes with that much of each start?
  Command when(const SlurmPool& pool, const Shape& shape) const;
  Command configuration() const;
  Command cancel(const std::vector<std::uint64_t>& ids) const;
  Command ask_to_stop(std::uint64_t id) const;

 private:
  Command command(std::vector<std::string> words) const;
  std::vector<std::string> policy(const SiteName& origin) const;

  SlurmSettings settings_;
  std::string state_folder_;
  SiteName site_;
  std::vector<std::string> environment_;
};

// "hansa-<store>-<number>-<epoch>": a run's name in Slurm, by which it is found again.
std::string slurm_job_name(const RunKey& run);
std::optional<RunKey> run_of_slurm_job(std::string_view name);

// For a remote shell.
std::string shell_quoted(const std::string& word);

}  // namespace hansa
