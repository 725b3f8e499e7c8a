// Judge: what may be said when. A message leaves only when the record that it rests on is durable.
#include "src/sim/judge.hpp"
#include "src/sim/words.hpp"

namespace hansa::sim {

void Judge::leaves(const SiteName& from, const Send& send) {
  std::visit([&](const auto& message) { check(from, send.to, message); }, send.message);
}

void Judge::check(const SiteName&, const SiteName& to, const Award& message) {
  for (const auto& task : message.tasks) {
    if (!awarded_.contains({task.run, to})) broken("Award " + brief(task.run) + " left before Awarding was durable");
  }
}

void Judge::check(const SiteName& from, const SiteName&, const Accepted& message) {
  if (!has(from, message.run, RunState::accepted)) {
    broken("Accepted " + brief(message.run) + " left " + from.value + " before its record was durable");
  }
}

void Judge::check(const SiteName&, const SiteName& to, const Confirm& message) {
  if (!delegated_.contains({message.run, to})) {
    broken("Confirm " + brief(message.run) + " left before Delegated(" + to.value + ") was durable");
  }
}

void Judge::check(const SiteName& from, const SiteName&, const Progress& message) {
  if (!runs_.contains({from, message.run})) broken("Progress of " + brief(message.run) + ", which is not durable");
}

// From now on this epoch does not run there.
void Judge::over(const SiteName& at, const RunKey& run, const char* said) {
  const auto alive = alive_.find(run.job);
  if (alive != alive_.end() && alive->second.contains({at, run})) {
    broken(std::string(said) + " " + brief(run) + " left " + at.value + " while the run was alive");
  }
  over_.insert({at, run});
}

void Judge::check(const SiteName& from, const SiteName&, const Finished& message) {
  if (!has(from, message.run, RunState::finished)) broken("Finished " + brief(message.run) + " before it was durable");
  over(from, message.run, "Finished");
}

void Judge::check(const SiteName& from, const SiteName&, const Return& message) {
  if (!has(from, message.run, RunState::returned)) broken("Return " + brief(message.run) + " before it was durable");
  over(from, message.run, "Return");
  saw("returns");
}

void Judge::check(const SiteName& from, const SiteName&, const Revoked& message) {
  const bool known = runs_.contains({from, message.run});
  if (known && !has(from, message.run, RunState::revoked)) {
    broken("Revoked " + brief(message.run) + " left " + from.value + " before it was durable");
  }
  over(from, message.run, "Revoked");
  saw("revocations");
}

void Judge::check(const SiteName& from, const SiteName&, const Refused& message) {
  over(from, message.run, "Refused");
  saw("refusals");
}

void Judge::check(const SiteName&, const SiteName& to, const Revoke& message) {
  const auto job = jobs_.find(message.run.job);
  if (job == jobs_.end() || !delegated_.contains({message.run, to})) return;
  if (is_current(message.run.job, message.run.epoch, to) && !wished_.contains(message.run)) {
    broken("Revoke " + brief(message.run) + " left before the wish was durable");
  }
}

bool Judge::is_current(const JobId& id, const Epoch& epoch, const SiteName& host) const {
  const auto job = jobs_.find(id);
  // An origin that lost its store knows nothing of its jobs, and says so in good faith.
  if (lost_stores_.contains(id.store)) return false;
  if (job == jobs_.end() || job->second.last.epoch != epoch) return false;
  const auto& state = job->second.last.state;
  if (const auto* awarding = std::get_if<Awarding>(&state)) return awarding->host == host;
  const auto* delegated = std::get_if<Delegated>(&state);
  return delegated && delegated->host == host;
}

void Judge::check(const SiteName&, const SiteName& to, const FinishedAck& message) {
  if (is_current(message.run.job, message.run.epoch, to)) {
    broken("FinishedAck " + brief(message.run) + " left before the end was durable");
  }
}

void Judge::check(const SiteName&, const SiteName& to, const ReturnAck& message) {
  if (is_current(message.run.job, message.run.epoch, to)) {
    broken("ReturnAck " + brief(message.run) + " left before the return was durable");
  }
}

}  // namespace hansa::sim
