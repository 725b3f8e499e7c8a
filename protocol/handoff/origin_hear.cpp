// Origin: what hosts say of their epochs. One handler a row of the contract's table.
//
// "Current" means: the job is Awarding or Delegated, this is its epoch, and the sender is its host. Everything else is
// an answer to a duty, or to nothing at all; it is acknowledged so that the host can let go.
#include "protocol/handoff/origin.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {
namespace {

enum class Standing : std::uint8_t { awarding, delegated, other };

Standing standing(const JobRecord& record, const RunKey& run, const SiteName& from) {
  const auto* host = host_of(record.state);
  const bool same_epoch = record.epoch == run.epoch || !rule(Rule::answer_is_of_the_current_epoch);
  if (!host || *host != from || !same_epoch) return Standing::other;
  return std::holds_alternative<Awarding>(record.state) ? Standing::awarding : Standing::delegated;
}

// The outputs of a run that does not count are wanted by nobody; those of a final job until they are home.
bool outputs_are_wanted(const Origin::Job* job, const RunKey& run, const SiteName& from) {
  const auto* ended = job ? std::get_if<Ended>(&job->record.state) : nullptr;
  return ended && !ended->outputs_home && ended->host == from && job->record.epoch == run.epoch;
}

}  // namespace

void Origin::step(Now now, const SiteName& from, const Accepted& message, Effects& out) {
  auto* job = find_own(message.run.job);
  const auto where = job ? standing(job->record, message.run, from) : Standing::other;
  if (where == Standing::other) {
    if (!rule(Rule::given_up_is_cleaned_up)) return;
    out.send_durable.push_back({from, Revoke{.run = message.run, .bid = {}, .mode = RevokeMode::if_not_started}});
    return;
  }
  if (where == Standing::awarding) {
    const auto awarding = std::get<Awarding>(job->record.state);
    job->record.state = Delegated{.host = awarding.host, .host_store = awarding.host_store, .bid = awarding.bid};
    job->since = now.instant;
    job->first_try();
    save(*job, out);
    announce(now, *job, "job_placed", "accepted", out);
    touch(message.run.job);
  } else if (std::get<Delegated>(job->record.state).wish != Wish::none) {
    send_revoke(*job, out);
    return;
  }
  job->dealings.edit().last_grant = now.instant;
  job->dealings.edit().heard = now.instant;
  after_disk(Rule::confirm_waits_for_disk, out)
      .push_back({from, Confirm{.run = message.run, .number = message.number}});
  arm(now, *job);
}

void Origin::step(Now now, const SiteName& from, const Refused& message, Effects& out) {
  auto* job = find_own(message.run.job);
  if (!job) return;
  if (standing(job->record, message.run, from) == Standing::other) {
    end_duty(*job, message.run, from, out);
    arm(now, *job);
    return;
  }
  back(now, *job, from.value + " refused: " + std::string(to_word(message.reason)), out);
}

void Origin::step(Now now, const SiteName& from, const Progress& message, Effects& out) {
  auto* job = find_own(message.run.job);
  if (!job || standing(job->record, message.run, from) != Standing::delegated) return;
  auto& delegated = std::get<Delegated>(job->record.state);
  if (from != self_) {  // of an own run this site knows more than it tells itself
    job->dealings.edit().progress = message;
    job->dealings.edit().heard = now.instant;
  }
  const bool alive = message.phase >= RunPhase::running;
  const bool first = alive && !delegated.started;
  const bool drop_wish = alive && delegated.wish == Wish::move;
  if (first || drop_wish) {
    delegated.started = true;
    if (drop_wish) delegated.wish = Wish::none;
    save(*job, out);
    arm(now, *job);
  }
  if (first) announce(now, *job, "job_started", message.where, out);
  touch(message.run.job);
}

void Origin::step(Now now, const SiteName& from, const Finished& message, Effects& out) {
  auto* job = find_own(message.run.job);
  const auto where = job ? standing(job->record, message.run, from) : Standing::other;
  if (where == Standing::awarding) return;  // nothing runs unconfirmed: this host breaks the protocol
  if (where == Standing::other) {
    if (job) end_duty(*job, message.run, from, out);
    if (job) arm(now, *job);
    if (!rule(Rule::old_answers_are_acknowledged)) return;
    out.send_durable.push_back({from, FinishedAck{.run = message.run}});
    // Results of a store that was lost are kept where they are, for people to find.
    if (message.run.job.store == store_ && !outputs_are_wanted(job, message.run, from)) {
      out.send_durable.push_back({from, OutputsAck{.run = message.run}});
    }
    return;
  }
  const auto wish = std::get<Delegated>(job->record.state).wish;
  const bool undone =
      message.outcome.state == FinalState::cancelled && wish == Wish::revoke && !job->record.cancel_wished;
  const bool again = message.outcome.state == FinalState::node_fail && job->record.request->requeue;
  if (undone || (again && !job->record.cancel_wished)) {
    to_pending(now, *job, undone ? "taken back from " + from.value : "its node failed at " + from.value, out);
    out.send_durable.push_back({from, OutputsAck{.run = message.run}});
  } else {
    to_ended(now, *job, message.outcome, from, out);
    if (message.outcome.outputs.is_zero()) {
      out.send_durable.push_back({from, OutputsAck{.run = message.run}});
    } else {
      pull_outputs(*job, out);
    }
  }
  after_disk(Rule::finished_ack_waits_for_disk, out).push_back({from, FinishedAck{.run = message.run}});
}

void Origin::step(Now now, const SiteName& from, const Revoked& message, Effects& out) {
  auto* job = find_own(message.run.job);
  if (!job) return;
  if (standing(job->record, message.run, from) == Standing::other) {
    end_duty(*job, message.run, from, out);
    arm(now, *job);
    return;
  }
  // A host that knows nothing of a run that it had started has lost its store, and the run with it.
  const auto* delegated = std::get_if<Delegated>(&job->record.state);
  if (delegated && delegated->started && !job->record.cancel_wished && !job->record.request->requeue) {
    const auto reason = from.value + " lost its store while the job ran there";
    to_ended(now, *job, Outcome{.state = FinalState::node_fail, .reason = reason, .ended = now.wall}, from, out);
    return;
  }
  back(now, *job, "taken back from " + from.value, out);
}

void Origin::step(Now now, const SiteName& from, const Return& message, Effects& out) {
  auto* job = find_own(message.run.job);
  if (job && standing(job->record, message.run, from) != Standing::other) {
    back(now, *job, from.value + " gave it back: " + std::string(to_word(message.reason)), out);
  } else if (job) {
    end_duty(*job, message.run, from, out);
    arm(now, *job);
  }
  after_disk(Rule::return_ack_waits_for_disk, out).push_back({from, ReturnAck{.run = message.run}});
}

void Origin::outputs_home(Now now, const RunKey& run, const std::string& problem, Effects& out) {
  auto* job = find_own(run.job);
  if (!job || job->record.epoch != run.epoch) return;
  auto* ended = std::get_if<Ended>(&job->record.state);
  if (!ended) return;
  if (!ended->outputs_home) {
    ended->outputs_home = true;
    if (!problem.empty()) job->record.reason = problem;
    save(*job, out);
    arm(now, *job);
    touch(run.job);
  }
  out.send_durable.push_back({ended->host, OutputsAck{.run = run}});
}

}  // namespace hansa
