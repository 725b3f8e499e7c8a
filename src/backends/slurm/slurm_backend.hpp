// A site's own Slurm, used as any of its users would: sbatch, squeue, scancel, sinfo, here or over ssh, without any
// change to the cluster (docs/decisions/0011-slurm-backend.md).
#pragma once

#include <memory>

#include "src/backends/settings.hpp"
#include "src/backends/slurm/slurm_keeper.hpp"

namespace hansa {

class SlurmBackend : public Backend {
 public:
  SlurmBackend(const BackendSettings& settings, const Account& account, const RunFolders& folders,
               const SlurmPools& pools, const std::string& problem);

  BackendAbilities abilities() const override { return abilities_; }
  void perform(const BackendCommand& command) override { keeper_.perform(command); }
  Result<std::string> folder_of(const RunKey& run) override;
  std::string stdout_file(const RunKey& run) const override { return folders_.control_of(run) + "/stdout"; }
  std::string stderr_file(const RunKey& run) const override { return folders_.control_of(run) + "/stderr"; }

 private:
  RunFolders folders_;
  BackendAbilities abilities_;
  SlurmKeeper keeper_;
};

Result<std::unique_ptr<Backend>> make_slurm_backend(const BackendSettings& settings);

}  // namespace hansa
