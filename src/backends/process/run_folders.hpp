// Where each run lives: STATE/runs/<hex of store>-<number>[_task]-<epoch>/{work,control,tmp}.
//
// `work` is the job's: its inputs, its outputs, where it starts. `control` is the daemon's and the wrapper's
// (run_files.hpp); a job run as another user can pass through it and write nothing there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"

namespace hansa {

std::string run_folder_name(const RunKey& run);
std::optional<RunKey> parse_run_folder_name(std::string_view name);

class RunFolders {
 public:
  explicit RunFolders(std::string state_folder);

  // Makes the folder of all runs.
  Status make_root() const;
  Status make(const RunKey& run) const;

  const std::string& root() const { return root_; }
  std::string of(const RunKey& run) const { return root_ + "/" + run_folder_name(run); }
  std::string work_of(const RunKey& run) const { return of(run) + "/work"; }
  std::string control_of(const RunKey& run) const { return of(run) + "/control"; }
  std::string tmp_of(const RunKey& run) const { return of(run) + "/tmp"; }

  std::vector<RunKey> all() const;

  // Takes the run's folder out of sight in one step; returns where it went, to be deleted at leisure.
  std::optional<std::string> set_aside(const RunKey& run) const;
  // What an earlier daemon set aside and did not come to delete.
  std::vector<std::string> left_aside() const;

 private:
  std::string root_;
  std::string aside_;
};

}  // namespace hansa
