// From a command to a wrapper that runs.
#include "src/backends/process/process_handle.hpp"
#include "src/backends/process/run_keeper.hpp"

namespace hansa {

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

// The claim comes first: what is said to have failed must never start after all. While a full disk refuses it, the
// same start may be commanded again and succeed.
void RunKeeper::fail_start(const RunKey& run, const std::string& why) {
  if (claim_for_host(run) == HostClaim::no_room) {
    return loop_.post_later([this, run, why] {
      if (!live_.contains(run) && look(run).standing == Standing::untouched) fail_start(run, why);
    });
  }
  tell(StartFailed{.run = run, .text = why});
}

void RunKeeper::start_untouched(const StartRun& command) {
  auto spec = layout_.specify(command, true);
  if (!spec) return fail_start(command.run, spec.error().text);
  spec->nice = settings_.nice;
  spec->hidden = settings_.hidden;
  for (const auto& [name, path] : settings_.datasets) spec->shown.push_back(path);
  spec->cgroups = cgroups_.plan(spec->run, command.allocation);
  const auto laid_out = layout_.lay_out(command, *spec);
  if (!laid_out) return fail_start(command.run, laid_out.error().text);
  auto wrapper = start_wrapper(settings_.shim_path, folders_.control_of(command.run));
  if (!wrapper) return fail_start(command.run, wrapper.error().text);
  keep(command.run, {.wrapper = std::move(wrapper->handle), .notify = std::move(wrapper->notify)});
}

}  // namespace hansa
