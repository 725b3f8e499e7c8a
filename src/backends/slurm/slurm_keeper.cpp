#include "src/backends/slurm/slurm_keeper.hpp"

#include <algorithm>

namespace hansa {

SlurmKeeper::SlurmKeeper(BackendSettings settings, Account account, RunFolders folders, SlurmPools pools)
    : settings_(std::move(settings)),
      folders_(std::move(folders)),
      layout_(settings_, std::move(account), folders_),
      commands_(settings_.slurm, settings_.state_folder, settings_.site),
      pools_(std::move(pools)),
      interval_(settings_.slurm.poll_min) {
  for (auto& folder : folders_.left_aside()) sweeper_.sweep(std::move(folder));
  loop_.start([this](std::uint64_t token) {
    if (token == Alarms::token) return alarms_.on_ready();
    runner_.on_ready(token);
  });
  loop_.post([this] { poll(); });
}

SlurmKeeper::~SlurmKeeper() {
  loop_.stop();
}

void SlurmKeeper::perform(BackendCommand command) {
  loop_.post([this, command = std::move(command)] { std::visit([this](const auto& each) { on(each); }, command); });
}

void SlurmKeeper::tell(BackendEvent event) {
  eventful_ = true;
  settings_.handler->on_event(std::move(event));
}

// --- When Slurm is asked --------------------------------------------------------------------------------------------

void SlurmKeeper::poll_soon() {
  interval_ = settings_.slurm.poll_min;
  glance_soon();
  if (round_.under_way) {
    poll_wanted_ = true;
    return;
  }
  const auto rested = now() - round_.began;
  poll_after(std::max(Duration{0}, settings_.slurm.poll_min - rested));
}

// Between two answers, and while there are none: what the runs' own folders say costs Slurm nothing.
void SlurmKeeper::glance() {
  glancing_ = false;
  std::vector<RunKey> keys;
  for (const auto& [key, run] : runs_) keys.push_back(key);
  for (const auto& key : keys) {
    const auto sight = see(key);
    if (sight.standing == SlurmStanding::ended) look_at(key, {});
    if (sight.standing == SlurmStanding::running) note_started(key, runs_.at(key), sight);
    if (sight.standing == SlurmStanding::unsettled && !runs_.at(key).unsettled_since) {
      runs_.at(key).unsettled_since = now();
      poll_soon();
    }
  }
  glance_soon();
}

void SlurmKeeper::glance_soon() {
  if (glancing_ || runs_.empty()) return;
  glancing_ = true;
  alarms_.after(settings_.slurm.poll_min, [this] { glance(); });
}

void SlurmKeeper::poll_after(Duration delay) {
  alarms_.after(delay, [this, number = ++poll_number_] {
    if (number == poll_number_) poll();
  });
}

// One question for all jobs and one for all nodes.
void SlurmKeeper::poll() {
  if (round_.under_way) return;
  round_ = {.under_way = true, .open = 2, .trouble = {}, .began = now(), .jobs = {}, .nodes = {}};
  poll_wanted_ = eventful_ = false;
  const auto take = [this](const char* command, const CommandResult& result, auto read) {
    if (result.ok()) {
      read(result.out);
    } else {
      round_.trouble = std::string(command) + ": " + result.problem();
    }
    if (--round_.open == 0) polled();
  };
  runner_.run(commands_.jobs(), [this, take](const CommandResult& result) {
    take("squeue", result, [this](const std::string& text) { round_.jobs = slurm::parse_jobs(text); });
  });
  runner_.run(commands_.nodes(), [this, take](const CommandResult& result) {
    take("sinfo", result, [this](const std::string& text) { round_.nodes = slurm::parse_nodes(text); });
  });
}

void SlurmKeeper::polled() {
  round_.under_way = false;
  if (!round_.trouble.empty()) {
    note_trouble(round_.trouble);
  } else {
    trouble_since_.reset();
    std::map<RunKey, Lines> by_run;
    for (const auto& job : round_.jobs) {
      if (const auto run = run_of_slurm_job(job.name)) by_run[*run].push_back(&job);
    }
    std::vector<RunKey> keys;
    for (const auto& [key, run] : runs_) keys.push_back(key);
    for (const auto& key : keys) {
      if (runs_.contains(key)) look_at(key, by_run[key]);
    }
    // What is decided and still stands in line came late, or twice, or Slurm has forgotten that it ran.
    for (const auto& [key, lines] : by_run) {
      const auto standing = see(key).standing;
      const bool settled = standing == SlurmStanding::host_claimed || standing == SlurmStanding::ended;
      if (runs_.contains(key) || !settled) continue;
      for (const auto* job : lines)
        if (job->phase() == slurm::JobPhase::waiting) unwanted_.insert({job->id, key});
    }
    cancel_unwanted();
    report_load();
    ask_outlook();
  }
  glance_soon();
  const auto slower = std::chrono::duration_cast<Duration>(interval_ * 1.4);
  interval_ = eventful_ || poll_wanted_ ? settings_.slurm.poll_min : std::min(settings_.slurm.poll_max, slower);
  poll_after(std::max(Duration{0}, interval_ - (now() - round_.began)));
}

// Slurm does not answer: nothing is concluded, and nobody is promised anything.
void SlurmKeeper::note_trouble(const std::string& what) {
  if (!trouble_since_) trouble_since_ = now();
  LoadReported report{.problem = "Slurm does not answer (" + what + ")"};
  report.given_up = now() - *trouble_since_ >= settings_.slurm.give_up;
  if (load_told_ && !load_.problem.empty() && load_.given_up == report.given_up) return;
  load_ = report;
  load_told_ = true;
  settings_.handler->on_event(std::move(report));
}

void SlurmKeeper::cancel_unwanted() {
  constexpr std::size_t at_once = 100;
  std::vector<std::uint64_t> ids;
  std::set<JobOfRun> there;
  for (const auto& job : round_.jobs) {
    const auto run = run_of_slurm_job(job.name);
    if (!run || !there.insert({job.id, *run}).second || job.phase() == slurm::JobPhase::over) continue;
    if (!unwanted_.contains({job.id, *run})) continue;
    ids.push_back(job.id);
    cancelled_.insert({job.id, *run});
  }
  for (auto* jobs : {&unwanted_, &cancelled_})
    std::erase_if(*jobs, [&](const auto& job) { return !there.contains(job); });
  for (std::size_t first = 0; first < ids.size(); first += at_once) {
    const std::vector<std::uint64_t> part(
        ids.begin() + static_cast<std::ptrdiff_t>(first),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), first + at_once)));
    runner_.run(commands_.cancel(part), [](const CommandResult&) {});
  }
}

// --- What its answer means ------------------------------------------------------------------------------------------

static bool slurm_runs_it(const std::vector<const slurm::Job*>& lines) {
  return std::any_of(lines.begin(), lines.end(),
                     [](const slurm::Job* job) { return job->phase() == slurm::JobPhase::on_nodes; });
}

void SlurmKeeper::look_at(const RunKey& key, const Lines& lines) {
  auto& run = runs_.at(key);
  const auto sight = see(key);
  switch (sight.standing) {
    case SlurmStanding::untouched:
      return look_at_unclaimed(key, run, lines);
    case SlurmStanding::host_claimed:
      if (run.submission) tell(StartFailed{.run = key, .claim_lost = true, .text = "its start was revoked"});
      return run_is_over(key);
    case SlurmStanding::never_ran:
      tell(StartFailed{.run = key, .text = sight.status.reason});
      return run_is_over(key);
    case SlurmStanding::running:
      return look_at_claimed(key, run, sight, lines);
    case SlurmStanding::unsettled:
      if (sight.status.elapsed_us > 0) note_started(key, run, sight);
      return look_at_unsettled(key, run, sight, lines);
    case SlurmStanding::ended:
      if (sight.status.elapsed_us > 0) note_started(key, run, sight);
      tell_end(key, sight.status);
      return run_is_over(key);
  }
}

void SlurmKeeper::note_started(const RunKey& key, SlurmRun& run, const SlurmSight& sight) {
  const bool runs = sight.status.elapsed_us > 0 || (sight.pulse && sight.pulse->started_ms > 0);
  if (run.told_started || !runs) return;
  run.told_started = true;
  run.submission.reset();
  run.started = WallTime{sight.claim.made_at_ms};
  tell(RunStarted{.run = key, .at = run.started});
}

void SlurmKeeper::look_at_claimed(const RunKey& key, SlurmRun& run, const SlurmSight& sight, const Lines& lines) {
  note_started(key, run, sight);
  const auto beats = sight.pulse ? sight.pulse->count : 0;
  if (beats != run.beats) {
    run.beats = beats;
    run.beat_at = now();
  }
  const auto holder = sight.pulse ? static_cast<std::uint64_t>(sight.pulse->batch_job) : 0;
  for (const auto* job : lines) {
    if (job->phase() == slurm::JobPhase::waiting && job->id != holder) unwanted_.insert({job->id, key});
  }
  if (run.stop != StopRequest::by_hand) say_stop(key, run);
  if (!slurm_runs_it(lines)) look_at_orphan(key, run, sight, lines);
}

// Slurm's word for its end is in an answer that was asked for after the end; one that was on its way may still have it
// in the queue. What Slurm has dropped from its list its accounting may know.
void SlurmKeeper::look_at_unsettled(const RunKey& key, SlurmRun& run, const SlurmSight& sight, const Lines& lines) {
  if (!run.unsettled_since) run.unsettled_since = now();
  if (round_.began <= *run.unsettled_since) return poll_soon();
  const auto id = sight.pulse ? static_cast<std::uint64_t>(sight.pulse->batch_job) : 0;
  if (lines.empty() && id != 0 && !run.asked_accounting) return ask_accounting(key, run, id);
  if (!slurm_runs_it(lines)) settle(key, run, sight.status, lines);
}

// Slurm does not run it (any more, or as far as it remembers). While its pulse goes on it lives, whatever Slurm says.
void SlurmKeeper::look_at_orphan(const RunKey& key, SlurmRun& run, const SlurmSight& sight, const Lines& lines) {
  eventful_ = true;
  const auto silence = now() - run.beat_at;
  if (silence < 3 * settings_.slurm.pulse + std::chrono::seconds(1)) return;
  const auto id = sight.pulse ? static_cast<std::uint64_t>(sight.pulse->batch_job) : run.id;
  if (lines.empty() && id != 0 && !run.asked_accounting) return ask_accounting(key, run, id);
  // A wrapper that lives after all, cut off, ends its job when it can read this.
  write_stop(control_of(key).get(), StopRequest::cancelled);
  RunStatus status{.ending = RunEnding::wrapper_killed, .code = 137, .signal = 9};
  status.started_ms = sight.claim.made_at_ms;
  status.ended_ms = wall_ms();
  const auto lived_us = (status.ended_ms - status.started_ms) * 1'000 - silence.count();
  status.elapsed_us = std::max<std::int64_t>(1, lived_us);
  status.where = sight.pulse ? sight.pulse->where : "";
  settle(key, run, status, lines);
}

void SlurmKeeper::ask_accounting(const RunKey& key, SlurmRun& run, std::uint64_t id) {
  run.asked_accounting = true;
  runner_.run(commands_.accounted({id}), [this, key, id](const CommandResult& result) {
    const auto found = runs_.find(key);
    if (found == runs_.end()) return;
    for (const auto& job : slurm::parse_accounted(result.ok() ? result.out : "")) {
      if (job.id == id && job.name == slurm_job_name(key)) found->second.accounted = job.state;
    }
    poll_soon();
  });
}

void SlurmKeeper::ask_up_since(const RunKey& key, SlurmRun& run) {
  run.asked_up_since = true;
  runner_.run(commands_.configuration(), [this, key](const CommandResult& result) {
    const auto found = runs_.find(key);
    if (found != runs_.end()) found->second.up_since_s = slurm::parse_up_since(result.ok() ? result.out : "");
    poll_soon();
  });
}

// Its end as its wrapper saw it, with what Slurm adds; written down, so that it is told the same ever after.
void SlurmKeeper::settle(const RunKey& key, SlurmRun& run, RunStatus status, const Lines& lines) {
  std::string state = run.accounted;
  const auto pulse = read_pulse(control_of(key).get());
  for (const auto* job : lines) {
    if (pulse && static_cast<std::uint64_t>(pulse->batch_job) == job->id) state = slurm::base_state(job->state);
  }
  const bool is_asked = run.stop != StopRequest::by_hand;
  if (state == "CANCELLED" && !is_asked && !run.asked_up_since) return ask_up_since(key, run);
  settle_status(status, state, read_file_at(control_of(key).get(), "batch").value_or(""), run.up_since_s);
  if (is_asked && status.ending == RunEnding::wrapper_killed) {
    status.ending = run.stop == StopRequest::lease_out ? RunEnding::lease_out : RunEnding::stopped;
    status.reason = words_for(run.stop);
  }
  write_file_at(control_of(key).get(), "status", status.to_text(), 0600);
  tell_end(key, status);
  run_is_over(key);
}

}  // namespace hansa
