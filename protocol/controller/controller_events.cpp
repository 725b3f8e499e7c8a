// Controller: whom each event concerns.
#include "protocol/controller/controller.hpp"

namespace hansa {

void Controller::step(Now now, const SiteName& from, const Message& message, Effects& out) {
  if (!ready_) return;  // it will be sent again
  const Tally::Watch watch(tally_, out);
  tally_.heard(from, message);
  std::visit([&](const auto& content) { on(now, from, content, out); }, message);
  settle(now, out);
}

void Controller::on(Now now, const SiteName& from, const Hello& m, Effects& out) {
  membership_.step(now, from, m, out);
  if (m.record.value.site != from || !membership_.find(from)) return;
  const auto& store = m.record.value.store;
  if (stores_.said(from, store, out)) store_believed(now, from, store, out);
}
void Controller::on(Now now, const SiteName& from, const Probe& m, Effects& out) {
  membership_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const ProbeAck& m, Effects& out) {
  membership_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const IndirectProbe& m, Effects& out) {
  membership_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const ProbeNack& m, Effects& out) {
  membership_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const PushPull& m, Effects& out) {
  membership_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const PushPullAnswer& m, Effects& out) {
  membership_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const GossipPush& m, Effects& out) {
  membership_.step(now, from, m, out);
}

void Controller::on(Now now, const SiteName& from, const Award& m, Effects& out) {
  // Only a job's origin awards it: the id names the origin's store, and a store belongs to one site.
  const auto store = stores_.of(from);
  for (const auto& task : m.tasks) {
    if (!store || task.run.job.store != *store) continue;
    const bool known = host_.find(task.run) != nullptr;
    host_.step(now, from, task, closed_to_guests(), out);
    if (!known) note_award(from, task, out);
  }
}
void Controller::on(Now now, const SiteName& from, const Release& m, Effects&) {
  host_.step(now, from, m);
}
void Controller::on(Now now, const SiteName& from, const Confirm& m, Effects& out) {
  host_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Revoke& m, Effects& out) {
  host_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Renewed& m, Effects& out) {
  host_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const FinishedAck& m, Effects& out) {
  host_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const ReturnAck& m, Effects& out) {
  host_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const OutputsAck& m, Effects& out) {
  host_.step(now, from, m, out);
}

void Controller::on(Now now, const SiteName& from, const Accepted& m, Effects& out) {
  market_.succeeded(from);
  origin_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Refused& m, Effects& out) {
  if (speaks_of_its_run(from, m.run)) promises_.broken(now.instant, m.run.job, from);
  passed_over(now, from, m.run);
  origin_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Progress& m, Effects& out) {
  hear_promise(now, from, m);
  origin_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Finished& m, Effects& out) {
  hear_promise(now, from, m);
  origin_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Revoked& m, Effects& out) {
  origin_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Return& m, Effects& out) {
  // A drained site says so in its digest; nothing is held against it.
  hear_promise(now, from, m);
  if (m.reason != ReturnReason::drained) passed_over(now, from, m.run);
  origin_.step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const Renew& m, Effects& out) {
  origin_.step(now, from, m, out);
}

// A site that did not keep its word is asked for this job again only after a while.
void Controller::passed_over(Now now, const SiteName& from, const RunKey& run) {
  const auto* job = origin_.find(run.job);
  const auto* host = job ? host_of(job->record.state) : nullptr;
  if (!host || *host != from || job->record.epoch != run.epoch) return;
  if (from == options_.site) {
    pass_over_home(now, run.job);
  } else {
    market_.failed(now.instant, run.job, from);
  }
}

// Else a job whose start fails at home would be started there again at once, for ever.
void Controller::pass_over_home(Now now, const JobId& id) {
  const Backoff pause{.first = options_.market.pass_over_first, .last = options_.market.pass_over_last};
  auto& home = home_pauses_[id];
  home.until = now.instant + pause.after(home.tries++);
  home_again_.set(id, home.until);
}

bool Controller::is_home_passed_over(Now now, const JobId& id) const {
  const auto pause = home_pauses_.find(id);
  return pause != home_pauses_.end() && now.instant < pause->second.until;
}

void Controller::step(Now now, const BackendEvent& event, Effects& out) {
  const Tally::Watch watch(tally_, out);
  std::visit([&](const auto& content) { hear_backend(now, content, out); }, event);
  settle(now, out);
}

void Controller::hear_backend(Now now, const StrayRunsStopped&, Effects& out) {
  open_to_peers(now, out);
}

// A batch system that does not answer takes nothing new in; what is accepted waits, or goes home when it waits too
// long. When it answers, guests that none of its nodes could ever run any more (they were drained) go home.
void Controller::hear_backend(Now now, const LoadReported& load, Effects& out) {
  const bool was_open = backend_problem_.empty();
  backend_problem_ = load.problem;
  publisher_.touch();
  if (!load.problem.empty()) {
    if (load.given_up) give_back_stuck_guests(now, load.problem, out);
    return;
  }
  parts_.planner->learn(load, now.instant);
  give_back_stuck_guests(now, {}, out);
  if (!was_open) look_at_all_again();
}

// `problem`: why none can start; empty: those that no node here could run.
void Controller::give_back_stuck_guests(Now now, const std::string& problem, Effects& out) {
  std::vector<RunKey> stuck;
  for (const auto& [key, run] : host_.runs()) {
    const auto state = run.record.state;
    const bool unstarted = state == RunState::accepted || state == RunState::confirmed;
    if (!unstarted || run.record.origin == options_.site) continue;
    if (problem.empty() && parts_.planner->estimate(*run.record.request, now.instant)) continue;
    stuck.push_back(key);
  }
  const auto& text = problem.empty() ? "no node here can run it any more" : problem;
  for (const auto& key : stuck) host_.give_back(now, key, ReturnReason::drained, text, out);
}

// Nothing of an older store runs any more: this site may announce itself.
void Controller::open_to_peers(Now now, Effects& out) {
  if (ready_) return;
  ready_ = true;
  membership_.start(now, out);
}

void Controller::step(Now now, const StagingEvent& event, Effects& out) {
  const Tally::Watch watch(tally_, out);
  measure(now, event);
  if (const auto* home = std::get_if<OutputsHome>(&event)) {
    origin_.outputs_home(now, home->run, home->problem, out);
    result_home(now, *home, out);
  } else if (const auto* checkpoint = std::get_if<CheckpointHome>(&event)) {
    origin_.step(now, *checkpoint, out);
  } else {
    std::visit(
        [&](const auto& content) {
          if constexpr (requires { host_.step(now, content, out); }) host_.step(now, content, out);
        },
        event);
  }
  settle(now, out);
}

// Files that came from a peer tell how fast its link is.
void Controller::measure(Now now, const StagingEvent& event) {
  const auto take = [&](const RunKey& run) {
    const auto since = fetching_.extract(run);
    return since ? now.instant - since.mapped() : Duration{0};
  };
  if (const auto* ready = std::get_if<InputsReady>(&event)) {
    const auto* run = host_.find(ready->run);
    const auto elapsed = take(ready->run);
    if (run) measured(run->record.origin, run->record.request->bundle_bytes, elapsed);
  }
  if (const auto* home = std::get_if<OutputsHome>(&event)) {
    const auto* job = origin_.find(home->run.job);
    const auto* ended = job ? std::get_if<Ended>(&job->record.state) : nullptr;
    const auto elapsed = take(home->run);
    if (ended) measured(ended->host, ended->outcome->output_bytes, elapsed);
  }
  if (const auto* failed = std::get_if<InputsFailed>(&event)) take(failed->run);
}

void Controller::hear_membership(Now now, Effects& out) {
  const auto events = membership_.take_events();
  for (const auto& event : events) {
    std::visit([&](const auto& content) { heard(now, content, out); }, event);
    if (std::holds_alternative<MemberChanged>(event)) copier_.set_live(now, members_to_count_on(), origin_);
  }
}

void Controller::heard(Now now, const MemberChanged& event, Effects& out) {
  // A site that went politely is given nothing new either; what it runs, it runs on.
  if (event.state != MemberState::alive) origin_.host_suspect(now, event.site, out);
  if (event.state == MemberState::alive) {
    origin_.host_reachable(now, event.site);
    market_.picture_improved(now.instant);
  }
  out.events.push_back({.kind = "site_" + std::string(to_word(event.state)), .at = now.wall, .site = event.site});
}

void Controller::heard(Now now, const RecordLearned& event, Effects& out) {
  const auto& record = membership_.find(event.site)->record.value;
  capacity_.learn(record);
  keep_address(now, event.site, out);
  if (event.store_changed) {
    copier_.store_lost(event.site);
    copier_.set_live(now, members_to_count_on(), origin_);
  }
  if (stores_.recorded(event.site, record.store, out)) store_believed(now, event.site, record.store, out);
}

// Also when it did not change in this daemon's life: it may have while this daemon was away.
void Controller::store_believed(Now now, const SiteName& site, const StoreId& store, Effects& out) {
  origin_.host_store_changed(now, site, store, out);
  host_.origin_store_changed(now, site, store, out);
}

void Controller::heard(Now now, const DigestLearned& event, Effects&) {
  const auto* member = membership_.find(event.site);
  if (member && member->digest && capacity_.learn(now.instant, member->digest->value)) {
    market_.picture_improved(now.instant);
  }
}

void Controller::heard(Now, const IsolationChanged&, Effects&) {}

void Controller::heard(Now, const PeerMisbehaved& event, Effects& out) {
  out.cut_off.push_back(event.site);
}

}  // namespace hansa
