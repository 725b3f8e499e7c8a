// Host: leases of rerun jobs.
//
// A lease counts from the moment the request left whose number its grant carries, never from the grant's arrival: so
// it ends here before it ends at the origin, however long the grant travelled. The run's own wrapper holds the
// deadline, with this daemon up or down.
#include <utility>

#include "protocol/handoff/host.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {

bool Host::lease_allows_start(const Run& run, Instant now) const {
  if (!leased(run) || run.record.origin == self_) return true;
  return now + options_.stop_time < run.record.lease_until;
}

void Host::grant(Now now, Run& run, Instant left, Effects& out) {
  const auto from = rule(Rule::lease_counts_from_request) ? left : now.instant;
  const auto until = from + run.record.request->lease;
  const bool first = run.record.lease_until == end_of_time || *run.record.lease_boot != boot_;
  if (!first && until <= run.record.lease_until) return;
  run.record.lease_until = until;
  run.record.lease_boot = boot_;
  if (run.start_issued || run.record.state == RunState::started) {
    out.backend.emplace_back(ExtendLease{.run = run.record.key, .lease_until = until});
  }
  renewals_.set_sooner(run.record.origin, now.instant + run.record.request->lease / options_.renewals_per_lease);
}

void Host::renew(Now now, const SiteName& origin, Effects& out) {
  if (origin == self_) return;
  Renew message;
  const auto send = [&] {
    message.number = number(origin, now.instant);
    out.send.push_back({origin, std::exchange(message, {})});
  };
  auto every = forever;
  for (const auto& [key, run] : runs_) {
    const bool alive = run.record.state == RunState::confirmed || run.record.state == RunState::started;
    if (!alive || !leased(run) || run.record.origin != origin) continue;
    every = std::min(every, Duration(run.record.request->lease / options_.renewals_per_lease));
    if (!run.looked) continue;
    message.runs.push_back(key);
    constexpr std::size_t runs_max = 16'384;  // well within a frame
    if (message.runs.size() == runs_max) send();
  }
  if (!message.runs.empty()) send();
  if (every != forever) renewals_.set(origin, now.instant + every);
}

void Host::step(Now now, const SiteName& from, const Renewed& message, Effects& out) {
  if (message.number.daemon != daemon_) return;
  const auto sent = grants_.find(message.number.count);
  if (sent == grants_.end() || sent->second.origin != from) return;
  const auto left = sent->second.left;
  grants_.erase(sent);
  for (const auto& key : message.runs) {
    auto* run = find_of(from, key);
    if (!run || !leased(*run) || run->record.stopping) continue;
    if (run->record.state != RunState::confirmed && run->record.state != RunState::started) continue;
    grant(now, *run, left, out);
    save(*run, out);
    arm(now, *run);
  }
}

}  // namespace hansa
