// Controller: where jobs go. Home when home starts it now and nothing speaks against it; else the market decides.
#include "protocol/controller/controller.hpp"

namespace hansa {

void Controller::job_changed(Now now, const JobId& id, Effects& out) {
  if (origin_.is_placeable(id)) place(now, id, out);
  answer_waiters(now, id, out);
}

bool Controller::fits_home(const JobRequest& request) const {
  if (!labels_meet(options_.labels, request.resources.labels)) return false;
  for (const auto& pool : parts_.planner->pools()) {
    if (shape_in(pool, request.resources)) return true;
  }
  return false;
}

void Controller::place(Now now, const JobId& id, Effects& out) {
  const auto& request = origin_.find(id)->record.request;
  if (!fits_home(*request)) {
    origin_.set_reason(id, "NoSiteFits");
    return;
  }
  go_home(now, id, out);
}

// Into the own queue: Delegated(self) and its run's record in one commit.
void Controller::go_home(Now now, const JobId& id, Effects& out) {
  // Something of an earlier run may still be alive here: it is stopped first, and then this is looked at again.
  if (host_.has_business_with(id)) return;
  const auto request = origin_.find(id)->record.request;
  if (const auto run = origin_.delegate_to_self(now, id, out)) host_.take_own(now, *run, request, out);
}

std::optional<Error> Controller::refuse_unfit(Now, const JobRequest& request) const {
  if (fits_home(request)) return std::nullopt;
  return refusal("no site fits this job (" + describe(request.resources) + ")");
}

void Controller::on(Now, const SiteName& from, const CallForBids& m, Effects& out) {
  out.send.push_back({from, Decline{.call = m.call, .reason = DeclineReason::policy}});
}
void Controller::on(Now, const SiteName&, const Bid&, Effects&) {}
void Controller::on(Now, const SiteName&, const Decline&, Effects&) {}
void Controller::ask(Now, Ticket ticket, const Caller&, const QuoteJob&, Effects& out) {
  out.replies.push_back({ticket, ApiReply{ApiAnswer{Quote{}}}});
}

}  // namespace hansa
