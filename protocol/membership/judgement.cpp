// The states of a member, and nobody else's business to change them:
//
//   alive ──accused──► suspect ──nobody refutes──► failed         alive, suspect, failed ──goodbye──► left
//     ▲                   │                          │                                               │
//     └───────────────────┴── a record under a higher incarnation (gossip_intake.cpp) ──┴────────────┘
#include "protocol/membership/membership.hpp"

namespace hansa {

void Membership::suspect(const Now& now, Member& member, const SiteName& accuser, const SiteName& heard_from,
                         Effects& out) {
  const auto& site = member.site();
  if (member.state == MemberState::alive) {
    suspicions_.emplace(site, Suspicion(now.instant, accuser, member_count(), options_));
    view_.set_state(member, MemberState::suspect, now.instant);
    ++counters_.suspicions_total;
    announce(now, site, MemberState::suspect, false, out);
    tell_claim(member, accuser, heard_from);
  } else if (member.state == MemberState::suspect && suspicions_.at(site).confirm(accuser)) {
    tell_claim(member, accuser, heard_from);
  }
}

void Membership::fail(const Now& now, Member& member, const SiteName& reporter, const SiteName& heard_from,
                      Effects& out) {
  if (!member.reachable()) return;
  suspicions_.erase(member.site());
  view_.set_state(member, MemberState::failed, now.instant);
  ++counters_.failures_total;
  announce(now, member.site(), MemberState::failed, false, out);
  queue_.forget_claims(member.site());
  tell_claim(member, reporter, heard_from);
}

void Membership::see_off(const Now& now, Member& member, const SiteName& heard_from, Effects& out) {
  if (member.state == MemberState::left) return;
  suspicions_.erase(member.site());
  view_.set_state(member, MemberState::left, now.instant);
  announce(now, member.site(), MemberState::left, false, out);
  queue_.forget_claims(member.site());
  tell_claim(member, member.site(), heard_from);
}

void Membership::expire_suspicions(const Now& now, Effects& out) {
  std::vector<SiteName> expired;
  for (const auto& [site, suspicion] : suspicions_) {
    if (now.instant >= suspicion.deadline()) expired.push_back(site);
  }
  for (const auto& site : expired) fail(now, *view_.find(site), self_, {}, out);
}

// An isolated site suspects no one. If a suspicion was right, the others say so again once they are heard.
void Membership::drop_suspicions(const Now& now, Effects& out) {
  for (const auto& [site, suspicion] : std::exchange(suspicions_, {})) {
    view_.set_state(*view_.find(site), MemberState::alive, now.instant);
    queue_.forget_claims(site);
    announce(now, site, MemberState::alive, false, out);
  }
}

}  // namespace hansa
