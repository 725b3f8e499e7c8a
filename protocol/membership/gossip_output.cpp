// What is told: the queue's keys become the latest records, digests and claims.
#include "protocol/membership/membership.hpp"
#include "protocol/membership/sizes.hpp"

namespace hansa {

Gossip Membership::next_gossip(const SiteName& to, std::size_t byte_budget) {
  return materialize(queue_.pick(to, byte_budget, member_count(), Oversize::left_out));
}

// Buddy notice: a member under a claim hears of it in every message from here, before anything else, so that it can
// refute at once.
Gossip Membership::gossip_for(const SiteName& to, Oversize oversize) {
  std::vector<MemberUpdate> notice;
  const auto* member = view_.find(to);
  if (member && member->state != MemberState::alive) notice.push_back(claim_against(*member, self_));
  const auto spent = notice.empty() ? 0 : wire_bytes(notice.front());
  auto gossip = materialize(queue_.pick(to, options_.message_bytes_max - spent, member_count(), oversize));
  gossip.updates.insert(gossip.updates.begin(), notice.begin(), notice.end());
  return gossip;
}

Gossip Membership::materialize(const std::vector<GossipKey>& keys) const {
  Gossip gossip;
  for (const auto& key : keys) {
    const bool own = key.site == self_;
    const auto* member = view_.find(key.site);
    switch (key.kind) {
      case GossipKind::record:
        gossip.records.push_back(own ? *own_.record() : member->record);
        break;
      case GossipKind::digest:
        gossip.digests.push_back(own ? *own_.digest() : *member->digest);
        break;
      case GossipKind::claim:
        gossip.updates.push_back(claim_against(*member, key.reporter));
        break;
    }
  }
  return gossip;
}

MemberUpdate Membership::claim_against(const Member& member, const SiteName& reporter) const {
  return {member.site(), member.incarnation(), member.state, reporter};
}

void Membership::tell_claim(const Member& member, const SiteName& reporter, const SiteName& heard_from) {
  queue_.tell({GossipKind::claim, member.site(), reporter}, wire_bytes(claim_against(member, reporter)), heard_from);
}

void Membership::tell_own_record() {
  if (own_.record()) queue_.tell({GossipKind::record, self_, {}}, wire_bytes(*own_.record()), {});
}

void Membership::tell_own_digest() {
  if (own_.digest()) queue_.tell({GossipKind::digest, self_, {}}, wire_bytes(*own_.digest()), {});
}

}  // namespace hansa
