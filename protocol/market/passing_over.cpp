#include "protocol/market/passing_over.hpp"

#include <algorithm>

namespace hansa {

Duration PassingOver::time_after(std::uint32_t failures) const {
  auto time = options_.pass_over_first;
  for (std::uint32_t i = 1; i < failures && time < options_.pass_over_last; ++i) time *= 2;
  return std::min(time, options_.pass_over_last);
}

void PassingOver::failed(Instant now, const JobId& job, const SiteName& site) {
  auto& of_job = jobs_[{job, site}];
  of_job.until = now + time_after(++of_job.failures);
  auto& of_site = sites_[site];
  if (++of_site.failures >= options_.failures_tolerated) {
    of_site.until = now + time_after(of_site.failures - options_.failures_tolerated + 1);
  }
}

void PassingOver::forget(const JobId& job) {
  auto first = jobs_.lower_bound({job, SiteName{}});
  while (first != jobs_.end() && first->first.first == job) first = jobs_.erase(first);
}

bool PassingOver::waits(Instant now, const SiteName& site) const {
  const auto found = waits_.find(site);
  return found != waits_.end() && now < found->second;
}

bool PassingOver::passes_over(Instant now, const SiteName& site) const {
  const auto found = sites_.find(site);
  return found != sites_.end() && now < found->second.until;
}

bool PassingOver::passes_over(Instant now, const SiteName& site, const JobId& job) const {
  if (jobs_.empty()) return false;
  const auto found = jobs_.find({job, site});
  return found != jobs_.end() && now < found->second.until;
}

}  // namespace hansa
