#include "protocol/market/promises.hpp"

#include <algorithm>

namespace hansa {

Promises::Promise* Promises::find(const JobId& job, const SiteName& site) {
  const auto found = promises_.find(job);
  return found == promises_.end() || found->second.offer.site != site ? nullptr : &found->second;
}

const SiteName* Promises::host(const JobId& job) const {
  const auto found = promises_.find(job);
  return found == promises_.end() ? nullptr : &found->second.offer.site;
}

Instant Promises::due(const Promise& promise) const {
  const auto wait = std::max(Duration{0}, promise.offer.start - promise.made);
  return promise.offer.start + wait / 4 + (promise.staging ? options_.staging_grace : options_.grace);
}

void Promises::made(Instant now, const JobId& job, const HomeOffer& offer) {
  drop(job);
  auto& promise = promises_[job];
  promise = {.offer = offer, .made = now, .counted = now};
  promise.offer.start = std::max(now, offer.start);
  timers_.set(job, due(promise));
}

void Promises::staging(const JobId& job, const SiteName& site) {
  auto* promise = find(job, site);
  if (!promise || promise->staging || promise->started || promise->overdue) return;
  promise->staging = true;
  timers_.set(job, due(*promise));
}

void Promises::started(Instant now, const JobId& job, const SiteName& site, Instant at) {
  auto* promise = find(job, site);
  if (!promise || promise->started) return;
  promise->started = true;
  timers_.clear(job);
  not_overdue(job, *promise);
  if (promise->overdue) return reputation_.later(now, site, at - promise->counted);
  if (at <= due(*promise)) return reputation_.kept(now, site);
  reputation_.broken(now, site, at - promise->offer.start);
}

void Promises::ended(Instant now, const JobId& job, const SiteName& site) {
  reputation_.kept(now, site);
  drop(job);
}

void Promises::failed(Instant now, const JobId& job, const SiteName& site, Duration lost) {
  reputation_.broken(now, site, lost);
  drop(job);
}

void Promises::broken(Instant now, const JobId& job, const SiteName& site) {
  if (const auto* promise = find(job, site)) {
    if (promise->overdue) {
      reputation_.later(now, site, now - promise->counted);
    } else {
      reputation_.broken(now, site, now - promise->made);
    }
  }
  drop(job);
}

void Promises::drop(const JobId& job) {
  const auto found = promises_.find(job);
  if (found == promises_.end()) return;
  not_overdue(job, found->second);
  promises_.erase(found);
  timers_.clear(job);
}

void Promises::not_overdue(const JobId& job, const Promise& promise) {
  const auto late = overdue_.find(promise.offer.site);
  if (late == overdue_.end()) return;
  late->second.erase({promise.offer.start, job});
  if (late->second.empty()) overdue_.erase(late);
}

// Looked at again after as long as it is late already: ever more seldom, and what it costs is told each time.
bool Promises::is_late(Instant now, const JobId& job, bool hears_of_host) {
  auto& promise = promises_.at(job);
  timers_.set(job, now + std::max(options_.grace, now - promise.offer.start));
  if (!hears_of_host) return false;
  const auto& site = promise.offer.site;
  if (promise.overdue) {
    reputation_.later(now, site, now - promise.counted);
  } else {
    reputation_.broken(now, site, now - promise.offer.start);
  }
  promise.overdue = true;
  promise.counted = now;
  overdue_[site].emplace(promise.offer.start, job);
  return true;
}

// Nobody knows when: it may last as long again as the worst has lasted.
std::optional<HomeOffer> Promises::overdue(Instant now, const JobId& job) const {
  const auto found = promises_.find(job);
  if (found == promises_.end() || !found->second.overdue || found->second.started) return std::nullopt;
  auto offer = found->second.offer;
  offer.start = now + (now - overdue_.at(offer.site).begin()->first);
  return offer;
}

}  // namespace hansa
