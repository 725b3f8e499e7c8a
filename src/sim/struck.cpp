#include "src/sim/struck.hpp"

namespace hansa::sim {
namespace {

JobRow row_of(const SiteName& self, const Delegated& delegated) {
  if (delegated.wish == Wish::move) return JobRow::move_wished;
  if (delegated.wish == Wish::revoke) return JobRow::revoke_wished;
  if (delegated.host == self) return delegated.started ? JobRow::home_started : JobRow::home_queued;
  return delegated.started ? JobRow::away_started : JobRow::away_waiting;
}

JobRow row_of(const SiteName& self, const JobRecord& job) {
  if (!job.array->empty() && !std::holds_alternative<Ended>(job.state)) return JobRow::array_waiting;
  if (std::holds_alternative<Awarding>(job.state)) return JobRow::awarding;
  if (const auto* delegated = std::get_if<Delegated>(&job.state)) return row_of(self, *delegated);
  if (const auto* ended = std::get_if<Ended>(&job.state)) {
    return ended->outputs_home ? JobRow::ended : JobRow::outputs_away;
  }
  return job.held ? JobRow::held : JobRow::pending;
}

RunRow row_of_end(const RunRecord& run) {
  if (run.state == RunState::revoked) return RunRow::revoked;
  if (run.state == RunState::returned) return run.answered ? RunRow::returned_done : RunRow::returned;
  if (!run.answered) return RunRow::finished;
  return run.outputs_kept ? RunRow::finished_outputs : RunRow::finished_done;
}

RunRow row_of(const Host::Run& run) {
  if (!run.looked) return RunRow::not_looked_for;
  if (run.claim != Host::Claim::none) return RunRow::claiming;
  if (run.collecting) return RunRow::collecting;
  if (run.record.stopping) return RunRow::stopping;
  if (run.record.state == RunState::accepted) return RunRow::accepted;
  if (run.record.state == RunState::started) return RunRow::running;
  if (run.record.state != RunState::confirmed) return row_of_end(run.record);
  if (run.start_issued) return RunRow::starting;
  return run.inputs_ready ? RunRow::queued : RunRow::staging;
}

// What is on the disk is less than what the daemon knows.
bool is_being_written(const SimSite& site, const JobRecord& job) {
  if (site.is_written()) return false;
  const auto written = site.disk().jobs().find(job.id);
  return written == site.disk().jobs().end() || written->second.state != job.state ||
         written->second.held != job.held || written->second.duties != job.duties || written->second.array != job.array;
}
bool lives_in_memory(RunRow row) {
  return row == RunRow::claiming || row == RunRow::collecting || row == RunRow::not_looked_for;
}
bool is_being_written(const SimSite& site, const Host::Run& state) {
  const auto& run = state.record;
  if (site.is_written() || lives_in_memory(row_of(state))) return false;
  const auto written = site.disk().runs().find(run.key);
  return written == site.disk().runs().end() || written->second.state != run.state ||
         written->second.stopping != run.stopping || written->second.answered != run.answered ||
         written->second.outputs_kept != run.outputs_kept || written->second.allocation != run.allocation;
}

void count_own(Coverage& coverage, Fault fault, const SimSite& at) {
  for (const auto& [id, job] : at.controller().origin().jobs()) {
    const bool writing = is_being_written(at, job.record);
    coverage.count(fault, Side::own, row_of(at.name(), job.record), writing);
    if (!job.record.duties.empty()) coverage.count(fault, Side::own, JobRow::duty, writing);
  }
  for (const auto& [key, run] : at.controller().host().runs()) {
    coverage.count(fault, Side::own, row_of(run), is_being_written(at, run));
  }
  if (at.controller().host().bidder().live_count() > 0) coverage.count(fault, Side::own, HeldRow::bid);
  if (at.controller().calls_open() > 0) coverage.count(fault, Side::own, HeldRow::call);
  if (at.controller().moves_held() > 0) coverage.count(fault, Side::own, HeldRow::move);
}

void count_job_towards(Coverage& coverage, Fault fault, Side side, const SimSite& at, const JobRecord& job,
                       const SiteName& other) {
  const auto* ended = std::get_if<Ended>(&job.state);
  const auto* host = ended ? &ended->host : host_of(job.state);
  const auto row = row_of(at.name(), job);
  if (host && *host == other && row != JobRow::ended) coverage.count(fault, side, row);
  for (const auto& duty : job.duties) {
    if (duty.host == other) coverage.count(fault, side, JobRow::duty);
  }
}

void count_towards(Coverage& coverage, Fault fault, const SimSite& at, const SiteName& other) {
  for (const auto& [id, job] : at.controller().origin().jobs()) {
    count_job_towards(coverage, fault, Side::other, at, job.record, other);
  }
  for (const auto& [key, run] : at.controller().host().runs()) {
    if (run.record.origin == other) coverage.count(fault, Side::other, row_of(run));
  }
  if (at.controller().host().bidder().live_count_of(other) > 0) coverage.count(fault, Side::other, HeldRow::bid);
}

std::optional<SiteName> find_job(const SimSite& at, JobRow row, bool being_written) {
  for (const auto& [id, job] : at.controller().origin().jobs()) {
    const bool found = row == JobRow::duty ? !job.record.duties.empty() : row_of(at.name(), job.record) == row;
    if (!found || is_being_written(at, job.record) != being_written) continue;
    if (row == JobRow::duty) return job.record.duties.front().host;
    const auto* host = host_of(job.record.state);
    return host ? *host : at.name();
  }
  return std::nullopt;
}

std::optional<SiteName> find_run(const SimSite& at, RunRow row, bool being_written) {
  for (const auto& [key, run] : at.controller().host().runs()) {
    if (row_of(run) == row && is_being_written(at, run) == being_written) return run.record.origin;
  }
  return std::nullopt;
}

std::vector<RunKey> spoken_of(const Message& message) {
  std::vector<RunKey> runs;
  std::visit(
      [&](const auto& content) {
        if constexpr (requires { content.run; }) runs.push_back(content.run);
        if constexpr (requires { content.tasks.front().run; }) {
          for (const auto& task : content.tasks) runs.push_back(task.run);
        }
        if constexpr (requires { content.runs.front().epoch; }) {
          runs.insert(runs.end(), content.runs.begin(), content.runs.end());
        }
      },
      message);
  return runs;
}

void count_spoken_of(Coverage& coverage, Fault fault, const SimSite& at, const SimSite& other, const RunKey& key) {
  if (!at.is_up()) return;
  if (const auto* job = at.controller().origin().find(key.job)) {
    count_job_towards(coverage, fault, Side::message, at, job->record, other.name());
  }
  if (const auto* run = at.controller().host().find(key)) coverage.count(fault, Side::message, row_of(*run));
}

}  // namespace

void count_site(Coverage& coverage, Fault fault, const Sites& sites, const SimSite& at) {
  if (at.is_up()) count_own(coverage, fault, at);
  for (const auto& site : sites) {
    if (site.get() != &at && site->is_up()) count_towards(coverage, fault, *site, at.name());
  }
}

std::optional<SiteName> find_in(const SimSite& at, const Coverage::Row& row) {
  if (row.of == Coverage::Row::Of::job) return find_job(at, static_cast<JobRow>(row.state), row.being_written);
  return find_run(at, static_cast<RunRow>(row.state), row.being_written);
}

void count_pair(Coverage& coverage, Fault fault, const SimSite& a, const SimSite& b) {
  if (a.is_up()) count_towards(coverage, fault, a, b.name());
  if (b.is_up()) count_towards(coverage, fault, b, a.name());
}

void count_message(Coverage& coverage, Fault fault, const SimSite& from, const SimSite& to, const Message& message) {
  coverage.count_message(fault, message.index());
  for (const auto& key : spoken_of(message)) {
    count_spoken_of(coverage, fault, from, to, key);
    count_spoken_of(coverage, fault, to, from, key);
  }
}

}  // namespace hansa::sim
