// What is heard: records and digests are verified once each, claims accuse one incarnation of one member.
#include "protocol/membership/membership.hpp"
#include "protocol/membership/sizes.hpp"

namespace hansa {

void Membership::hear(const Now& now, const SiteName& from, const Gossip& gossip, Source source, Effects& out) {
  // Records first: the claims and digests beside them may speak of the incarnations that they bring.
  for (const auto& record : gossip.records) {
    if (!hear_record(now, from, record, source, out)) return;  // whoever forges one thing isn't read any further
  }
  for (const auto& digest : gossip.digests) {
    if (!hear_digest(now.instant, from, digest, source)) return;
  }
  for (const auto& claim : gossip.updates) hear_claim(now, from, claim, source, out);
}

bool Membership::hear_record(const Now& now, const SiteName& from, const SignedRecord& record, Source source,
                             Effects& out) {
  const auto& site = record.value.site;
  if (site == self_) {
    hear_own_record(now, from, record, out);
    return true;
  }
  const auto heard = view_.learn(now.instant, record);
  if (heard.heard == Heard::forged) note_forgery(from);
  if (heard.heard == Heard::stale && from == site) remind(site, record, out);
  if (heard.heard != Heard::news) return heard.heard != Heard::forged;

  // Whoever learns a member from a whole view is the last to know: its own telling would only repeat the others'.
  const bool old_news = heard.is_new && source == Source::summary;
  if (!old_news) queue_.tell({GossipKind::record, site, {}}, wire_bytes(record), from);
  events_.emplace_back(RecordLearned{site, heard.store_changed, heard.previous_store});
  if (!heard.raised) return true;
  suspicions_.erase(site);
  queue_.forget_claims(site);
  if (heard.is_new) {
    round_.insert(site, rng_);
    search_soon(now.instant);
  }
  const bool was_gone = heard.state_before == MemberState::failed || heard.state_before == MemberState::left;
  if (heard.is_new || heard.state_before != MemberState::alive) {
    announce(site, MemberState::alive, heard.is_new);
  }
  if (was_gone) ask_push_pull(now.instant, site, out);  // it may come with the other half of a partition
  return true;
}

// A site that speaks under another store than the one it is known by, and not above it, has lost its store and does not
// know how far it had counted. Its own older record tells it.
void Membership::remind(const SiteName& site, const SignedRecord& record, Effects& out) {
  const auto* member = view_.find(site);
  if (!member || member->record.value.store == record.value.store) return;
  out.send.push_back({site, GossipPush{.gossip = {.records = {member->record}}}});
}

bool Membership::hear_digest(Instant now, const SiteName& from, const SignedDigest& digest, Source source) {
  const auto& site = digest.value.site;
  if (site == self_) return true;
  const auto* member = view_.find(site);
  const bool old_news = member && !member->digest && source == Source::summary;
  const auto heard = view_.learn(now, digest);
  if (heard == Heard::forged) note_forgery(from);
  if (heard == Heard::news) {
    if (!old_news) queue_.tell({GossipKind::digest, site, {}}, wire_bytes(digest), from);
    events_.emplace_back(DigestLearned{site});
  }
  return heard != Heard::forged;
}

void Membership::hear_claim(const Now& now, const SiteName& from, const MemberUpdate& claim, Source source,
                            Effects& out) {
  if (claim.site == self_) {
    const bool against_us = claim.state != MemberState::alive && claim.incarnation == own_.incarnation();
    if (against_us && own_.spoken()) accused(now, from, out);
    return;
  }
  auto* member = view_.find(claim.site);
  // An older incarnation was refuted; a newer one isn't proven before its record comes.
  if (!member || claim.incarnation != member->incarnation()) return;
  const bool names_witness = claim.reporter == self_ || view_.knows(claim.reporter);
  const auto& accuser = names_witness && claim.reporter != claim.site ? claim.reporter : from;
  switch (claim.state) {
    case MemberState::alive:
      return;  // only a record proves that
    case MemberState::left:
      if (from == claim.site) return see_off(now.instant, *member, from);
      [[fallthrough]];
    case MemberState::suspect:
    case MemberState::failed:
      // Nobody is dead or gone by hearsay: it may be slander, or an old view. Each judges for itself.
      return suspect(now.instant, *member, source == Source::summary ? from : accuser, from);
  }
}

void Membership::note_forgery(const SiteName& from) {
  ++counters_.bad_signatures_total;
  auto& count = bad_signatures_[from];
  if (++count < options_.bad_signatures_max) return;
  events_.emplace_back(PeerMisbehaved{from, count});
  count = 0;
}

void Membership::step(const Now& now, const SiteName& from, const Hello& hello, Effects& out) {
  if (!admit(now, from, out)) return;
  hear_record(now, from, hello.record, Source::news, out);
  ask_push_pull(now.instant, from, out);
}

}  // namespace hansa
