// From a command to a run's folder that says all a wrapper needs: what to run, as whom, where, and by when it must be
// dead. The same for every backend that runs jobs under hansa-shim.
#pragma once

#include <map>
#include <string>

#include "hansa/ports/backend.hpp"
#include "hansa/types/result.hpp"
#include "src/backends/process/account.hpp"
#include "src/backends/process/run_folders.hpp"
#include "src/backends/process/run_spec.hpp"
#include "src/backends/settings.hpp"

namespace hansa {

// The shim as configured, or beside the running program.
Result<std::string> find_shim(const std::string& configured);

class RunLayout {
 public:
  RunLayout(const BackendSettings& settings, Account account, RunFolders folders);

  // `accelerators`: the allocation names the very ones that the job is shown; else the batch system does that.
  Result<RunSpec> specify(const StartRun& command, bool accelerators);
  Status lay_out(const StartRun& command, const RunSpec& spec) const;

  const std::string& boot() const { return boot_; }

 private:
  Result<Account> account_of(const StartRun& command);
  std::string script_path(const StartRun& command, const RunSpec& spec, bool reachable) const;

  const BackendSettings& settings_;  // the keeper's own, which outlives this
  Account account_;
  std::map<std::string, Account> mapped_;  // others that policy named, looked up once
  RunFolders folders_;
  std::string boot_;
};

}  // namespace hansa
