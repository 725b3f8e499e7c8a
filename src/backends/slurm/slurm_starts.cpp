// From a command to a job in Slurm, however often it takes.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "protocol/wire/codec.hpp"
#include "src/backends/process/job_environment.hpp"
#include "src/backends/slurm/slurm_keeper.hpp"

namespace hansa {
namespace {

// A job that sbatch named is missing only when it is not there twice, and a while after sbatch said so.
constexpr unsigned missing_max = 2;
constexpr Duration settling = std::chrono::seconds(2);
// A controller that lost its state gives out numbers that its nodes still hold for running, and they refuse those jobs.
constexpr unsigned launches_max = 4;

constexpr std::array<std::string_view, 8> inherited{"SLURM",
                                                    "CUDA_VISIBLE_DEVICES=",
                                                    "ROCR_VISIBLE_DEVICES=",
                                                    "GPU_DEVICE_ORDINAL=",
                                                    "ZE_AFFINITY_MASK=",
                                                    "ASCEND_",
                                                    "HIP_",
                                                    "NVIDIA_"};

// What the submitter's session had of these was of another machine's batch system.
void drop_inherited(RunSpec& spec) {
  std::erase_if(spec.environment, [](const std::string& variable) {
    return std::any_of(inherited.begin(), inherited.end(), [&](auto word) { return variable.starts_with(word); });
  });
  spec.inherited.assign(inherited.begin(), inherited.end());
}

Duration next_try(unsigned tries) {
  return std::min<Duration>(std::chrono::seconds(60), std::chrono::seconds(1) * (1u << std::min(tries, 6u)));
}

}  // namespace

void SlurmKeeper::on(const StartRun& command) {
  const auto& run = command.run;
  if (const auto found = runs_.find(run);
      found != runs_.end() && (found->second.submission || found->second.told_started)) {
    if (found->second.told_started) tell(RunStarted{.run = run, .at = found->second.started});
    return;  // else the event is on its way
  }
  const auto sight = see(run);
  switch (sight.standing) {
    case SlurmStanding::untouched:
      return start_untouched(command);
    case SlurmStanding::host_claimed:
      return tell(StartFailed{.run = run, .claim_lost = true, .text = "its start was revoked before it came to it"});
    case SlurmStanding::never_ran:
      return tell(StartFailed{.run = run, .text = sight.status.reason});
    case SlurmStanding::running:
    case SlurmStanding::unsettled:
      note_started(run, runs_[run], sight);
      return poll_soon();
    case SlurmStanding::ended:
      if (sight.status.elapsed_us > 0) tell(RunStarted{.run = run, .at = WallTime{sight.status.started_ms}});
      return tell_end(run, sight.status);
  }
}

// The claim comes first: what is said to have failed must never start after all.
void SlurmKeeper::fail_start(const RunKey& run, const std::string& why) {
  if (!claim_for_host(run)) return poll_soon();  // a wrapper was faster: it runs
  tell(StartFailed{.run = run, .text = why});
  run_is_over(run);
}

void SlurmKeeper::start_untouched(const StartRun& command) {
  const bool asked_before = ::faccessat(control_of(command.run).get(), "spec", F_OK, 0) == 0;
  auto submission = prepare(command);
  if (!submission) return fail_start(command.run, submission.error().text);
  auto& run = runs_[command.run];
  run.submission = std::move(*submission);
  run.unsure = asked_before;  // by a daemon that is gone: Slurm may have it
  if (!asked_before) return submit(command.run);
  const auto ids = read_file_at(control_of(command.run).get(), "submitted").value_or("");
  const auto last = ids.find_last_of('\n', ids.size() < 2 ? 0 : ids.size() - 2);
  const auto* begin = ids.data() + (last == ids.npos ? 0 : last + 1);
  std::from_chars(begin, ids.data() + ids.size(), run.id);
  run.said_at = now();
  poll_soon();
}

Result<Command> SlurmKeeper::prepare(const StartRun& command) {
  auto spec = layout_.specify(command, false);
  if (!spec) return spec.error();
  const auto* pool = pools_.find(command.allocation.pool);
  if (pool == nullptr) return refusal("Slurm has no partition for the pool " + command.allocation.pool);
  const auto facts = std::find_if(settings_.pools.begin(), settings_.pools.end(),
                                  [&](const Pool& each) { return each.name == command.allocation.pool; });
  drop_inherited(*spec);
  spec->pulse_us = settings_.slurm.pulse.count();
  spec->where = command.allocation.pool;
  if (facts != settings_.pools.end() && command.allocation.per_node.accelerators > 0) {
    for (const auto name : accelerator_variables(facts->model)) spec->accelerator_variables.emplace_back(name);
  }
  const auto laid_out = layout_.lay_out(command, *spec);
  if (!laid_out) return laid_out.error();
  const auto payload = decode<JobPayload>(*command.payload);
  return commands_.submit(command, *pool, payload->passed_through, settings_.shim_path,
                          folders_.control_of(command.run), settings_.grace);
}

void SlurmKeeper::submit(const RunKey& key) {
  auto& run = runs_.at(key);
  run.submitting = true;
  runner_.run(*run.submission, [this, key](const CommandResult& result) { submitted(key, result); });
}

// The numbers that sbatch ever gave this run, one a line: the next daemon, and whoever looks, knows them from here.
void SlurmKeeper::remember_submission(const RunKey& run, std::uint64_t id) {
  const Fd file(::openat(control_of(run).get(), "submitted", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const auto line = std::to_string(id) + "\n";
  if (file.valid() && ::write(file.get(), line.data(), line.size()) < 0) return;  // found by its name all the same
}

void SlurmKeeper::submitted(const RunKey& key, const CommandResult& result) {
  const auto id = result.ok() ? slurm::parse_submitted(result.out) : std::nullopt;
  const auto found = runs_.find(key);
  if (found == runs_.end()) {  // revoked meanwhile: it would end at once, but need not come to that
    if (id) unwanted_.insert({*id, key});
    return poll_soon();
  }
  auto& run = found->second;
  run.submitting = false;
  run.said_at = now();
  run.missing = 0;
  if (id) {
    run.id = *id;
    run.unsure = false;
    run.tries = 0;
    remember_submission(key, *id);
    return poll_soon();
  }
  if (!result.ok() && !is_passing_failure(result, !settings_.slurm.ssh.empty()))
    return fail_start(key, "sbatch refused it: " + result.problem());
  run.unsure = true;
  run.not_before = now() + next_try(run.tries++);
  poll_soon();
}

void SlurmKeeper::look_at_unclaimed(const RunKey& key, SlurmRun& run, const Lines& lines) {
  if (!run.submission) return;
  const slurm::Job* first = nullptr;
  for (const auto* job : lines) {
    if (job->phase() == slurm::JobPhase::over) continue;
    if (first != nullptr && job->phase() == slurm::JobPhase::waiting)
      unwanted_.insert({job->id, key});  // submitted twice
    if (first == nullptr) first = job;
  }
  if (first != nullptr) {
    run.id = first->id;
    run.missing = 0;
    run.unsure = false;
    return;
  }
  for (const auto* job : lines) {
    if (job->id == run.id && !cancelled_.contains({job->id, key})) return look_at_unlaunched(key, run, *job);
  }
  look_at_missing(key, run);
}

// Over, and its wrapper never came to its claim. One that had its nodes was not taken by them, which the next may; one
// that ended in the queue was ended by somebody.
void SlurmKeeper::look_at_unlaunched(const RunKey& key, SlurmRun& run, const slurm::Job& job) {
  if (job.nodes.empty() || ++run.launches >= launches_max) {
    const auto why = job.reason == "None" ? "" : " (" + job.reason + ")";
    return fail_start(key, "Slurm ended it before it started: " + job.state + why);
  }
  run.id = 0;  // the next answer that does not know a later one has it submitted again
  run.unsure = false;
  run.said_at = now();
  run.not_before = now() + next_try(run.launches - 1);
}

// Slurm forgets what it acknowledged just before it was killed. Only an answer that was asked for after sbatch had
// spoken counts, and for a number that it gave only the second.
void SlurmKeeper::look_at_missing(const RunKey& key, SlurmRun& run) {
  if (run.submitting || round_.began <= run.said_at || now() < run.not_before) return;
  const bool known_once = run.id != 0 && !run.unsure;
  if (known_once && (++run.missing < missing_max || now() - run.said_at < settling)) return;
  run.missing = 0;
  submit(key);
}

}  // namespace hansa
