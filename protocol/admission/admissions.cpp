// What the operator does, what is on disk, and what a change of statements changes.
#include "protocol/admission/admissions.hpp"

#include <algorithm>

#include "protocol/admission/documents.hpp"
#include "protocol/wire/codec.hpp"

namespace hansa {
namespace {

template <class Read>
void for_each(const std::map<std::string, std::string>& stored, std::string_view prefix, Read read) {
  for (auto at = stored.lower_bound(std::string(prefix)); at != stored.end(); ++at) {
    if (!at->first.starts_with(prefix)) return;
    read(at->first.substr(prefix.size()), at->second);
  }
}

bool is_out(StandingKind kind) {
  return kind != StandingKind::member;
}

}  // namespace

void Admissions::restore(const Now& now, const std::map<std::string, std::string>& stored) {
  for_each(stored, documents::bans, [&](const std::string& site, const std::string& bytes) {
    IdentityKey key;
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.bytes.size()), key.bytes.begin());
    bans_[SiteName{site}] = key;
  });
  const auto found = stored.find(documents::charter);
  auto charter = found == stored.end() ? Result<Charter>(not_found("")) : decode<Charter>(found->second);
  if (!charter) return;
  book_.open(std::move(*charter));
  for_each(stored, documents::invitations, [&](const std::string&, const std::string& bytes) {
    if (auto invitation = decode<Invitation>(bytes)) invitations_[invitation->id] = std::move(*invitation);
  });
  std::vector<SignedStatement> waiting;
  for_each(stored, documents::statements, [&](const std::string&, const std::string& bytes) {
    if (auto read = decode<SignedStatement>(bytes)) waiting.push_back(std::move(*read));
  });
  // In the order of their names children may come before their sponsors.
  for (std::size_t before = waiting.size() + 1; waiting.size() < before;) {
    before = waiting.size();
    std::erase_if(waiting, [&](const auto& one) { return book_.take(now.wall, one) == Taken::news; });
  }
  standings_ = reckon(book_, options_, now.wall);
  changed_ = true;
  next_summary_at_ = now.instant + options_.summary_every;
  schedule(now);
}

// --- What the operator does ------------------------------------------------------------------------------------------

Status Admissions::create(const Now& now, const std::string& name, const StoreId& nonce, Effects& out) {
  if (book_.is_open()) {
    return refusal(self_.site.value + " is in the federation " + book_.charter().name +
                   " already: leave it first (hansa leave)");
  }
  if (name.empty() || name.size() > 64) return usage_error("a federation needs a name of 1 to 64 bytes");
  book_.open({.name = name,
              .founders = {{.site = self_.site, .identity = notary_.identity()}},
              .nonce = nonce,
              .founded = now.wall});
  out.persist.emplace_back(PutDocument{documents::charter, encode(book_.charter())});
  next_summary_at_ = now.instant + options_.summary_every;
  learn_own(now,
            statement(now, AdmissionCertificate{.site = self_.site,
                                                .identity = notary_.identity(),
                                                .transport = self_.transport,
                                                .region = self_.region,
                                                .sponsor = {.granted = true, .within = {}},
                                                .serial = 1,
                                                .expires = later(now.wall, options_.lifetime)}),
            out);
  return success();
}

Result<InvitationLine> Admissions::invite(const Now& now, const Invite& call, const InvitationId& id,
                                          const InvitationSecret& secret, Effects& out) {
  if (!is_member()) return refusal("only a member of a federation can invite: hansa federation create, or hansa join");
  const auto& right = own()->certificate.sponsor;
  const auto& region = call.region;
  if (!right.granted || !within_region(region, right.within)) {
    return refusal(self_.site.value + " may not invite to '" + region + "': its certificate lets it admit " +
                   (right.granted ? "within " + right.within : "nobody") + "; ask a sponsor for an invitation");
  }
  if (call.sponsor.granted && !within_region(call.sponsor.within, right.within)) {
    return refusal("a right to admit reaches no further than the one of who gives it: " + right.within);
  }
  if (call.endpoints.empty()) {
    return refusal("nobody could reach this site to enrol: it only dials out; ask a member that listens to invite");
  }
  std::erase_if(invitations_, [&](const auto& one) {
    const bool over = later(one.second.expires, options_.lifetime) < now.wall;
    if (over) out.persist.emplace_back(PutDocument{documents::named(documents::invitations, one.first), {}});
    return over;
  });
  if (invitations_.size() >= options_.invitations_max) return refusal("too many invitations are out: withdraw some");
  const auto secret_text = std::string(secret.bytes.begin(), secret.bytes.end());
  const Invitation made{.id = id,
                        .secret_hash = notary_.hash(secret_text),
                        .site = call.site,
                        .region = region,
                        .sponsor = call.sponsor,
                        .expires = later(now.wall, call.valid),
                        .made = now.wall,
                        .used_by = {}};
  invitations_[id] = made;
  out.persist.emplace_back(PutDocument{documents::named(documents::invitations, id), encode(made)});
  return InvitationLine{.federation = book_.federation(),
                        .federation_name = book_.charter().name,
                        .sponsor = self_.site,
                        .sponsor_key = self_.transport,
                        .endpoints = call.endpoints,
                        .invitation = id,
                        .secret = secret,
                        .expires = made.expires};
}

Status Admissions::withdraw_invitation(const InvitationId& id, Effects& out) {
  if (invitations_.erase(id) == 0) return not_found("there is no such invitation here: hansa sites --trust lists them");
  out.persist.emplace_back(PutDocument{documents::named(documents::invitations, id), {}});
  return success();
}

Status Admissions::leave(const Now& now, Effects& out) {
  if (!book_.is_open()) return refusal(self_.site.value + " is in no federation");
  const auto gone = sign_statement(notary_, statement(now, Departure{.subject = notary_.identity(),
                                                                     .kept = admissions_signed_by(notary_.identity()),
                                                                     .reason = "left"}));
  spread({gone}, {}, out);
  farewell_ = admitted();
  farewell_until_ = now.instant + options_.parting;
  clear(out);
  return success();
}

Status Admissions::ban(const Now& now, const SiteName& site, const std::optional<IdentityKey>& identity, Effects& out) {
  if (site == self_.site) return usage_error("a site can't ban itself");
  const auto* known = find(site);
  const auto key = known ? known->first : identity.value_or(IdentityKey{});
  if (key.is_zero()) return not_found("there is no site " + site.value + " to ban: hansa sites --trust lists them all");
  bans_[site] = key;
  out.persist.emplace_back(
      PutDocument{std::string(documents::bans) + site.value, std::string(key.bytes.begin(), key.bytes.end())});
  changed_ = true;
  static_cast<void>(now);
  return success();
}

Status Admissions::lift_ban(const Now& now, const SiteName& site, Effects& out) {
  if (bans_.erase(site) == 0) return not_found(site.value + " is not banned here");
  out.persist.emplace_back(PutDocument{std::string(documents::bans) + site.value, {}});
  changed_ = true;
  static_cast<void>(now);
  return success();
}

Status Admissions::evict(const Now& now, const EvictSite& call, Effects& out) {
  const char* what = call.withdraw ? "take back an admission" : "vote on an eviction";
  if (!is_member()) return refusal(std::string("only a member of a federation can ") + what);
  const auto key = subject(call.site, what);
  if (!key) return key.error();
  const auto& standing = standings_.at(*key);
  if (standing.kind != StandingKind::member) {
    return refusal(call.site.value + " is no member any more: " + std::string(to_word(standing.kind)));
  }
  auto kept = admissions_signed_by(*key);
  if (!call.withdraw) {
    learn_own(now,
              statement(now, EvictionVote{.subject = *key,
                                          .subtree = call.subtree,
                                          .kept = std::move(kept),
                                          .reason = call.reason.substr(0, 200)}),
              out);
    return success();
  }
  if (standing.sponsor != notary_.identity()) {
    return refusal(call.site.value +
                   " was not admitted by this site: only its sponsor can take that back; "
                   "hansa evict " +
                   call.site.value + " puts it to the vote of all");
  }
  learn_own(now,
            statement(now, Departure{.subject = *key, .kept = std::move(kept), .reason = call.reason.substr(0, 200)}),
            out);
  return success();
}

// --- What is known ---------------------------------------------------------------------------------------------------

const Standing* Admissions::own() const {
  const auto found = standings_.find(notary_.identity());
  return found == standings_.end() ? nullptr : &found->second;
}

bool Admissions::is_member() const {
  return own() && own()->kind == StandingKind::member;
}

bool Admissions::is_banned(const SiteName& site, const IdentityKey& identity) const {
  const auto by_name = bans_.find(site);
  if (by_name != bans_.end()) return true;
  return std::any_of(bans_.begin(), bans_.end(), [&](const auto& ban) { return ban.second == identity; });
}

std::vector<AdmittedSite> Admissions::admitted() const {
  if (!book_.is_open()) return farewell_;
  std::vector<AdmittedSite> sites;
  if (!is_member() && !parting_.contains(notary_.identity())) return sites;
  std::set<SiteName> named;
  const auto add = [&](const IdentityKey& key, const Standing& standing) {
    const auto& certificate = standing.certificate;
    if (key == notary_.identity() || certificate.site == self_.site || is_banned(certificate.site, key)) return;
    if (named.insert(certificate.site).second) sites.push_back({certificate.site, key, certificate.transport});
  };
  for (const auto& [key, standing] : standings_) {
    if (standing.kind == StandingKind::member) add(key, standing);
  }
  for (const auto& [key, until] : parting_) {
    const auto found = standings_.find(key);
    if (found != standings_.end()) add(key, found->second);
  }
  return sites;
}

const std::pair<const IdentityKey, Standing>* Admissions::find(const SiteName& site) const {
  const std::pair<const IdentityKey, Standing>* found = nullptr;
  for (const auto& entry : standings_) {
    if (entry.second.certificate.site != site) continue;
    if (entry.second.kind == StandingKind::member) return &entry;
    if (!found || entry.second.since > found->second.since) found = &entry;
  }
  return found;
}

bool Admissions::is_key_taken(const TransportKey& key, const IdentityKey& by) const {
  if (key == self_.transport) return true;
  return std::any_of(standings_.begin(), standings_.end(), [&](const auto& entry) {
    return entry.first != by && entry.second.kind == StandingKind::member && entry.second.certificate.transport == key;
  });
}

Result<IdentityKey> Admissions::subject(const SiteName& site, const char* what) const {
  if (site == self_.site) return usage_error(std::string("can't ") + what + ": " + site.value + " is this site");
  const auto* entry = find(site);
  if (!entry) {
    return not_found(std::string("can't ") + what + ": no site of this federation is called " + site.value);
  }
  return entry->first;
}

Statement Admissions::statement(const Now& now, decltype(Statement::what) what) const {
  return {.federation = book_.federation(), .signer = {}, .at = now.wall, .what = std::move(what)};
}

std::vector<StatementId> Admissions::admissions_signed_by(const IdentityKey& key) const {
  return book_.signed_admissions(key);
}

// --- What a change of statements changes ----------------------------------------------------------------------------

void Admissions::learn_own(const Now& now, Statement made, Effects& out) {
  const auto signed_now = sign_statement(notary_, std::move(made));
  std::optional<StatementId> gone;
  if (book_.take(now.wall, signed_now, &gone) != Taken::news) return;
  keep(book_.id_of(signed_now), signed_now, gone, out);
  reckon_anew(now, out);
  spread({signed_now}, {}, out);
}

void Admissions::keep(const StatementId& id, const SignedStatement& statement, const std::optional<StatementId>& gone,
                      Effects& out) const {
  if (gone) out.persist.emplace_back(PutDocument{documents::named(documents::statements, *gone), {}});
  out.persist.emplace_back(PutDocument{documents::named(documents::statements, id), encode(statement)});
}

void Admissions::reckon_anew(const Now& now, Effects& out) {
  if (!book_.is_open()) return;
  auto before = std::exchange(standings_, reckon(book_, options_, now.wall));
  note_changes(now, before, out);
  changed_ = true;
  schedule(now);
}

void Admissions::note_changes(const Now& now, const Standings& before, Effects& out) {
  for (const auto& [key, standing] : standings_) {
    const auto found = before.find(key);
    const auto kind_before = found == before.end() ? StandingKind::not_vouched : found->second.kind;
    if (kind_before == standing.kind) continue;
    const auto word = std::string(to_word(standing.kind));
    if (kind_before == StandingKind::member) parting_[key] = now.instant + options_.parting;
    if (!is_out(standing.kind)) parting_.erase(key);
    out.events.push_back({.kind = is_out(standing.kind) ? "site_out" : "site_admitted",
                          .at = now.wall,
                          .job = {},
                          .site = standing.certificate.site,
                          .text = word});
  }
}

void Admissions::clear(Effects& out) {
  out.persist.emplace_back(PutDocument{documents::charter, {}});
  for (const auto& [id, held] : book_.statements()) {
    out.persist.emplace_back(PutDocument{documents::named(documents::statements, id), {}});
  }
  for (const auto& [id, invitation] : invitations_) {
    out.persist.emplace_back(PutDocument{documents::named(documents::invitations, id), {}});
  }
  book_ = TrustBook(notary_, options_);
  invitations_.clear();
  standings_.clear();
  parting_.clear();
  due_.reset();
  changed_ = true;
}

}  // namespace hansa
