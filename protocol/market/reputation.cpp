#include "protocol/market/reputation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hansa {
namespace {

double sane(double count) {
  constexpr double count_max = 1e9;
  return std::isfinite(count) && count > 0 ? std::min(count, count_max) : 0;
}

}  // namespace

PromiseCounts Reputation::faded(const Record& record, Instant now) const {
  const auto age = std::max(0.0, seconds(now - record.as_of));
  const auto left = std::exp2(-age / seconds(options_.half_life));
  const auto& counts = record.counts;
  return {.kept = counts.kept * left, .broken = counts.broken * left, .lost_seconds = counts.lost_seconds * left};
}

Reputation::Record& Reputation::touch(Instant now, const SiteName& site) {
  auto& record = sites_[site];
  record.counts = faded(record, now);
  record.as_of = now;
  record.changed = true;
  return record;
}

void Reputation::kept(Instant now, const SiteName& site) {
  touch(now, site).counts.kept += 1;
}

void Reputation::broken(Instant now, const SiteName& site, Duration lost) {
  auto& counts = touch(now, site).counts;
  counts.broken += 1;
  counts.lost_seconds += seconds(std::clamp(lost, options_.lost_min, options_.lost_max));
}

void Reputation::later(Instant now, const SiteName& site, Duration lost) {
  touch(now, site).counts.lost_seconds += seconds(std::clamp(lost, Duration{0}, options_.lost_max));
}

// No promise costs more than the most that one may: a site that broke all it made is as bad as it gets.
Duration Reputation::expected_delay(Instant now, const SiteName& site) const {
  const auto held = counts(now, site);
  const auto mean = held.lost_seconds / (options_.kept_before + held.kept);
  return Duration{static_cast<std::int64_t>(std::min(mean, seconds(options_.lost_max)) * 1e6)};
}

PromiseCounts Reputation::counts(Instant now, const SiteName& site) const {
  const auto found = sites_.find(site);
  return found == sites_.end() ? PromiseCounts{} : faded(found->second, now);
}

void Reputation::restore(Instant now, const SiteName& site, const PromiseCounts& counts, Duration age) {
  auto& record = sites_[site];
  record.counts = {.kept = sane(counts.kept), .broken = sane(counts.broken), .lost_seconds = sane(counts.lost_seconds)};
  record.as_of = now - std::clamp(age, Duration{0}, 64 * options_.half_life);
}

std::vector<SiteName> Reputation::take_changed() {
  std::vector<SiteName> names;
  for (auto& [site, record] : sites_) {
    if (std::exchange(record.changed, false)) names.push_back(site);
  }
  return names;
}

}  // namespace hansa
