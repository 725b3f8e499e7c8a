// Controller: a human's word on what has ended or is held for dead. Jobs that are run again, sites that are forgotten.
#include "protocol/controller/controller.hpp"
#include "protocol/controller/reply.hpp"

namespace hansa {
namespace {

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

// What has ended stays so: to run it again is a new job, of the same user and with the same wishes.
void Controller::submit_again(Now now, Ticket ticket, const JobId& id, const ActOnJob& call, Effects& out) {
  const auto name = format_job(options_.site, id);
  if (call.payload->empty()) {
    return reply(out, ticket, refusal("the script of " + name + " is not on record any more; submit it anew"));
  }
  const auto again = origin_.submission_again(id, call.payload, call.idempotency_key);
  if (again.array.empty() && again.array.parallel_max > 0) {
    return reply(out, ticket, refusal("no task of " + name + " had begun when it was cancelled; submit it anew"));
  }
  if (auto error = refuse_submission(now, again)) return reply(out, ticket, std::move(*error));
  const auto job = origin_.submit(now, again, out);
  if (!job) return reply(out, ticket, job.error());
  reply(out, ticket, ApiAnswer{Submitted{.jobs = {*job}}});
}

std::optional<Error> Controller::why_not_forget(const ActOnSite& call) const {
  const auto& site = call.site;
  if (site == options_.site) return refusal("this is " + site.value + " itself; ask another site to forget it");
  const auto* member = membership_.find(site);
  const bool shares = origin_.has_something_at(site) || host_.has_something_of(site);
  if (!member && !membership_.knows(site) && !shares) {
    return not_found("no site " + site.value + " is known here; hansa sites lists them");
  }
  const bool alive = member && member->state == MemberState::alive && !membership_.isolated();
  if (!alive || call.even_if_alive) return std::nullopt;
  return refusal(site.value +
                 " is alive: what runs there would run twice. hansa cancel or hansa rerun reaches its jobs; to forget "
                 "it all the same, add --even-if-alive");
}

void Controller::forget_site(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out) {
  if (auto error = why_not_forget(call)) return reply(out, ticket, std::move(*error));
  const auto comeback = membership_.knows(call.site) ? Comeback::possible : Comeback::excluded;
  auto forgotten = origin_.forget(now, call.site, comeback, out);
  forgotten.runs_let_go = host_.forget(now, call.site, out);
  out.events.push_back({.kind = "site_forgotten",
                        .at = now.wall,
                        .site = call.site,
                        .text = "by " + caller.user + ": " +
                                counted(forgotten.jobs_given_up, "job was given up, ", "jobs were given up, ") +
                                std::to_string(forgotten.runs_perhaps_alive) + " of them perhaps alive there; " +
                                counted(forgotten.runs_let_go, "run here let go", "runs here let go")});
  reply(out, ticket, ApiAnswer{forgotten});
}

}  // namespace hansa
