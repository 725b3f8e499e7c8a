// The embedded default: jobs as ordinary processes of this machine, each under a small wrapper of its own that
// outlives the daemon (docs/decisions/0007-process-backend.md).
#pragma once

#include <memory>

#include "src/backends/process/run_keeper.hpp"
#include "src/backends/settings.hpp"

namespace hansa {

class ProcessBackend : public Backend {
 public:
  ProcessBackend(const BackendSettings& settings, const Account& account, const Cgroups& cgroups,
                 const RunFolders& folders);

  BackendAbilities abilities() const override { return abilities_; }
  void perform(const BackendCommand& command) override { keeper_.perform(command); }
  Result<std::string> folder_of(const RunKey& run) override;
  std::string stdout_file(const RunKey& run) const override { return folders_.control_of(run) + "/stdout"; }
  std::string stderr_file(const RunKey& run) const override { return folders_.control_of(run) + "/stderr"; }

 private:
  RunFolders folders_;
  BackendAbilities abilities_;
  RunKeeper keeper_;
};

Result<std::unique_ptr<Backend>> make_process_backend(const BackendSettings& settings);

}  // namespace hansa
