// From a command to a wrapper that runs.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "protocol/wire/codec.hpp"
#include "src/backends/process/allocation_text.hpp"
#include "src/backends/process/job_environment.hpp"
#include "src/backends/process/process_handle.hpp"
#include "src/backends/process/run_keeper.hpp"

namespace hansa {

namespace fs = std::filesystem;

void RunKeeper::on(const StartRun& command) {
  const auto& run = command.run;
  if (const auto live = live_.find(run); live != live_.end()) {
    if (live->second.told_started) tell(RunStarted{.run = run, .at = live->second.started});
    return;  // else the event is on its way
  }
  auto sight = look(run);
  if (sight.standing == Standing::untouched) return start_untouched(command);
  if (sight.standing == Standing::ended && sight.status.elapsed_us > 0)
    tell(RunStarted{.run = run, .at = WallTime{sight.status.started_ms}});
  settle(run, 0);
}

// The claim comes first: what is said to have failed must never start after all.
void RunKeeper::fail_start(const RunKey& run, const std::string& why) {
  claim_for_host(run);
  tell(StartFailed{.run = run, .text = why});
}

void RunKeeper::start_untouched(const StartRun& command) {
  auto spec = specify(command);
  if (!spec) return fail_start(command.run, spec.error().text);
  const auto laid_out = lay_out(command, *spec);
  if (!laid_out) return fail_start(command.run, laid_out.error().text);
  auto wrapper = start_wrapper(settings_.shim_path, folders_.control_of(command.run));
  if (!wrapper) return fail_start(command.run, wrapper.error().text);
  keep(command.run, {.wrapper = std::move(wrapper->handle), .notify = std::move(wrapper->notify)});
}

static bool stays_inside(const std::string& path) {
  const fs::path relative(path);
  return relative.is_relative() && std::find(relative.begin(), relative.end(), "..") == relative.end();
}

static std::vector<std::string> as_strings(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> strings;
  for (const auto& [name, value] : environment) strings.push_back(name + "=" + value);
  return strings;
}

static std::int64_t limit_us(Duration limit) {
  return limit <= Duration(0) || limit >= forever ? 0 : limit.count();
}

// Looking one up may ask a directory across the network, so that it is asked once.
Result<Account> RunKeeper::account_of(const StartRun& command) {
  if (command.account.empty() || command.account == account_.name) return account_;
  if (const auto known = mapped_.find(command.account); known != mapped_.end()) return known->second;
  auto account = resolve_account(command.account);
  if (!account) return refusal("policy maps this guest to a local account: " + account.error().text);
  return mapped_[command.account] = std::move(*account);
}

Result<RunSpec> RunKeeper::specify(const StartRun& command) {
  const auto payload = decode<JobPayload>(*command.payload);
  if (!payload) return corrupt("the job's script and environment can't be read: " + payload.error().text);
  if (payload->script.empty() && payload->arguments.empty())
    return refusal("the job has neither a script nor a command to run");
  if (!stays_inside(payload->workdir))
    return refusal("the job's workdir '" + payload->workdir + "' leaves its folder; name one within it");

  const auto* pool = pool_of(command.allocation, settings_.pools);
  const auto control = folders_.control_of(command.run);
  const auto account = account_of(command);
  if (!account) return account.error();
  const bool reachable = closed_folder_on_the_way(*account, folders_.root()).empty();
  RunSpec spec;
  spec.run = run_folder_name(command.run);
  spec.boot = boot_;
  spec.work_folder = folders_.work_of(command.run);
  spec.start_folder = payload->workdir.empty() ? spec.work_folder : spec.work_folder + "/" + payload->workdir;
  spec.tmp_folder = folders_.tmp_of(command.run);
  if (!payload->script.empty())
    spec.script = (reachable ? fs::path(control) : fs::path(control).lexically_relative(spec.start_folder)) / "script";
  spec.arguments = payload->arguments;
  spec.environment =
      as_strings(job_environment(command, *payload,
                                 {.site = settings_.site,
                                  .run = spec.run,
                                  .work_folder = spec.work_folder,
                                  .tmp_folder = reachable ? spec.tmp_folder : "",
                                  .model = pool != nullptr ? pool->model : "",
                                  .pool_has_accelerators = pool != nullptr && pool->has_accelerators()}));
  spec.join_stderr = payload->stderr_path.empty();
  spec.switch_user = account->switch_user;
  spec.uid = account->uid;
  spec.gid = account->gid;
  spec.groups = account->groups;
  spec.nice = settings_.nice;
  spec.time_limit_us = limit_us(command.request->resources.time_limit);
  spec.grace_us = settings_.grace.count();
  spec.under_lease = command.under_lease;
  spec.cgroups = cgroups_.plan(spec.run, command.allocation);
  spec.units = static_cast<std::int64_t>(units_of(command.allocation, settings_.pools));
  spec.where = format_where(command.allocation);
  return spec;
}

static Error cannot_write(const std::string& what) {
  const auto text = what + " could not be written: " + std::strerror(errno) + "; make room on the state folder's disk";
  return errno == ENOSPC ? overloaded(text) : internal_error(text);
}

Status RunKeeper::lay_out(const StartRun& command, RunSpec& spec) const {
  auto made = folders_.make(command.run);
  if (!made) return made;
  if (spec.start_folder != spec.work_folder) {
    std::error_code error;
    fs::create_directories(spec.start_folder, error);
    if (error) return refusal("the job's workdir can't be made in its folder: " + error.message());
  }
  const auto control = open_folder(folders_.control_of(command.run));
  const auto lease = std::to_string(command.lease_until.time_since_epoch().count());
  if (spec.under_lease && !write_file_at(control.get(), "lease", lease, 0600)) return cannot_write("the lease");
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
