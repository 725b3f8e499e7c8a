// The frame of the machine: its life, its timers, and what every message goes through first.
#include "protocol/membership/membership.hpp"

#include <algorithm>

namespace hansa {

Membership::Membership(SiteName self, const MembershipOptions& options, const Signatures& signatures, Rng rng,
                       Incarnation first)
    : options_(options),
      self_(std::move(self)),
      signatures_(signatures),
      rng_(rng),
      view_(signatures, options.members_max),
      own_(signatures, first),
      queue_(options),
      health_(options.local_health_max),
      isolation_(options.isolated_after),
      relays_(options.relays_max),
      sequence_(rng_.next() >> 1),  // an answer to an earlier daemon's probe matches none of this one's
      search_every_(options.period) {}

void Membership::set_known(const Now& now, std::vector<KnownSite> sites, Effects& out) {
  std::erase_if(sites, [&](const KnownSite& known) { return known.site == self_; });
  for (const auto& site : view_.set_known(sites)) {
    suspicions_.erase(site);
    queue_.forget_site(site);
    bad_signatures_.erase(site);
    push_pulls_asked_.erase(site);
    push_pulls_answered_.erase(site);
    announce(site, MemberState::left);
  }
  if (!view_.has_peers() && isolation_.isolated()) {
    isolation_.clear();
    events_.emplace_back(IsolationChanged{false});
  }
  if (running_ && !view_.unmet().empty())
    exchange_views(now.instant, out);  // whoever is new there is looked for at once
}

void Membership::set_own_record(SiteRecord record) {
  own_.set_record(std::move(record));
  if (own_.spoken()) tell_own_record();
}

void Membership::publish(CapacityDigest digest) {
  own_.set_digest(std::move(digest));
  if (own_.spoken()) tell_own_digest();
}

void Membership::start(const Now& now, Effects& out) {
  running_ = true;
  // Sites that start together, as after a power cut, must not probe in step for ever.
  next_probe_at_ =
      now.instant +
      Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>(options_.period.count()))));
  next_gossip_at_ = now.instant;
  next_push_pull_at_ = now.instant + options_.gossip_every;
  next_reconnect_at_ = now.instant + options_.reconnect_every;
  isolation_.start(now.instant);
  persist_incarnation(own_.incarnation(), out);
}

void Membership::leave(const Now& now, Effects& out) {
  if (!running_) return;
  running_ = false;
  if (!own_.spoken()) return;
  const GossipPush goodbye{.gossip = {.updates = {{self_, own_.incarnation(), MemberState::left, self_}}}};
  // To everybody: from others it is only hearsay.
  for (const auto& [peer, member] : view_.members()) {
    if (member.reachable()) out.send.push_back({peer, goodbye});
  }
  static_cast<void>(now);
}

bool Membership::admit(const Now& now, const SiteName& from, Effects& out) {
  if (!running_) return false;
  if (!view_.knows(from)) {
    ++counters_.strangers_total;
    return false;
  }
  notice_pause(now.instant);
  if (isolation_.heard(now.instant)) {
    events_.emplace_back(IsolationChanged{false});
    ask_push_pull(now.instant, from, out);  // to learn what went on without us
  }
  if (auto* member = view_.find(from)) member->heard_at = now.instant;
  return true;
}

// The probe's timer is the heartbeat: if it is served late, this site was stopped, or too busy to read its mail. What
// waited unread in that time must not be taken for silence.
void Membership::notice_pause(Instant now) {
  const auto late = now - probe_due();
  if (late <= options_.late_after) return;
  ++counters_.pauses_total;
  health_.worse();
  postpone_everything(late);
  if (!probe_ || probe_->answered || std::exchange(probe_->granted_grace, true)) return;
  probe_->postpone(options_.probe_timeout);
}

void Membership::postpone_everything(Duration by) {
  if (probe_) probe_->postpone(by);
  for (auto& [site, suspicion] : suspicions_) suspicion.postpone(by);
  isolation_.postpone(by);
  relays_.postpone(by);
  for (auto* timer : {&next_probe_at_, &next_push_pull_at_, &next_reconnect_at_}) *timer += by;
}

void Membership::tick(const Now& now, Effects& out) {
  if (!running_) return;
  notice_pause(now.instant);
  answer_late_accusation(now, out);
  continue_probe(now.instant, out);
  nack_silent_relays(now.instant, out);
  check_isolation(now.instant);
  expire_suspicions(now.instant);
  if (now.instant >= next_gossip_at_) push_gossip(now.instant, out);
  if (now.instant >= next_push_pull_at_) exchange_views(now.instant, out);
  if (now.instant >= next_reconnect_at_) probe_a_failed_member(now.instant, out);
}

std::optional<Instant> Membership::deadline() const {
  if (!running_) return std::nullopt;
  auto earliest = std::min({probe_due(), next_push_pull_at_, next_reconnect_at_});
  const auto consider = [&](std::optional<Instant> instant) {
    if (instant) earliest = std::min(earliest, *instant);
  };
  if (!queue_.empty() && view_.reachable() > 0) consider(next_gossip_at_);
  if (accusation_) consider(raised_at_ + options_.refute_every);
  if (view_.has_peers()) consider(isolation_.deadline());
  consider(relays_.deadline());
  for (const auto& [site, suspicion] : suspicions_) consider(suspicion.deadline());
  return earliest;
}

void Membership::push_gossip(Instant now, Effects& out) {
  next_gossip_at_ = now + options_.gossip_every;
  if (queue_.empty()) return;
  const auto reachable = [](const Member& member) { return member.reachable(); };
  std::size_t pushed = 0;
  for (const auto& peer : view_.pick(options_.gossip_fanout, rng_, reachable)) {
    auto gossip = gossip_for(peer, Oversize::alone);
    if (gossip.empty()) continue;
    out.send.push_back({peer, GossipPush{std::move(gossip)}});
    ++pushed;
  }
  // What is left can't be told to these few; it rides on probes and answers.
  if (pushed == 0) next_gossip_at_ = now + options_.period;
}

void Membership::check_isolation(Instant now) {
  if (!isolation_.check(now, view_.has_peers())) return;
  events_.emplace_back(IsolationChanged{true});
  drop_suspicions(now);
}

void Membership::announce(const SiteName& site, MemberState state, bool is_new) {
  events_.emplace_back(MemberChanged{site, state, is_new});
}

}  // namespace hansa
