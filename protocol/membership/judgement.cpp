// The states of a member, and nobody else's business to change them:
//
//   alive ──accused──► suspect ──silent, and nobody refutes──► failed     alive, suspect, failed ──goodbye──► left
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
  for (const auto& site : expired) {
    auto& member = *view_.find(site);
    if (member.heard_at > suspicions_.at(site).since()) {
      clear(now, member);
    } else {
      fail(now, member, self_, {});
    }
  }
}

// It was heard since, whatever others say and though it did not refute them: its disk may be too full to.
void Membership::clear(Instant now, Member& member) {
  suspicions_.erase(member.site());
  view_.set_state(member, MemberState::alive, now);
  queue_.forget_claims(member.site());
  announce(member.site(), MemberState::alive);
}

// An isolated site suspects no one. If a suspicion was right, the others say so again once they are heard.
void Membership::drop_suspicions(Instant now) {
  while (!suspicions_.empty()) clear(now, *view_.find(SiteName(suspicions_.begin()->first)));
}

}  // namespace hansa
