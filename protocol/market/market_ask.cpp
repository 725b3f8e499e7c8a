// Market: whom to ask. Digests propose, hard wishes and recent failures dispose, chance spreads among equals.
#include <algorithm>

#include "hansa/types/datasets.hpp"

#include "protocol/market/admission.hpp"
#include "protocol/market/market.hpp"

namespace hansa {

Duration Market::transfer_time(const JobRequest& request, const LinkFacts& link) const {
  const auto speed = link.bytes_per_second > 0 ? link.bytes_per_second : options_.bandwidth_unknown;
  const auto moving = static_cast<double>(request.bundle_bytes) / speed;
  return link.rtt + Duration{static_cast<std::int64_t>(std::min(moving, 1e8) * 1e6)};
}

std::optional<std::string> Market::why_not_asked(Instant now, const CapacityView::Site& site, const JobRequest& request,
                                                 const JobId* sole_job) const {
  const auto& record = site.record;
  const auto link = view_.link(record.site);
  if (link.state != MemberState::alive) return "it is " + std::string(to_word(link.state));
  if (!link.connected) return "there is no connection to it";
  if (site.is_draining()) return "it is draining";
  if (auto kept = view_.why_not_sent(request, record.site)) return kept;
  if (passing_over_.waits(now, record.site)) return "it asked to be called less often";
  if (passing_over_.passes_over(now, record.site)) return "it refused or gave back jobs lately";
  if (sole_job != nullptr && passing_over_.passes_over(now, record.site, *sole_job)) {
    return "it refused or gave back this job lately";
  }
  return why_not(request, {.site = record.site,
                           .region = record.region,
                           .labels = record.labels,
                           .pools = record.pools,
                           .rtt = link.rtt,
                           .datasets = record.datasets});
}

void Market::leave_out(Survey& survey, ExplainedSite site) const {
  if (survey.not_asked.size() >= options_.explained_sites_max) {
    ++survey.left_out;
  } else {
    survey.not_asked.push_back(std::move(site));
  }
}

Market::Survey Market::survey(Instant now, const JobRequest& request, const std::optional<HomeOffer>& home,
                              const JobId* sole_job) const {
  Survey survey;
  if (view_.isolated()) return survey;
  for (const auto& [name, site] : capacity_.sites()) {
    if (name == self_) continue;
    if (home && home->site == name) {
      leave_out(survey, {.site = name, .reason = "the job waits there, for longer than it promised"});
      continue;
    }
    if (auto reason = why_not_asked(now, site, request, sole_job)) {
      leave_out(survey, {.site = name, .reason = std::move(*reason)});
      continue;
    }
    const auto link = view_.link(name);
    const auto delay = view_.expected_delay(name, now);
    for (auto& outlook : capacity_.outlooks(site, request, now)) {
      Option option{.site = name,
                    .start = outlook.start,
                    .transfer = transfer_time(request, link),
                    .tflops = outlook.tflops,
                    .price_per_hour = outlook.price_per_hour,
                    .preference = outlook.preference,
                    .rtt = link.rtt,
                    .region = site.record.region,
                    .expected_delay = delay};
      const auto data_steps = dataset_steps(site.record.datasets, request.wishes);
      survey.candidates.push_back({std::move(option), std::move(outlook), {}, 0, data_steps});
    }
  }
  score_candidates(request, home, survey);
  return survey;
}

// The best pool of each site; speeds against home's, or against the slowest when home has none to compare with.
void Market::score_candidates(const JobRequest& request, const std::optional<HomeOffer>& home, Survey& survey) const {
  auto& reference = survey.reference_tflops;
  if (home) reference = home->tflops;
  const bool from_home = reference > 0;
  for (const auto& candidate : survey.candidates) {
    const auto tflops = candidate.outlook.tflops;
    if (!from_home && tflops > 0 && (reference <= 0 || tflops < reference)) reference = tflops;
  }
  std::vector<Candidate> best;
  for (auto& candidate : survey.candidates) {
    candidate.option.reference_tflops = reference;
    candidate.card = score_.card(candidate.option, request);
    candidate.total = candidate.card.total();
    if (best.empty() || best.back().option.site != candidate.option.site) {
      best.push_back(std::move(candidate));
    } else if (candidate.total < best.back().total) {
      best.back() = std::move(candidate);
    }
  }
  survey.candidates = std::move(best);
}

// Of those worth asking the `count` best, with chance among near ties.
void Market::keep_best(Survey& survey, std::size_t count, double total_max) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < survey.candidates.size(); ++i) {
    order.emplace_back(survey.candidates[i].total + rng_.unit() * seconds(options_.near_tie), i);
  }
  std::sort(order.begin(), order.end());
  std::vector<Candidate> kept;
  for (const auto& [total, index] : order) {
    auto& candidate = survey.candidates[index];
    ExplainedSite line{.site = candidate.option.site};
    if (candidate.total >= total_max) {
      line.reason = "by what it tells of itself it would not be better than here";
    } else if (kept.size() >= count) {
      line.reason = "others looked better";
    } else {
      kept.push_back(std::move(candidate));
      continue;
    }
    leave_out(survey, std::move(line));
  }
  survey.candidates = std::move(kept);
}

Call& Market::open_call(Now now, Call call, Survey survey, Effects& out) {
  last_call_ = last_call_.next();
  call.id = last_call_;
  const auto count = static_cast<std::uint32_t>(std::max<std::size_t>(1, call.jobs.size()));
  auto patience = options_.answer_by;
  for (const auto& candidate : survey.candidates) patience = std::max(patience, 3 * candidate.option.rtt);
  for (const auto& candidate : survey.candidates) {
    call.asked.push_back(ask(candidate, call.quote ? 0 : count));
    out.send.push_back({candidate.option.site, CallForBids{.call = call.id,
                                                           .request = call.request,
                                                           .count = count,
                                                           .answer_by = patience - candidate.option.rtt,
                                                           .hold = !call.quote}});
  }
  call.not_asked = std::move(survey.not_asked);
  call.left_out = survey.left_out;
  call.deadline = now.instant + patience;
  calls_by_end_.emplace(call.deadline, call.id);
  return calls_[call.id] = std::move(call);
}

// What is asked for counts as taken until the answer.
AskedSite Market::ask(const Candidate& candidate, std::uint64_t count) {
  const auto& outlook = candidate.outlook;
  const auto& option = candidate.option;
  const auto units = outlook.units * std::min(outlook.at_once, count);
  capacity_.take(option.site, outlook.pool, units);
  return {.site = option.site,
          .transfer = option.transfer,
          .rtt = option.rtt,
          .region = option.region,
          .expected_delay = option.expected_delay,
          .data_steps = candidate.data_steps,
          .expected_pool = outlook.pool,
          .expected_units = units,
          .units_each = outlook.units};
}

}  // namespace hansa
