// Controller: what the operator's policy says, asked where it matters: before a bid, before a call leaves, before an
// own user's job is taken in.
//
// A site without a policy pays nothing for it. What is told of a decline is the rule and its sentence, so that the
// other side's users can read them (hansa why).
#include <algorithm>

#include "protocol/controller/controller.hpp"

namespace hansa {
namespace {

AuditNote guest_note(const SiteName& origin, const JobRequest& request, const GuestTerms& terms) {
  return {.act = "bid",
          .actor = request.user + "@" + origin.value,
          .subject = describe(request.resources),
          .allowed = terms.accepted,
          .text = terms.text,
          .repeats = true};
}

}  // namespace

// Bids were made under the older one: whoever awards them now is refused, and asks again.
void Controller::set_policy(Now now, std::shared_ptr<const Policy> policy, Effects& out) {
  const Tally::Watch watch(tally_, out);
  policy_ = std::move(policy);
  host_.bidder().expire(end_of_time);
  count_under_policy(now);
  membership_.set_own_record(own_record());
  look_at_all_again();
  settle(now, out);
}

// What is counted only under a policy is counted anew under another.
void Controller::count_under_policy(Now now) {
  user_use_.clear();
  guests_ = {};
  if (!policy_) return;
  for (const auto& [id, job] : origin_.jobs()) count_for_user(id, &job);
  for (const auto& [key, run] : host_.runs()) {
    if (Host::waits(run) && run.record.origin != options_.site) parts_.planner->put(entry_for(now, run));
    if (Host::occupies(run)) count_guest(run);
  }
}

std::string Controller::region_of(const SiteName& site) const {
  if (site == options_.site) return options_.region;
  const auto* member = membership_.find(site);
  return member ? member->record.value.region : std::string();
}

GuestRuling Controller::ruling_on(Now now, const SiteName& origin, const JobRequest& request, const Pool& pool,
                                  std::uint64_t units) const {
  const auto region = region_of(origin);
  return policy_->on_guest({.origin = origin,
                            .region = region,
                            .request = request,
                            .pool = pool,
                            .units = units,
                            .at = now.wall,
                            .units_of_guests = guests_.of_pool(pool.name),
                            .units_of_origin = guests_.of_origin(pool.name, origin)});
}

GuestTerms Controller::terms_for(Now now, const SiteName& origin, const JobRequest& request) const {
  GuestTerms terms;
  if (!policy_) return terms;
  terms.accepted = false;
  for (const auto& pool : parts_.planner->pools()) {
    const auto shape = shape_in(pool, request.resources);
    if (!shape) continue;
    const auto ruling = ruling_on(now, origin, request, pool, shape->units(pool));
    const bool first = !terms.accepted && (ruling.accepted || terms.text.empty());
    if (first) {
      terms.rule = ruling.rule;
      terms.text = ruling.text;
    }
    if (ruling.accepted) terms.pools.push_back(pool.name);
    terms.accepted = !terms.pools.empty();
  }
  return terms;
}

void Controller::note_terms(const SiteName& origin, const JobRequest& request, const GuestTerms& terms,
                            Effects& out) const {
  if (policy_) out.audit.push_back(guest_note(origin, request, terms));
}

// Its bid is for this pool, and its run will stay there.
void Controller::offer_to_guest(const BidId& bid, const SiteName& origin, const Estimate& estimate) {
  if (!policy_) return;
  guests_.offer(bid, {.origin = origin, .pool = estimate.pool, .units = units_in(estimate.pool, estimate.shape)});
}

std::uint64_t Controller::units_in(const std::string& pool_name, const Shape& shape) const {
  const auto& pools = parts_.planner->pools();
  const auto pool = std::find_if(pools.begin(), pools.end(), [&](const Pool& p) { return p.name == pool_name; });
  return pool == pools.end() ? 0 : shape.units(*pool);
}

// The pool that a guest's run was promised; after a restart, or under another policy, those that it may have now.
PoolNames Controller::pools_of_guest(Now now, const Host::Run& run) {
  const auto& key = run.record.key;
  if (!policy_ || run.record.origin == options_.site) return {};
  if (const auto* part = guests_.find(key)) return {part->pool};
  auto terms = terms_for(now, run.record.origin, *run.record.request);
  // Taken in is taken in: what policy says now is for those who ask now.
  const auto& pools = parts_.planner->pools();
  for (const auto& pool : pools) {
    const auto shape = shape_in(pool, run.record.request->resources);
    const bool wanted =
        terms.pools.empty() || std::find(terms.pools.begin(), terms.pools.end(), pool.name) != terms.pools.end();
    if (!shape || !wanted) continue;
    guests_.put(key, {.origin = run.record.origin, .pool = pool.name, .units = shape->units(pool)});
    return {pool.name};
  }
  return {};
}

void Controller::count_guest(const Host::Run& run) {
  if (!policy_ || run.record.origin == options_.site) return;
  const auto& allocation = *run.record.allocation;
  if (allocation.pool.empty()) return;
  const Shape shape{static_cast<std::uint32_t>(allocation.nodes.size()), allocation.per_node};
  guests_.put(run.record.key,
              {.origin = run.record.origin, .pool = allocation.pool, .units = units_in(allocation.pool, shape)});
}

void Controller::note_award(const SiteName& from, const AwardTask& task, Effects& out) const {
  if (!policy_) return;
  const auto* run = host_.find(task.run);
  out.audit.push_back({.act = "award",
                       .actor = task.request->user + "@" + from.value,
                       .subject = format_job(from, task.run.job),
                       .allowed = run != nullptr,
                       .text = run ? "taken in as promised" : "refused: no bid of this site's stands for it",
                       .repeats = run == nullptr});
}

// MarketView: whether a job may leave for there.
std::optional<std::string> Controller::why_not_sent(const JobRequest& request, const SiteName& site) const {
  if (!policy_) return std::nullopt;
  const auto region = region_of(site);
  const auto ruling = policy_->on_send({.request = request, .site = site, .region = region});
  if (ruling.allowed) return std::nullopt;
  return "this site's policy keeps it here: " + ruling.rule + ": " + ruling.text;
}

// "Policy(taihu:night)": the first of those that declined by their rules, when nothing but rules stands in the way.
std::string Controller::policy_word(const Explanation& explanation) {
  constexpr std::string_view declined = "policy: ";
  std::string word;
  for (const auto& site : explanation.sites) {
    if (site.part != Part::declined) continue;
    if (!site.reason.starts_with(declined)) return {};
    const auto rule = site.reason.substr(declined.size());
    if (word.empty()) word = "Policy(" + site.site.value + ":" + rule.substr(0, rule.find(':')) + ")";
  }
  return word;
}

// --- What this site's own users may have ----------------------------------------------------------------------------

namespace {

std::uint64_t jobs_in(const ArraySpec& array) {
  return std::max<std::uint64_t>(1, array.tasks.size());
}

std::uint64_t accelerators_of(const ResourceRequest& resources) {
  return std::uint64_t{resources.nodes} * resources.per_node.accelerators;
}

}  // namespace

// `job` null: it is gone.
void Controller::count_for_user(const JobId& id, const Origin::Job* job) {
  if (!policy_) return;
  const bool active = job && !std::holds_alternative<Ended>(job->record.state);
  if (!active) return user_use_.erase(id);
  const auto jobs = jobs_in(*job->record.array);
  user_use_.put(id, {.user = job->record.request->user,
                     .jobs = jobs,
                     .accelerators = jobs * accelerators_of(job->record.request->resources)});
}

std::optional<Error> Controller::refuse_by_limits(Now now, const Caller& caller, const SubmitJobs& call) {
  if (!policy_ || caller.is_operator) return std::nullopt;
  const auto limits = policy_->limits_of(caller.user);
  if (!limits.any()) return std::nullopt;
  UserUse::Amount more;
  for (const auto& submission : call.jobs) {
    if (origin_.submitted_before(submission)) continue;
    const auto jobs = jobs_in(submission.array);
    more.jobs += jobs;
    more.accelerators += jobs * accelerators_of(submission.request->resources);
  }
  if (more.jobs == 0) return std::nullopt;
  return user_use_.refuse(now.instant, caller.user, more, limits);
}

// --- hansa policy test ----------------------------------------------------------------------------------------------

void Controller::ask(Now now, Ticket ticket, const Caller&, const TestPolicy& call, Effects& out) {
  const Policy open;
  const Policy& policy = call.draft ? *call.draft : policy_ ? *policy_ : open;
  const Now at{.instant = now.instant, .wall = call.at.known() ? call.at : now.wall};
  PolicyAnswer answer;
  if (call.origin == options_.site) {
    answer.lines = sending_lines(policy, *call.request);
  } else {
    answer.lines = guest_lines(policy, at, call);
    answer.account = policy.account_of(call.origin, call.request->user);
  }
  answer.accepted =
      std::any_of(answer.lines.begin(), answer.lines.end(), [](const PolicyLine& line) { return line.accepted; });
  out.replies.push_back({ticket, ApiReply{ApiAnswer{std::move(answer)}}});
}

std::vector<PolicyLine> Controller::guest_lines(const Policy& policy, Now at, const TestPolicy& call) const {
  std::vector<PolicyLine> lines;
  const auto region = call.region.empty() ? region_of(call.origin) : call.region;
  for (const auto& pool : parts_.planner->pools()) {
    const auto shape = shape_in(pool, call.request->resources);
    if (!shape) {
      lines.push_back({.place = pool.name, .text = "the job does not fit into this pool"});
      continue;
    }
    const auto units = shape->units(pool);
    const auto ruling = policy.on_guest({.origin = call.origin,
                                         .region = region,
                                         .request = *call.request,
                                         .pool = pool,
                                         .units = units,
                                         .at = at.wall,
                                         .units_of_guests = guests_.of_pool(pool.name),
                                         .units_of_origin = guests_.of_origin(pool.name, call.origin)});
    lines.push_back({.place = pool.name,
                     .accepted = ruling.accepted,
                     .rule = ruling.rule,
                     .text = ruling.text,
                     .price_per_hour = static_cast<double>(units) * ruling.price_per_unit_hour,
                     .units = units,
                     .units_of_guests = guests_.of_pool(pool.name)});
  }
  return lines;
}

std::vector<PolicyLine> Controller::sending_lines(const Policy& policy, const JobRequest& request) const {
  std::vector<PolicyLine> lines;
  for (const auto& [name, site] : capacity_.sites()) {
    const auto ruling = policy.on_send({.request = request, .site = name, .region = site.record.region});
    lines.push_back({.place = name.value, .accepted = ruling.allowed, .rule = ruling.rule, .text = ruling.text});
  }
  return lines;
}

}  // namespace hansa
