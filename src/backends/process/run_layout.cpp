#include "src/backends/process/run_layout.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "protocol/wire/codec.hpp"
#include "src/backends/process/allocation_text.hpp"
#include "src/backends/process/claim.hpp"
#include "src/backends/process/job_environment.hpp"
#include "src/backends/process/run_files.hpp"
#include "src/backends/process/run_signs.hpp"

namespace hansa {

namespace {

bool stays_inside(const std::string& path) {
  const std::filesystem::path relative(path);
  return relative.is_relative() && std::find(relative.begin(), relative.end(), "..") == relative.end();
}

std::vector<std::string> as_strings(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> strings;
  for (const auto& [name, value] : environment) strings.push_back(name + "=" + value);
  return strings;
}

std::string machine_name() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, HOST_NAME_MAX) == 0 ? name : "";
}

std::int64_t limit_us(Duration limit) {
  return limit <= Duration(0) || limit >= forever ? 0 : limit.count();
}

Error cannot_write(const std::string& what) {
  const auto text = what + " could not be written: " + std::strerror(errno) + "; make room on the state folder's disk";
  return errno == ENOSPC ? overloaded(text) : internal_error(text);
}

}  // namespace

Result<std::string> find_shim(const std::string& configured) {
  std::error_code error;
  const auto path = !configured.empty()
                        ? std::filesystem::path(configured)
                        : std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "hansa-shim";
  if (::access(path.c_str(), X_OK) == 0) return path.string();
  return not_found("the program " + path.string() + ", which each job is run by, is not there or can't be executed; " +
                   "install it beside hansad or set backend.shim");
}

RunLayout::RunLayout(const BackendSettings& settings, Account account, RunFolders folders)
    : settings_(settings), account_(std::move(account)), folders_(std::move(folders)), boot_(read_boot_id()) {}

// Relative where the job's user can't enter a folder on the way.
std::string RunLayout::script_path(const StartRun& command, const RunSpec& spec, bool reachable) const {
  const std::filesystem::path control(folders_.control_of(command.run));
  return (reachable ? control : control.lexically_relative(spec.start_folder)) / "script";
}

// Looking one up may ask a directory across the network, so that it is asked once.
Result<Account> RunLayout::account_of(const StartRun& command) {
  if (command.account.empty() || command.account == account_.name) return account_;
  if (const auto known = mapped_.find(command.account); known != mapped_.end()) return known->second;
  auto account = resolve_account(command.account);
  if (!account) return refusal("policy maps this guest to a local account: " + account.error().text);
  return mapped_[command.account] = std::move(*account);
}

Result<RunSpec> RunLayout::specify(const StartRun& command, bool accelerators) {
  const auto payload = decode<JobPayload>(*command.payload);
  if (!payload) return corrupt("the job's script and environment can't be read: " + payload.error().text);
  if (payload->script.empty() && payload->arguments.empty())
    return refusal("the job has neither a script nor a command to run");
  if (!stays_inside(payload->workdir))
    return refusal("the job's workdir '" + payload->workdir + "' leaves its folder; name one within it");
  if (!stays_inside(command.request->checkpoint))
    return refusal("the job's checkpoint folder '" + command.request->checkpoint + "' leaves its own; name one within");

  const auto* pool = pool_of(command.allocation, settings_.pools);
  const auto account = account_of(command);
  if (!account) return account.error();
  const bool reachable = closed_folder_on_the_way(*account, folders_.root()).empty();
  RunSpec spec;
  spec.run = run_folder_name(command.run);
  spec.boot = boot_;
  spec.work_folder = folders_.work_of(command.run);
  spec.start_folder = payload->workdir.empty() ? spec.work_folder : spec.work_folder + "/" + payload->workdir;
  spec.tmp_folder = folders_.tmp_of(command.run);
  if (!payload->script.empty()) spec.script = script_path(command, spec, reachable);
  spec.arguments = payload->arguments;
  spec.environment =
      as_strings(job_environment(command, *payload,
                                 {.site = settings_.site,
                                  .run = spec.run,
                                  .work_folder = spec.work_folder,
                                  .tmp_folder = reachable ? spec.tmp_folder : "",
                                  .model = pool != nullptr ? pool->model : "",
                                  .pool_has_accelerators = accelerators && pool != nullptr && pool->has_accelerators(),
                                  .machine = machine_name(),
                                  .datasets = settings_.datasets}));
  spec.join_stderr = payload->stderr_path.empty();
  spec.switch_user = account->switch_user;
  spec.uid = account->uid;
  spec.gid = account->gid;
  spec.groups = account->groups;
  spec.time_limit_us = limit_us(command.request->resources.time_limit);
  spec.grace_us = settings_.grace.count();
  spec.under_lease = command.under_lease;
  spec.units = static_cast<std::int64_t>(units_of(command.allocation, settings_.pools));
  spec.where = format_where(command.allocation);
  return spec;
}

Status RunLayout::lay_out(const StartRun& command, const RunSpec& spec) const {
  auto made = folders_.make(command.run);
  if (!made) return made;
  if (spec.start_folder != spec.work_folder) {
    std::error_code error;
    std::filesystem::create_directories(spec.start_folder, error);
    if (error) return refusal("the job's workdir can't be made in its folder: " + error.message());
  }
  if (const auto& checkpoint = command.request->checkpoint; !checkpoint.empty()) {
    std::error_code error;
    std::filesystem::create_directories(spec.work_folder + "/" + checkpoint, error);
    if (error) return refusal("the job's checkpoint folder can't be made: " + error.message());
  }
  const auto control = open_folder(folders_.control_of(command.run));
  const LeaseFile lease{.until_us = command.lease_until.time_since_epoch().count(),
                        .boot = boot_,
                        .skew_us = settings_.slurm.clock_skew.count()};
  if (spec.under_lease && !write_lease(control.get(), lease)) return cannot_write("the lease");
  // A wrapper of an earlier daemon may be on its way: what it reads is not exchanged under its hands. After a restart
  // of the machine there is none, and the files may not have come to the disk whole.
  const auto before = RunSpec::from_text(read_file_at(control.get(), "spec").value_or(""));
  if (before && before->boot == boot_) return success();
  const auto payload = decode<JobPayload>(*command.payload);
  if (!spec.script.empty() && !write_file_at(control.get(), "script", payload->script, 0500))
    return cannot_write("the job's script");
  if (!write_file_at(control.get(), "spec", spec.to_text(), 0600)) return cannot_write("what to run");
  return success();
}

}  // namespace hansa
