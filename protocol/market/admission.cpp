#include "protocol/market/admission.hpp"

#include <algorithm>

#include "hansa/types/datasets.hpp"

namespace hansa {
namespace {

bool contains(const std::vector<SiteName>& sites, const SiteName& site) {
  return std::find(sites.begin(), sites.end(), site) != sites.end();
}

std::string in_ms(Duration duration) {
  const auto tenths = (duration.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

std::optional<std::string> too_far(Duration within, const SiteFacts& facts) {
  if (within <= Duration{0} || facts.is_self) return std::nullopt;
  if (facts.rtt <= Duration{0})
    return "its round trip is not measured yet, and the job wants one within " + in_ms(within);
  if (facts.rtt <= within) return std::nullopt;
  return "its round trip is " + in_ms(facts.rtt) + ", and the job wants one within " + in_ms(within);
}

std::string missing_label(const SiteFacts& facts, const std::vector<std::string>& wanted) {
  for (const auto& label : wanted) {
    if (!labels_meet(facts.labels, {label})) return label;
  }
  return {};
}

}  // namespace

std::optional<std::string> why_not(const JobRequest& request, const SiteFacts& facts) {
  const auto& wishes = request.wishes;
  if (contains(wishes.excluded, facts.site)) return "excluded by the job";
  if (!wishes.sites.empty() && !contains(wishes.sites, facts.site)) return "not among the sites that the job names";
  if (!wishes.region.empty() && !within_region(facts.region, wishes.region)) {
    return "lies in " + (facts.region.empty() ? "no region" : facts.region) + ", not within " + wishes.region;
  }
  if (auto reason = too_far(wishes.within, facts)) return reason;
  const auto& resources = request.resources;
  if (!labels_meet(facts.labels, resources.labels)) return "lacks the label " + missing_label(facts, resources.labels);
  if (const auto dataset = missing_dataset(facts.datasets, wishes); !dataset.empty())
    return "does not hold the data set " + dataset;
  const bool fits = std::any_of(facts.pools.begin(), facts.pools.end(),
                                [&](const Pool& pool) { return shape_in(pool, resources).has_value(); });
  if (!fits) return "no pool there could ever hold it";
  return std::nullopt;
}

}  // namespace hansa
