// Refutation: "I live, under a higher incarnation", signed, and on disk before it is said.
//
// The raised incarnation goes out in send_durable twice: to the accuser as the re-signed record, and to this site
// itself as a bare update. That echo is how the machine learns that the store has it; only then does the new record
// enter the gossip.
#include "protocol/membership/membership.hpp"

namespace hansa {

void Membership::accused(const Now& now, const SiteName& by, Effects& out) {
  // A hostile accuser must not keep our disk busy: one refutation in a while, then the next.
  if (now.instant < raised_at_ + options_.refute_every) {
    accusation_ = {by, own_.incarnation()};
    return;
  }
  raise(now, by, own_.incarnation(), out);
}

void Membership::answer_late_accusation(const Now& now, Effects& out) {
  if (!accusation_ || now.instant < raised_at_ + options_.refute_every) return;
  const auto accusation = *std::exchange(accusation_, std::nullopt);
  if (accusation.against == own_.incarnation()) raise(now, accusation.by, accusation.against, out);
}

// A record of this site that this daemon did not sign: its store was lost, or restored from a copy. It goes on above;
// also above an equal incarnation, which two stores may have counted up to by chance.
void Membership::hear_own_record(const Now& now, const SiteName& from, const SignedRecord& record, Effects& out) {
  const auto& value = record.value;
  if (!own_.record() || value.identity != signatures_.identity()) return;
  const bool is_ours = value.store == own_.record()->value.store;
  if (value.incarnation < own_.incarnation() || (is_ours && value.incarnation == own_.incarnation())) return;
  if (!signatures_.verify(record)) return note_forgery(from);
  raise(now, from, value.incarnation, out);
}

void Membership::raise(const Now& now, const SiteName& tell, Incarnation above, Effects& out) {
  accusation_.reset();
  const auto incarnation = own_.raise_above(above);
  if (!incarnation) return;
  raised_at_ = now.instant;
  health_.worse();
  ++counters_.refutations_total;
  persist_incarnation(*incarnation, out);
  if (!own_.record()) return;
  auto record = own_.record()->value;
  record.incarnation = *incarnation;
  out.send_durable.push_back({tell, GossipPush{.gossip = {.records = {signatures_.sign(std::move(record))}}}});
}

void Membership::persist_incarnation(Incarnation incarnation, Effects& out) const {
  out.persist.emplace_back(PutFact{incarnation_fact, incarnation.value});
  out.send_durable.push_back(
      {self_, GossipPush{.gossip = {.updates = {{self_, incarnation, MemberState::alive, self_}}}}});
}

void Membership::step(const Now& now, const SiteName& from, const GossipPush& push, Effects& out) {
  if (from == self_ && running_) {
    for (const auto& update : push.gossip.updates) {
      if (update.site != self_ || !own_.durable(update.incarnation)) continue;
      tell_own_digest();
      tell_own_record();  // last, so that it goes first
    }
    next_gossip_at_ = now.instant;
    return;
  }
  if (admit(now, from, out)) hear(now, from, push.gossip, Source::news, out);
}

}  // namespace hansa
