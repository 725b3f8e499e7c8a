// TrustBook: the statements of one federation that this site believes, each checked once.
//
// A statement is taken when whoever signed it had the right to when it says it did: a certificate's signer held a
// certificate itself, back to a founder. Nothing is taken on the sender's word, so that it does not matter who brings
// it, nor in which order. What was taken stays, apart from what newer statements of the same kind replace; who belongs
// now is reckoned from the whole (standing.hpp).
//
// Invariants: (1) any two books that took the same statements, in any order, hold the same ones; (2) the signature of
// what is known already is not checked again; (3) nothing of another federation is ever held.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "hansa/ports/notary.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/trust.hpp"
#include "protocol/admission/options.hpp"

namespace hansa {

enum class Taken : std::uint8_t {
  news,
  known,    // held already, or replaced by a newer one
  early,    // whoever signed it is not known yet, or its time has not come
  foreign,  // of another federation
  unfit,    // the signer had no right to say that, or the book is full
  forged,   // its signature is false: no honest site passes that on
};

SignedStatement sign_statement(const Notary& notary, Statement statement);
FederationId id_of(const Notary& notary, const Charter& charter);

class TrustBook {
 public:
  TrustBook(const Notary& notary, const AdmissionOptions& options) : notary_(&notary), options_(options) {}

  void open(Charter charter);
  bool is_open() const { return charter_.has_value(); }
  const Charter& charter() const { return *charter_; }
  const FederationId& federation() const { return federation_; }
  bool is_founder(const IdentityKey& key) const { return founder(key) != nullptr; }

  // `gone`: what the new one replaced.
  Taken take(WallTime now, const SignedStatement& statement, std::optional<StatementId>* gone = nullptr);
  StatementId id_of(const SignedStatement& statement) const;

  using Statements = std::map<StatementId, SignedStatement>;
  const Statements& statements() const { return statements_; }
  const SignedStatement* find(const StatementId& id) const;
  // Over the names of all statements: equal where the books are.
  const ContentHash& summary() const;

  // All certificates of one key, and how long one lasts with its renewal.
  const std::vector<StatementId>& admissions_of(const IdentityKey& key) const;
  std::vector<IdentityKey> subjects() const;
  const AdmissionCertificate& certificate(const StatementId& id) const;
  WallTime signed_at(const StatementId& id) const { return statements_.at(id).value.at; }
  const IdentityKey& signer_of(const StatementId& id) const { return statements_.at(id).value.signer; }
  WallTime renewed_at(const StatementId& admission) const;
  WallTime expiry_of(const StatementId& admission) const;
  // When it expires, and when that was signed.
  std::pair<WallTime, WallTime> last_span(const StatementId& admission) const;
  std::vector<StatementId> departures_of(const IdentityKey& key) const;
  std::vector<StatementId> votes_against(const IdentityKey& key) const;
  std::vector<StatementId> signed_admissions(const IdentityKey& signer) const;
  // The certificate that gave this key its membership at that time; nothing when it was no member.
  std::optional<StatementId> standing_at(const IdentityKey& key, WallTime at) const;
  bool covers(const StatementId& admission, WallTime at) const;

  // These, after all that is needed to check them.
  std::vector<SignedStatement> with_chain(const std::vector<StatementId>& ids) const;

 private:
  using Slot = std::pair<IdentityKey, std::int64_t>;                            // signer, span of time
  using BySigner = std::map<std::pair<IdentityKey, IdentityKey>, StatementId>;  // subject, signer

  const Founder* founder(const IdentityKey& key) const;
  Taken judge(const Statement& statement, const AdmissionCertificate& what) const;
  Taken judge(const Statement& statement, const Renewal& what) const;
  Taken judge(const Statement& statement, const Departure& what) const;
  Taken judge(const Statement& statement, const EvictionVote& what) const;
  bool may_admit(const IdentityKey& signer, WallTime at, const AdmissionCertificate& what) const;
  static Slot slot_of(const Statement& statement);
  bool is_replaced(const StatementId& id, const Statement& statement) const;
  const StatementId* rival(const Statement& statement) const;
  std::optional<StatementId> put(const StatementId& id, const SignedStatement& statement);
  void collect(const StatementId& id, std::map<StatementId, bool>& seen, std::vector<SignedStatement>& out) const;

  const Notary* notary_;
  AdmissionOptions options_;
  std::optional<Charter> charter_;
  FederationId federation_;
  Statements statements_;
  std::map<IdentityKey, std::vector<StatementId>> admissions_;
  // Of each signer the first in a span of thirty days. Later ones rest on it: were it replaced, two who renew each
  // other would soon have nothing left that leads back to a founder.
  std::map<StatementId, std::map<Slot, StatementId>> renewals_;
  BySigner departures_;
  BySigner votes_;
  mutable std::optional<ContentHash> summary_;
};

}  // namespace hansa
