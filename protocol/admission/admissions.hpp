// Admissions: who is let in, on whose word; the sponsor's, the newcomer's and every member's part of it.
//
// A sponsor makes an invitation and keeps the hash of its secret. The newcomer shows the secret at the sponsor's
// enrolment desk; the sponsor signs a certificate, which spreads as gossip, and every member that holds it lets the
// newcomer in by itself. The same way go renewals, departures and votes. What gossip misses is found by comparing
// summaries with one peer at a time, and with each that comes within reach.
//
// Invariants: (1) a used invitation is on disk before its certificate leaves; (2) only statements checked here decide
// who is let in; (3) a local ban outweighs everything; (4) same events, same effects.
// Contract: docs/protocol/06-admission.md.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/types/rng.hpp"
#include "protocol/admission/standing.hpp"
#include "protocol/admission/trust_book.hpp"
#include "protocol/effects.hpp"

namespace hansa {

// This site, as certificates and enrolments speak of it.
struct OwnIdentity {
  SiteName site;
  std::string region;
  TransportKey transport;
  std::vector<std::string> endpoints;
  std::vector<std::string> bulk_endpoints;
};

// A site that may connect, by its certificate.
struct AdmittedSite {
  SiteName site;
  IdentityKey identity;
  TransportKey transport;

  bool operator==(const AdmittedSite&) const = default;
};

SignedEnrolment sign_enrolment(const Notary& notary, EnrolmentRequest request);

class Admissions {
 public:
  Admissions(OwnIdentity self, const AdmissionOptions& options, const Notary& notary, Rng rng)
      : self_(std::move(self)), options_(options), notary_(notary), rng_(rng), book_(notary, options_) {}

  // What is on disk, by the names that documents have.
  void restore(const Now& now, const std::map<std::string, std::string>& documents);

  // --- What the operator does. A refusal changes nothing. ------------------------------------------------------------

  Status create(const Now& now, const std::string& name, const StoreId& nonce, Effects& out);
  Result<InvitationLine> invite(const Now& now, const Invite& call, const InvitationId& id,
                                const InvitationSecret& secret, Effects& out);
  Status withdraw_invitation(const InvitationId& id, Effects& out);
  Status take(const Now& now, const InvitationLine& line, const Enrolled& answer, Effects& out);
  Status leave(const Now& now, Effects& out);
  Status ban(const Now& now, const SiteName& site, const std::optional<IdentityKey>& identity, Effects& out);
  Status lift_ban(const Now& now, const SiteName& site, Effects& out);
  Status evict(const Now& now, const EvictSite& call, Effects& out);

  // --- Strangers. Whether the site is let in; an Enrolled with a refusal changed nothing. ----------------------------

  Enrolled enrol(const Now& now, const SignedEnrolment& request, Effects& out);

  // --- Peers. Only those that are let in are heard. ------------------------------------------------------------------

  void link(const Now& now, const SiteName& peer, bool up, Effects& out);
  void step(const Now& now, const SiteName& from, const TrustSummary& summary, Effects& out);
  void step(const Now& now, const SiteName& from, const TrustNews& news, Effects& out);
  void step(const Now& now, const SiteName& from, const AskRenewal& ask, Effects& out);
  void tick(const Now& now, Effects& out);
  std::optional<Instant> deadline() const;

  // --- What is known -------------------------------------------------------------------------------------------------

  bool in_federation() const { return book_.is_open(); }
  const TrustBook& book() const { return book_; }
  const Standings& standings() const { return standings_; }
  // This site's own; nothing when it is in no federation.
  const Standing* own() const;
  // Others with a certificate in force that are not banned here; those just put out for a moment longer.
  std::vector<AdmittedSite> admitted() const;
  bool is_banned(const SiteName& site, const IdentityKey& identity) const;
  const std::map<SiteName, IdentityKey>& bans() const { return bans_; }
  const std::map<InvitationId, Invitation>& invitations() const { return invitations_; }
  // The member of this name; of those that are none any more, the last.
  const std::pair<const IdentityKey, Standing>* find(const SiteName& site) const;
  // A transport key, name or identity that another site has already.
  bool is_key_taken(const TransportKey& key, const IdentityKey& by) const;
  // Names that may not be given to any other: those in the configuration.
  void reserve_names(std::map<SiteName, IdentityKey> names) { reserved_ = std::move(names); }

  // Whether admitted() may be another since the last call.
  bool take_changed() { return std::exchange(changed_, false); }
  // Whoever sent false signatures, since the last call.
  std::vector<SiteName> take_misbehaved() { return std::exchange(misbehaved_, {}); }
  AdmissionOptions& options() { return options_; }

 private:
  // admissions.cpp
  bool is_member() const;
  void learn_own(const Now& now, Statement statement, Effects& out);
  void keep(const StatementId& id, const SignedStatement& statement, const std::optional<StatementId>& gone,
            Effects& out) const;
  void reckon_anew(const Now& now, Effects& out);
  void note_changes(const Now& now, const Standings& before, Effects& out);
  void clear(Effects& out);
  Statement statement(const Now& now, decltype(Statement::what) what) const;
  std::vector<StatementId> admissions_signed_by(const IdentityKey& key) const;
  Result<IdentityKey> subject(const SiteName& site, const char* what) const;

  // admissions_enrol.cpp
  std::optional<std::string> why_not(const Now& now, const SignedEnrolment& request) const;
  std::optional<std::string> why_not_invited(const Now& now, const EnrolmentRequest& request) const;
  std::optional<std::string> why_not_named(const EnrolmentRequest& request) const;
  Enrolled welcome(const Now& now, const IdentityKey& newcomer) const;
  std::optional<std::string> why_not_taken(const Now& now, const InvitationLine& line, const Enrolled& answer) const;

  // admissions_gossip.cpp
  void spread(const std::vector<SignedStatement>& statements, const SiteName& except, Effects& out);
  TrustSummary summary(bool listed) const;
  void answer_with(const SiteName& to, std::vector<SignedStatement> statements, std::vector<StatementId> wanted,
                   Effects& out) const;
  void renew_if_due(const Now& now, Effects& out);
  void schedule(const Now& now);

  OwnIdentity self_;
  AdmissionOptions options_;
  const Notary& notary_;
  Rng rng_;
  TrustBook book_;
  Standings standings_;
  std::map<InvitationId, Invitation> invitations_;
  std::map<SiteName, IdentityKey> bans_;
  std::map<SiteName, IdentityKey> reserved_;
  std::set<SiteName> links_;
  std::vector<AdmittedSite> farewell_;  // the members of a federation just left, until they have heard of it
  Instant farewell_until_{-forever};
  std::map<IdentityKey, Instant> parting_;  // put out, and until when they may still hear of it
  std::map<SiteName, std::size_t> bad_statements_;
  std::vector<SiteName> misbehaved_;
  bool changed_ = false;
  Instant next_summary_at_;
  Instant renewal_asked_at_{-forever};
  std::optional<Instant> due_;  // the clock on the wall makes a difference then
};

}  // namespace hansa
