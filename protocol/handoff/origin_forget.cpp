// Origin: what a human's word gives up, and what is heard of it later.
//
// Only a human may say of a silent host that it is dead: a machine can't tell a dead host from one beyond a broken
// line. What the host has is then given up as by rerun, in one persist with its duty: the job may be placed again at
// once, and should the host come back after all, it is told to stop what it has before it does anything else for us.
// Its answer may show that the run had started. Nobody can undo that: it is reported.
//
// Invariants: (1) the word is on disk before anyone acts on it or is told so; (2) a job whose cancel was acknowledged
// ends instead of being placed again; (3) a duty stays as long as its host could still answer.
#include <algorithm>

#include "protocol/handoff/origin.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {

void Origin::give_up_by_word(Now now, Job& job, const std::string& why, Effects& out) {
  add_duty(job, true);
  send_duties(job, out);
  announce(now, job, "job_given_up", why, out);
  back(now, job, why, out);
}

Forgotten Origin::forget(Now now, const SiteName& host, Comeback comeback, Effects& out) {
  Forgotten forgotten{.may_return = comeback == Comeback::possible};
  const auto has_duty = [&](const Duty& duty) { return duty.host == host; };
  for (const auto& id : known_at(host)) {
    auto& job = *find_own(id);
    const auto* current = host_of(job.record.state);
    if (current && *current == host) {
      const auto* delegated = std::get_if<Delegated>(&job.record.state);
      ++forgotten.jobs_given_up;
      forgotten.runs_perhaps_alive += delegated ? 1 : 0;
      forget_run(now, job, host.value + " was declared dead by its operator", out);
    }
    const bool nobody_left = comeback == Comeback::excluded || !rule(Rule::forget_leaves_a_duty);
    if (nobody_left && std::erase_if(job.record.duties, has_duty) > 0) {
      save(job, out);
      arm(now, job);
      touch(id);
    }
  }
  return forgotten;
}

void Origin::forget_run(Now now, Job& job, const std::string& why, Effects& out) {
  if (!rule(Rule::forget_keeps_a_cancel)) job.record.cancel_wished = false;
  const auto recorded = out.persist.size();
  give_up_by_word(now, job, why, out);
  if (!rule(Rule::forget_is_recorded)) out.persist.resize(recorded);
}

// An answer to what a human's word gave up shows that it had started there: two runs of one job may have met.
void Origin::report_overlap(Now now, const Job& job, const Finished& late, const SiteName& host, Effects& out) const {
  const auto& duties = job.record.duties;
  const auto given_up = std::any_of(duties.begin(), duties.end(), [&](const Duty& duty) {
    return duty.by_word && duty.epoch == late.run.epoch && duty.host == host;
  });
  if (!given_up) return;
  out.events.push_back({.kind = "run_overlap",
                        .at = now.wall,
                        .job = format_job(self_, job.record.id),
                        .site = host,
                        .text = "run " + std::to_string(late.run.epoch.value) +
                                " was given up by a human's word, and had started there; it ended as " +
                                std::string(to_word(late.outcome.state))});
}

std::optional<Instant> Origin::lease_over_at(const JobId& id) const {
  const auto* job = find(id);
  const auto* delegated = job ? std::get_if<Delegated>(&job->record.state) : nullptr;
  const bool leased = delegated && delegated->host != self_;
  if (!leased || job->record.request->on_partition != OnPartition::rerun) return std::nullopt;
  return lease_end(*job);
}

}  // namespace hansa
