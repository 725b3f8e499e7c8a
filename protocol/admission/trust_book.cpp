#include "protocol/admission/trust_book.hpp"

#include <algorithm>
#include <tuple>

#include "protocol/wire/codec.hpp"

namespace hansa {
namespace {

constexpr std::string_view statement_kind = "hansa/statement/1:";
constexpr std::size_t kept_max = 4'096;
constexpr std::size_t text_bytes_max = 256;

bool is_short(const std::string& text) {
  return text.size() <= text_bytes_max;
}

// Later replaces earlier; of two of one time, the one with the larger name.
bool beats(const StatementId& a, WallTime a_at, const StatementId& b, WallTime b_at) {
  return std::tie(a_at, a) > std::tie(b_at, b);
}

}  // namespace

SignedStatement sign_statement(const Notary& notary, Statement statement) {
  statement.signer = notary.identity();
  SignedStatement made{.value = std::move(statement), .bytes = {}, .signature = {}};
  made.bytes = encode(made.value);
  made.signature = notary.sign(statement_kind, made.bytes);
  return made;
}

FederationId id_of(const Notary& notary, const Charter& charter) {
  return FederationId{notary.hash(encode(charter)).bytes};
}

void TrustBook::open(Charter charter) {
  federation_ = hansa::id_of(*notary_, charter);
  charter_ = std::move(charter);
}

StatementId TrustBook::id_of(const SignedStatement& statement) const {
  return StatementId{notary_->hash(statement.bytes).bytes};
}

Taken TrustBook::take(WallTime now, const SignedStatement& statement, std::optional<StatementId>* gone) {
  const auto& value = statement.value;
  if (!is_open() || value.federation != federation_) return Taken::foreign;
  const auto id = id_of(statement);
  if (statements_.contains(id) || is_replaced(id, value)) return Taken::known;
  if (value.at > later(now, options_.skew)) return Taken::early;
  const auto verdict = std::visit([&](const auto& what) { return judge(value, what); }, value.what);
  if (verdict != Taken::news) return verdict;
  if (statements_.size() >= options_.statements_max) return Taken::unfit;
  if (!notary_->verify(statement_kind, statement.bytes, statement.signature, value.signer)) return Taken::forged;
  auto replaced = put(id, statement);
  if (gone) *gone = replaced;
  return Taken::news;
}

// --- Who may say what -----------------------------------------------------------------------------------------------

const Founder* TrustBook::founder(const IdentityKey& key) const {
  if (!charter_) return nullptr;
  const auto& all = charter_->founders;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Founder& one) { return one.identity == key; });
  return found == all.end() ? nullptr : &*found;
}

bool TrustBook::may_admit(const IdentityKey& signer, WallTime at, const AdmissionCertificate& what) const {
  // Any that it held then will do: what is learned later must not change the verdict.
  const auto allows = [&](const StatementId& id) {
    const auto& right = certificate(id).sponsor;
    return covers(id, at) && right.granted && within_region(what.region, right.within) &&
           (!what.sponsor.granted || within_region(what.sponsor.within, right.within));
  };
  const auto& held = admissions_of(signer);
  return std::any_of(held.begin(), held.end(), allows);
}

bool TrustBook::covers(const StatementId& admission, WallTime at) const {
  return signed_at(admission) <= later(at, options_.skew) && at <= later(expiry_of(admission), options_.skew);
}

Taken TrustBook::judge(const Statement& statement, const AdmissionCertificate& what) const {
  const bool sane = !what.site.empty() && is_short(what.region) && is_short(what.sponsor.within) &&
                    what.expires > statement.at && what.expires <= later(statement.at, options_.lifetime_max);
  if (!sane) return Taken::unfit;
  if (what.identity == statement.signer) {
    const auto* self = founder(statement.signer);
    return self && self->site == what.site ? Taken::news : Taken::unfit;
  }
  if (may_admit(statement.signer, statement.at, what)) return Taken::news;
  return standing_at(statement.signer, statement.at) ? Taken::unfit : Taken::early;
}

Taken TrustBook::judge(const Statement& statement, const Renewal& what) const {
  if (what.expires <= statement.at || what.expires > later(statement.at, options_.lifetime_max)) return Taken::unfit;
  const auto* admission = find(what.admission);
  if (!admission || !standing_at(statement.signer, statement.at)) return Taken::early;
  const auto* about = std::get_if<AdmissionCertificate>(&admission->value.what);
  if (!about) return Taken::unfit;
  // Who could renew itself would need nobody's good opinion.
  return about->identity != statement.signer || founder(statement.signer) ? Taken::news : Taken::unfit;
}

Taken TrustBook::judge(const Statement& statement, const Departure& what) const {
  if (what.kept.size() > kept_max || !is_short(what.reason)) return Taken::unfit;
  const auto& admissions = admissions_of(what.subject);
  if (admissions.empty()) return Taken::early;
  const bool vouched = std::any_of(admissions.begin(), admissions.end(),
                                   [&](const auto& id) { return signer_of(id) == statement.signer; });
  return what.subject == statement.signer || vouched ? Taken::news : Taken::unfit;
}

Taken TrustBook::judge(const Statement& statement, const EvictionVote& what) const {
  if (what.kept.size() > kept_max || !is_short(what.reason)) return Taken::unfit;
  if (what.subject == statement.signer) return Taken::unfit;
  const bool both_known = standing_at(statement.signer, statement.at) && !admissions_of(what.subject).empty();
  return both_known ? Taken::news : Taken::early;
}

// --- What is held ---------------------------------------------------------------------------------------------------

const StatementId* TrustBook::rival(const Statement& statement) const {
  const auto in = [](const auto& map, const auto& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  };
  if (const auto* renewal = std::get_if<Renewal>(&statement.what)) {
    const auto held = renewals_.find(renewal->admission);
    return held == renewals_.end() ? nullptr : in(held->second, slot_of(statement));
  }
  if (const auto* gone = std::get_if<Departure>(&statement.what)) {
    return in(departures_, std::pair(gone->subject, statement.signer));
  }
  if (const auto* vote = std::get_if<EvictionVote>(&statement.what)) {
    return in(votes_, std::pair(vote->subject, statement.signer));
  }
  return nullptr;
}

bool TrustBook::is_replaced(const StatementId& id, const Statement& statement) const {
  const auto* held = rival(statement);
  if (!held) return false;
  const auto at = signed_at(*held);
  if (std::holds_alternative<Renewal>(statement.what)) return !beats(*held, at, id, statement.at);
  return !beats(id, statement.at, *held, at);
}

TrustBook::Slot TrustBook::slot_of(const Statement& statement) {
  constexpr std::int64_t span_ms = 30ll * 24 * 3'600 * 1'000;
  return {statement.signer, statement.at.unix_ms / span_ms};
}

std::optional<StatementId> TrustBook::put(const StatementId& id, const SignedStatement& statement) {
  const auto& value = statement.value;
  std::optional<StatementId> replaced;
  if (const auto* held = rival(value)) replaced = *held;
  if (replaced) statements_.erase(*replaced);
  if (const auto* what = std::get_if<AdmissionCertificate>(&value.what)) {
    auto& list = admissions_[what->identity];
    list.insert(std::upper_bound(list.begin(), list.end(), id), id);
  } else if (const auto* renewal = std::get_if<Renewal>(&value.what)) {
    renewals_[renewal->admission][slot_of(value)] = id;
  } else if (const auto* gone = std::get_if<Departure>(&value.what)) {
    departures_[{gone->subject, value.signer}] = id;
  } else if (const auto* vote = std::get_if<EvictionVote>(&value.what)) {
    votes_[{vote->subject, value.signer}] = id;
  }
  statements_.emplace(id, statement);
  summary_.reset();
  return replaced;
}

const SignedStatement* TrustBook::find(const StatementId& id) const {
  const auto found = statements_.find(id);
  return found == statements_.end() ? nullptr : &found->second;
}

const ContentHash& TrustBook::summary() const {
  if (!summary_) {
    std::string names;
    names.reserve(statements_.size() * sizeof(StatementId));
    for (const auto& [id, statement] : statements_) names.append(id.bytes.begin(), id.bytes.end());
    summary_ = notary_->hash(names);
  }
  return *summary_;
}

const std::vector<StatementId>& TrustBook::admissions_of(const IdentityKey& key) const {
  static const std::vector<StatementId> none;
  const auto found = admissions_.find(key);
  return found == admissions_.end() ? none : found->second;
}

std::vector<IdentityKey> TrustBook::subjects() const {
  std::vector<IdentityKey> keys;
  keys.reserve(admissions_.size());
  for (const auto& [key, list] : admissions_) keys.push_back(key);
  return keys;
}

const AdmissionCertificate& TrustBook::certificate(const StatementId& id) const {
  return std::get<AdmissionCertificate>(statements_.at(id).value.what);
}

std::pair<WallTime, WallTime> TrustBook::last_span(const StatementId& admission) const {
  std::pair<WallTime, WallTime> span{certificate(admission).expires, signed_at(admission)};
  const auto renewals = renewals_.find(admission);
  if (renewals == renewals_.end()) return span;
  for (const auto& [slot, id] : renewals->second) {
    span = std::max(span, {std::get<Renewal>(statements_.at(id).value.what).expires, signed_at(id)});
  }
  return span;
}

WallTime TrustBook::renewed_at(const StatementId& admission) const {
  return last_span(admission).second;
}

WallTime TrustBook::expiry_of(const StatementId& admission) const {
  return last_span(admission).first;
}

std::vector<StatementId> TrustBook::departures_of(const IdentityKey& key) const {
  std::vector<StatementId> ids;
  for (auto at = departures_.lower_bound({key, {}}); at != departures_.end() && at->first.first == key; ++at) {
    ids.push_back(at->second);
  }
  return ids;
}

std::vector<StatementId> TrustBook::votes_against(const IdentityKey& key) const {
  std::vector<StatementId> ids;
  for (auto at = votes_.lower_bound({key, {}}); at != votes_.end() && at->first.first == key; ++at) {
    ids.push_back(at->second);
  }
  return ids;
}

std::vector<StatementId> TrustBook::signed_admissions(const IdentityKey& signer) const {
  std::vector<StatementId> ids;
  for (const auto& [id, statement] : statements_) {
    if (statement.value.signer == signer && std::holds_alternative<AdmissionCertificate>(statement.value.what)) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::optional<StatementId> TrustBook::standing_at(const IdentityKey& key, WallTime at) const {
  std::optional<StatementId> best;
  for (const auto& id : admissions_of(key)) {
    if (covers(id, at) && (!best || beats(id, signed_at(id), *best, signed_at(*best)))) best = id;
  }
  return best;
}

std::vector<SignedStatement> TrustBook::with_chain(const std::vector<StatementId>& ids) const {
  std::map<StatementId, bool> seen;
  std::vector<SignedStatement> chain;
  for (const auto& id : ids) collect(id, seen, chain);
  return chain;
}

void TrustBook::collect(const StatementId& id, std::map<StatementId, bool>& seen,
                        std::vector<SignedStatement>& out) const {
  if (!statements_.contains(id) || !seen.emplace(id, true).second) return;
  const auto& statement = statements_.at(id);
  if (const auto* renewal = std::get_if<Renewal>(&statement.value.what)) collect(renewal->admission, seen, out);
  for (const auto& admission : admissions_of(statement.value.signer)) collect(admission, seen, out);
  out.push_back(statement);
  const auto renewals = renewals_.find(id);
  if (renewals == renewals_.end()) return;
  for (const auto& [slot, renewal] : renewals->second) collect(renewal, seen, out);
}

}  // namespace hansa
