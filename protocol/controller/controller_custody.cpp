// Controller: lost origins. What this site hands over to their custodians, and what it gathers as one.
//
// A custodian never places what it adopted: it shows it, brings results here, and submits a new job of its own when an
// operator wants one run again. Whether anything is handed over is the word of the operator who has it.
#include "protocol/controller/controller.hpp"
#include "protocol/controller/reply.hpp"

namespace hansa {
namespace {

constexpr Duration payload_patience = std::chrono::seconds(20);

const SiteName* host_of(const JobCopy& copy) {
  const auto* ended = std::get_if<Ended>(&copy.record.state);
  if (ended) return ended->host.empty() ? nullptr : &ended->host;
  return hansa::host_of(copy.record.state);
}

}  // namespace

// --- Operators' words -----------------------------------------------------------------------------------------------

void Controller::adopt_site(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out) {
  const auto& site = call.site;
  if (site == options_.site) return reply(out, ticket, refusal("this is " + site.value + " itself"));
  if (!membership_.knows(site) && shelf_.count_of(site) == 0 && !host_.has_something_of(site)) {
    return reply(out, ticket, not_found("no site " + site.value + " is known here; hansa sites lists them"));
  }
  if (!is_absent(site)) {
    return reply(out, ticket,
                 refusal(site.value + " is alive and looks after its jobs itself; only a lost site is adopted"));
  }
  custodian_.adopt(now, site, out);
  out.events.push_back({.kind = "site_adopted", .at = now.wall, .site = site, .text = "by " + caller.user});
  reply(out, ticket, ApiAnswer{Acknowledged{}});
}

void Controller::entrust_site(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out) {
  if (!membership_.knows(call.custodian) || call.custodian == call.site) {
    return reply(out, ticket,
                 not_found("no site " + call.custodian.value + " is known here that could be a custodian"));
  }
  custodian_.entrust(call.site, call.custodian, out);
  out.events.push_back({.kind = "site_entrusted",
                        .at = now.wall,
                        .site = call.site,
                        .text = "by " + caller.user + ": what is here of its jobs goes to " + call.custodian.value +
                                " while it is absent"});
  reply(out, ticket, ApiAnswer{Acknowledged{}});
}

bool Controller::may_hand_over(const SiteName& origin, const SiteName& to) const {
  if (!is_absent(origin)) return false;
  return to == options_.site ? custodian_.has_adopted(origin) : custodian_.is_entrusted(origin, to);
}

// --- What is handed over --------------------------------------------------------------------------------------------

void Controller::on(Now now, const SiteName& from, const AskCustody& m, Effects& out) {
  CustodyReport report{.origin = m.origin,
                       .agreed = may_hand_over(m.origin, from),
                       .with_copies = m.with_copies,
                       .last_run = m.after_run,
                       .last_copy = m.after_copy};
  if (report.agreed) hand_over_runs(report);
  if (report.agreed && m.with_copies) hand_over_copies(report);
  if (!report.agreed && is_absent(m.origin) && custody_asked_.emplace(m.origin, from).second) {
    out.events.push_back({.kind = "custody_asked",
                          .at = now.wall,
                          .site = from,
                          .text = "for what is here of the jobs of " + m.origin.value + "; hansa site entrust " +
                                  m.origin.value + " " + from.value + " agrees"});
  }
  out.send_durable.push_back({from, std::move(report)});
}

void Controller::hand_over_runs(CustodyReport& report) const {
  const auto& runs = host_.runs();
  for (auto run = runs.upper_bound(report.last_run); run != runs.end(); ++run) {
    if (run->second.record.origin != report.origin) continue;
    if (report.runs.size() == custodian_.options().page_max) {
      report.more = true;
      return;
    }
    report.last_run = run->first;
    if (auto told = custody_run(run->second)) report.runs.push_back(std::move(*told));
  }
}

void Controller::hand_over_copies(CustodyReport& report) const {
  const auto& copies = shelf_.copies();
  for (auto copy = copies.upper_bound(report.last_copy); copy != copies.end(); ++copy) {
    if (copy->second.origin != report.origin) continue;
    if (report.copies.size() == custodian_.options().page_max) {
      report.more = true;
      return;
    }
    report.last_copy = copy->first;
    report.copies.push_back(copy->second.record);
  }
}

void Controller::on(Now, const SiteName& from, const AskPayload& m, Effects& out) {
  const auto* run = host_.find(m.run);
  const bool agreed = run && may_hand_over(run->record.origin, from);
  out.send_durable.push_back({from, PayloadTold{.run = m.run, .agreed = agreed, .payload = {}}});
}

// --- What is gathered -----------------------------------------------------------------------------------------------

void Controller::on(Now now, const SiteName& from, const CustodyReport& m, Effects& out) {
  if (!custodian_.has_adopted(m.origin) || !is_absent(m.origin)) return;
  custodian_.step(from, m, out);
  if (!m.agreed) return;
  for (const auto& record : m.copies) {
    if (record.id.store != store_ && !shelf_.find(record.id)) shelf_.learn(now, m.origin, record, out);
  }
  for (const auto& told : m.runs) {
    if (told.run.job.store != store_) gather(now, from, m.origin, told, out);
  }
}

void Controller::gather(Now now, const SiteName& from, const SiteName& origin, const CustodyRun& told, Effects& out) {
  const auto* known = shelf_.find(told.run.job);
  if (auto record = record_by(told, from, known ? &known->record : nullptr)) {
    shelf_.learn(now, origin, std::move(*record), out);
  } else {
    shelf_.confirm(now, told.run.job);
  }
  const auto* copy = shelf_.find(told.run.job);
  if (told.outputs_kept && copy && copy->record.epoch == told.run.epoch) pull_result(*copy, out);
}

void Controller::pull_result(const JobCopy& copy, Effects& out) {
  const auto* ended = std::get_if<Ended>(&copy.record.state);
  if (!ended || ended->outputs_home || ended->outcome->outputs.is_zero()) return;
  const RunKey run{.job = copy.record.id, .epoch = copy.record.epoch};
  if (!results_under_way_.insert(run).second) return;
  out.staging.emplace_back(PullOutputs{.run = run, .host = ended->host, .outputs = ended->outcome->outputs});
}

// The host keeps them all the same: its origin has acknowledged nothing.
void Controller::result_home(Now now, const OutputsHome& event, Effects& out) {
  if (results_under_way_.erase(event.run) == 0) return;
  const auto* copy = shelf_.find(event.run.job);
  if (!copy || copy->record.epoch != event.run.epoch) return;
  auto record = copy->record;
  auto* ended = std::get_if<Ended>(&record.state);
  if (!ended) return;
  ended->outputs_home = true;
  if (!event.problem.empty()) record.reason = event.problem;
  shelf_.learn(now, SiteName(copy->origin), std::move(record), out);
}

void Controller::tick_custody(Now now, Effects& out) {
  if (const auto due = custodian_.deadline(); due && *due <= now.instant) {
    std::set<SiteName> absent;
    for (const auto& origin : custodian_.adopted()) {
      if (is_absent(origin)) absent.insert(origin);
    }
    auto members = members_to_count_on();
    members.push_back(options_.site);
    custodian_.tick(now, absent, members, out);
  }
  for (const auto& run : payload_waits_.take_due(now.instant)) {
    for (const auto& wish : to_run_again_[run]) {
      reply(out, wish.ticket, unreachable("the host of that run does not answer; try again when it does"));
    }
    to_run_again_.erase(run);
  }
}

// --- To run one again is a new job ----------------------------------------------------------------------------------

std::optional<Error> Controller::why_not_again(const Caller& caller, const JobCopy& copy) const {
  const auto name = format_job(copy.origin, copy.record.id);
  if (!caller.is_operator) return refusal("only an operator may run an adopted job again");
  if (!is_absent(copy.origin)) return refusal(copy.origin.value + " is back and looks after its jobs; rerun it there");
  const auto lost = ", and was lost with " + copy.origin.value + "; submit the job anew";
  if (!host_of(copy)) return refusal("what " + name + " consists of was nowhere else" + lost);
  if (copy.record.request->bundle_bytes > 0) return refusal("the input of " + name + " was kept at its origin" + lost);
  return std::nullopt;
}

void Controller::run_adopted_again(Now now, Ticket ticket, const Caller& caller, const ActOnJob& call, Effects& out) {
  const auto* copy = shelf_.find(call.job);
  if (!copy) return reply(out, ticket, ask_elsewhere(call.job));
  if (auto error = why_not_again(caller, *copy)) return reply(out, ticket, std::move(*error));
  const RunKey run{.job = copy->record.id, .epoch = copy->record.epoch};
  to_run_again_[run].push_back({.ticket = ticket, .user = caller.user, .idempotency_key = call.idempotency_key});
  payload_waits_.set_sooner(run, now.instant + payload_patience);
  out.send_durable.push_back({*host_of(*copy), AskPayload{.run = run}});
}

void Controller::on(Now now, const SiteName& from, const PayloadTold& m, Effects& out) {
  const auto* copy = shelf_.find(m.run.job);
  const auto* host = copy ? host_of(*copy) : nullptr;
  if (!host || *host != from) return;
  payload_waits_.clear(m.run);
  auto wishes = to_run_again_.extract(m.run);
  if (!wishes) return;
  for (const auto& wish : wishes.mapped()) reply(out, wish.ticket, submit_adopted(now, *copy, wish, m, out));
}

ApiReply Controller::submit_adopted(Now now, const JobCopy& copy, const RunAgain& wish, const PayloadTold& told,
                                    Effects& out) {
  if (!told.agreed) {
    return refusal("its host's operator has not agreed to hand it over: hansa site entrust " + copy.origin.value + " " +
                   options_.site.value + " there");
  }
  if (told.payload->empty()) {
    return refusal("what the job consists of is not on record at its host any more; submit it anew");
  }
  Submission again{.request = copy.record.request, .payload = told.payload, .idempotency_key = wish.idempotency_key};
  auto& request = again.request.edit();
  request.user = wish.user;
  request.dependencies.clear();
  if (copy.record.id.task != JobId::no_task) again.array.tasks = {copy.record.id.task};
  if (auto error = refuse_submission(now, again)) return *error;
  auto job = origin_.submit(now, again, out);
  if (!job) return job.error();
  return ApiAnswer{Submitted{.jobs = {*job}}};
}

}  // namespace hansa
