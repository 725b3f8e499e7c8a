// The states of a member, and nobody else's business to change them:
//
//   alive ──accused──► suspect ──nobody refutes──► failed         alive, suspect, failed ──goodbye──► left
//     ▲                   │                          │                                               │
//     └───────────────────┴── a record under a higher incarnation (gossip_intake.cpp) ──┴────────────┘
#include "protocol/membership/membership.hpp"

namespace hansa {

void Membership::suspect(Instant now, Member& member, const SiteName& accuser, const SiteName& heard_from) {
  const auto& site = member.site();
  if (member.state == MemberState::alive) {
    suspicions_.emplace(site, Suspicion(now, accuser, member_count(), options_));
    view_.set_state(member, MemberState::suspect, now);
    ++counters_.suspicions_total;
    announce(site, MemberState::suspect);
    tell_claim(member, accuser, heard_from);
  } else if (member.state == MemberState::suspect && suspicions_.at(site).confirm(accuser)) {
    tell_claim(member, accuser, heard_from);
  }
}

void Membership::fail(Instant now, Member& member, const SiteName& reporter, const SiteName& heard_from) {
  if (!member.reachable()) return;
  suspicions_.erase(member.site());
  view_.set_state(member, MemberState::failed, now);
  ++counters_.failures_total;
  announce(member.site(), MemberState::failed);
  queue_.forget_claims(member.site());
  tell_claim(member, reporter, heard_from);
}

void Membership::see_off(Instant now, Member& member, const SiteName& heard_from) {
  if (member.state == MemberState::left) return;
  suspicions_.erase(member.site());
  view_.set_state(member, MemberState::left, now);
  announce(member.site(), MemberState::left);
  queue_.forget_claims(member.site());
  tell_claim(member, member.site(), heard_from);
}

void Membership::expire_suspicions(Instant now) {
  std::vector<SiteName> expired;
  for (const auto& [site, suspicion] : suspicions_) {
    if (now >= suspicion.deadline()) expired.push_back(site);
  }
  for (const auto& site : expired) fail(now, *view_.find(site), self_, {});
}

// An isolated site suspects no one. If a suspicion was right, the others say so again once they are heard.
void Membership::drop_suspicions(Instant now) {
  for (const auto& [site, suspicion] : std::exchange(suspicions_, {})) {
    view_.set_state(*view_.find(site), MemberState::alive, now);
    queue_.forget_claims(site);
    announce(site, MemberState::alive);
  }
}

}  // namespace hansa
