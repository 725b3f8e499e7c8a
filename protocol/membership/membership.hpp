// Membership: who is there. SWIM with the Lifeguard refinements, and the gossip that rides on it.
//
// Each site keeps a view of all members without any of them being special. Every period it probes one member; silence
// makes others probe it, further silence a suspicion, an unrefuted suspicion a failure. Records, digests and claims
// spread as gossip on these messages; push-pull of whole views finds what gossip missed.
//
// Alive is never claimed, it is proven: by a record that the member itself signed under a higher incarnation. A claim
// against a member counts for exactly the incarnation that it names.
//
// Invariants: (1) nothing unsigned makes a member, revives it or changes what it says; (2) an own incarnation is on
// disk before it is spoken; (3) an isolated site suspects no one; (4) time in which this site did not run counts
// against nobody; (5) gossip in a message keeps within its byte budget; (6) same events and seed, same effects.
// Contract: docs/protocol/03-gossip.md.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "hansa/ports/signatures.hpp"
#include "hansa/types/rng.hpp"
#include "protocol/effects.hpp"
#include "protocol/membership/dissemination.hpp"
#include "protocol/membership/isolation.hpp"
#include "protocol/membership/local_health.hpp"
#include "protocol/membership/member.hpp"
#include "protocol/membership/options.hpp"
#include "protocol/membership/own_entry.hpp"
#include "protocol/membership/probing.hpp"
#include "protocol/membership/suspicion.hpp"
#include "protocol/membership/view.hpp"

namespace hansa {

struct MembershipCounters {
  std::uint64_t strangers_total = 0;  // messages from sites that are not configured
  std::uint64_t bad_signatures_total = 0;
  std::uint64_t suspicions_total = 0;   // begun here, whoever accused
  std::uint64_t failures_total = 0;     // of members, as seen here
  std::uint64_t refutations_total = 0;  // of claims against this site
  std::uint64_t pauses_total = 0;       // times this site was stopped or overloaded
};

class Membership {
 public:
  // `first` is the incarnation to come up under: the persisted fact + 1, or 1. `signatures` outlives this.
  Membership(SiteName self, const MembershipOptions& options, const Signatures& signatures, Rng rng, Incarnation first);

  // Name of the fact in the store that holds the last incarnation.
  static constexpr const char* incarnation_fact = "incarnation";

  // --- What this site is and knows. set_known and set_own_record come before start, and again when they change. ----

  // Who may be a member, whole; this site is left out by itself.
  void set_known(const Now& now, std::vector<KnownSite> sites, Effects& out);
  // Incarnation, version and signature are filled in here.
  void set_own_record(SiteRecord record);
  // A meaningful change of capacity, to be gossiped. Incarnation, version and signature are filled in here.
  void publish(CapacityDigest digest);
  // Persists the first incarnation; nothing is said of this site until that is on disk.
  void start(const Now& now, Effects& out);
  // Goodbye: others see `left` at once. Nothing is answered afterwards.
  void leave(const Now& now, Effects& out);

  // --- Events. Messages of this site to itself come here as well. ---------------------------------------------------

  void step(const Now& now, const SiteName& from, const Hello& hello, Effects& out);
  void step(const Now& now, const SiteName& from, const Probe& probe, Effects& out);
  void step(const Now& now, const SiteName& from, const ProbeAck& ack, Effects& out);
  void step(const Now& now, const SiteName& from, const IndirectProbe& request, Effects& out);
  void step(const Now& now, const SiteName& from, const ProbeNack& nack, Effects& out);
  void step(const Now& now, const SiteName& from, const PushPull& ask, Effects& out);
  void step(const Now& now, const SiteName& from, const PushPullAnswer& answer, Effects& out);
  void step(const Now& now, const SiteName& from, const GossipPush& push, Effects& out);
  void tick(const Now& now, Effects& out);
  std::optional<Instant> deadline() const;

  // What happened since the last call, in order.
  std::vector<MembershipEvent> take_events() { return std::exchange(events_, {}); }

  // --- What is known ------------------------------------------------------------------------------------------------

  const std::map<SiteName, Member>& members() const { return view_.members(); }  // without this site
  const Member* find(const SiteName& site) const { return view_.find(site); }
  bool knows(const SiteName& site) const { return view_.knows(site); }  // is configured, met or not
  bool isolated() const { return isolation_.isolated(); }
  Incarnation incarnation() const { return own_.incarnation(); }
  // As they may be said; null until the first incarnation is on disk.
  const SignedRecord* own_record() const { return own_.record(); }
  const SignedDigest* own_digest() const { return own_.digest(); }
  std::uint32_t local_health() const { return health_.score(); }
  const MembershipCounters& counters() const { return counters_; }

  // Gossip for another message to `to` that leaves anyway; counted as told.
  Gossip next_gossip(const SiteName& to, std::size_t byte_budget);

 private:
  // Where gossip came from: what everybody is being told now, or a whole view, which may be an old one.
  enum class Source : std::uint8_t { news, summary };

  // membership.cpp
  bool admit(const Now& now, const SiteName& from, Effects& out);
  void notice_pause(Instant now);
  void postpone_everything(Duration by);
  std::size_t member_count() const { return view_.reachable() + 1; }
  void push_gossip(Instant now, Effects& out);
  void check_isolation(Instant now);
  void announce(const SiteName& site, MemberState state, bool is_new = false);

  // membership_probe.cpp
  Instant probe_due() const;
  void continue_probe(Instant now, Effects& out);
  void start_probe(Instant now, Effects& out);
  Duration patience_with(const Member& target) const;
  void take_answer(Instant now, const SiteName& from);
  void ask_helpers(Effects& out);
  void judge_probe(Instant now);
  void nack_silent_relays(Instant now, Effects& out);
  void probe_a_failed_member(Instant now, Effects& out);
  std::uint64_t send_probe(const SiteName& to, Effects& out);

  // gossip_intake.cpp
  void hear(const Now& now, const SiteName& from, const Gossip& gossip, Source source, Effects& out);
  bool hear_record(const Now& now, const SiteName& from, const SignedRecord& record, Source source, Effects& out);
  void remind(const SiteName& site, const SignedRecord& record, Effects& out);
  bool hear_digest(Instant now, const SiteName& from, const SignedDigest& digest, Source source);
  void hear_claim(const Now& now, const SiteName& from, const MemberUpdate& claim, Source source, Effects& out);
  void note_forgery(const SiteName& from);

  // gossip_output.cpp
  Gossip gossip_for(const SiteName& to, Oversize oversize = Oversize::left_out);
  Gossip materialize(const std::vector<GossipKey>& keys) const;
  MemberUpdate claim_against(const Member& member, const SiteName& reporter) const;
  void tell_claim(const Member& member, const SiteName& reporter, const SiteName& heard_from);
  void tell_own_record();
  void tell_own_digest();

  // judgement.cpp
  void suspect(Instant now, Member& member, const SiteName& accuser, const SiteName& heard_from);
  void fail(Instant now, Member& member, const SiteName& reporter, const SiteName& heard_from);
  void see_off(Instant now, Member& member, const SiteName& heard_from);
  void expire_suspicions(Instant now);
  void clear(Instant now, Member& member);
  void drop_suspicions(Instant now);

  // refutation.cpp
  void accused(const Now& now, const SiteName& by, Effects& out);
  void answer_late_accusation(const Now& now, Effects& out);
  void hear_own_record(const Now& now, const SiteName& from, const SignedRecord& record, Effects& out);
  void raise(const Now& now, const SiteName& tell, Incarnation above, Effects& out);
  void persist_incarnation(Incarnation incarnation, Effects& out) const;

  // push_pull.cpp
  void search_soon(Instant now);
  void exchange_views(Instant now, Effects& out);
  void ask_push_pull(Instant now, const SiteName& peer, Effects& out);
  Entry entry_of(const SiteName& site) const;
  std::vector<ViewSummary> summarize() const;
  Gossip what_lacks(const std::map<SiteName, ViewSummary>& theirs);
  std::vector<SiteName> what_is_wanted(const std::map<SiteName, ViewSummary>& theirs) const;

  MembershipOptions options_;
  SiteName self_;
  const Signatures& signatures_;
  Rng rng_;
  View view_;
  OwnEntry own_;
  Dissemination queue_;
  LocalHealth health_;
  Isolation isolation_;
  std::map<SiteName, Suspicion> suspicions_;

  ProbeRound round_;
  std::optional<ProbeInFlight> probe_;
  LateAnswers late_answers_;
  Relays relays_;
  std::uint64_t sequence_;

  std::map<SiteName, std::uint32_t> bad_signatures_;
  std::map<SiteName, Instant> push_pulls_asked_;
  std::map<SiteName, Instant> push_pulls_answered_;
  struct Accusation {
    SiteName by;
    Incarnation against;
  };
  std::optional<Accusation> accusation_;  // to be answered when the last refutation is long enough ago
  Instant raised_at_{-forever};

  bool running_ = false;
  Instant next_probe_at_;
  Instant next_gossip_at_;
  Instant next_push_pull_at_;
  Instant next_reconnect_at_;
  Duration search_every_;

  std::vector<MembershipEvent> events_;
  MembershipCounters counters_;
};

}  // namespace hansa
