// Controller: who may be a peer. The configured ones, and those whom the federation admitted; never who is banned.
//
// A configured peer outweighs a member of its name. A site's own signed record says where it is reached and which
// transport key it has now; that is kept, so that it is found again after a restart.
#include <algorithm>

#include "protocol/admission/documents.hpp"
#include "protocol/controller/controller.hpp"
#include "protocol/wire/codec.hpp"

namespace hansa {
void Controller::restore_trust(Now now, const std::map<std::string, std::string>& stored) {
  if (!admissions_) return;
  admissions_->restore(now, stored);
  for (auto at = stored.lower_bound(std::string(documents::addresses)); at != stored.end(); ++at) {
    if (!at->first.starts_with(documents::addresses)) break;
    if (auto kept = decode<KeptAddress>(at->second)) {
      addresses_[SiteName{at->first.substr(documents::addresses.size())}] = std::move(*kept);
    }
  }
}

void Controller::set_peers(Now now, std::vector<KnownSite> peers, Effects& out) {
  const Tally::Watch watch(tally_, out);
  configured_ = std::move(peers);
  if (admissions_) {
    std::map<SiteName, IdentityKey> names;
    for (const auto& peer : configured_) names.emplace(peer.site, peer.identity);
    admissions_->reserve_names(std::move(names));
  }
  refresh_peers(now, out);
  settle(now, out);
}

// What is believed of a site beyond its base key: only what it signed under the identity that is known for it.
PeerAddress Controller::address_of(const SiteName& site, const IdentityKey& identity, const PeerAddress& base) const {
  const auto kept = addresses_.find(site);
  if (kept == addresses_.end() || kept->second.identity != identity || kept->second.instead_of != base.key) return base;
  auto address = base;
  address.key = kept->second.key;
  if (address.endpoints.empty()) address.endpoints = kept->second.endpoints;
  if (address.bulk_endpoints.empty()) address.bulk_endpoints = kept->second.bulk_endpoints;
  return address;
}

bool Controller::is_known(const SiteName& site) const {
  return std::any_of(known_.begin(), known_.end(), [&](const auto& one) { return one.site == site; });
}

void Controller::refresh_peers(Now now, Effects& out) {
  std::vector<KnownSite> known;
  std::set<SiteName> names{options_.site};
  const auto add = [&](const SiteName& site, const IdentityKey& identity, PeerAddress base) {
    if (admissions_ && admissions_->is_banned(site, identity)) return;
    if (!names.insert(site).second) return;
    base.site = site;
    known.push_back({.site = site, .identity = identity, .address = address_of(site, identity, base)});
  };
  for (const auto& peer : configured_) add(peer.site, peer.identity, peer.address);
  if (admissions_) {
    for (const auto& one : admissions_->admitted()) {
      add(one.site, one.identity, {.site = one.site, .key = one.transport, .endpoints = {}, .bulk_endpoints = {}});
    }
  }
  peers_configured_ = known.size();
  std::vector<PeerAddress> roster;
  // Nobody takes another's key by claiming it: the first to have it, in the order above, keeps it.
  std::set<TransportKey> keys{options_.transport_key};
  for (const auto& peer : known) {
    if (!peer.address.key.is_zero() && keys.insert(peer.address.key).second) roster.push_back(peer.address);
  }
  if (known != known_) membership_.set_known(now, known, out);
  known_ = std::move(known);
  if (!roster_ || *roster_ != roster) out.roster = roster;
  roster_ = std::move(roster);
}

void Controller::hear_admissions(Now now, Effects& out) {
  if (!admissions_) return;
  for (const auto& peer : admissions_->take_misbehaved()) out.cut_off.push_back(peer);
  if (admissions_->take_changed()) refresh_peers(now, out);
}

// A newer record was verified: where the site is now, and under which key.
void Controller::keep_address(Now now, const SiteName& site, Effects& out) {
  const auto* member = membership_.find(site);
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const auto& one) { return one.site == site; });
  if (!admissions_ || !member || known == known_.end()) return;
  const auto& record = member->record.value;
  auto base = known->address.key;
  const auto configured =
      std::find_if(configured_.begin(), configured_.end(), [&](const auto& one) { return one.site == site; });
  if (configured != configured_.end()) {
    base = configured->address.key;
    if (record.transport == base && !addresses_.contains(site)) return;  // nothing that its table doesn't say
  } else if (const auto* member_of = admissions_->find(site)) {
    base = member_of->second.certificate.transport;
  }
  const KeptAddress kept{.identity = record.identity,
                         .key = record.transport,
                         .instead_of = base,
                         .endpoints = record.endpoints,
                         .bulk_endpoints = record.bulk_endpoints};
  put_address(site, kept, out);
  refresh_peers(now, out);
}

void Controller::put_address(const SiteName& site, const KeptAddress& kept, Effects& out) {
  auto& held = addresses_[site];
  if (held == kept) return;
  held = kept;
  out.persist.emplace_back(PutDocument{std::string(documents::addresses) + site.value, encode(kept)});
}

// --- Messages --------------------------------------------------------------------------------------------------------

void Controller::on(Now now, const SiteName& from, const TrustSummary& m, Effects& out) {
  if (admissions_) admissions_->step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const TrustNews& m, Effects& out) {
  if (admissions_) admissions_->step(now, from, m, out);
}
void Controller::on(Now now, const SiteName& from, const AskRenewal& m, Effects& out) {
  if (admissions_) admissions_->step(now, from, m, out);
}

void Controller::on(Now now, const SiteName& from, const Inquiry& m, Effects& out) {
  InquiryAnswer answer{.number = m.number, .clock = now.wall, .protocol = {}, .federation = {}, .admitted = false};
  answer.protocol = spoken_versions;
  if (admissions_ && admissions_->in_federation()) {
    answer.federation = admissions_->book().federation();
    const auto* asker = admissions_->find(from);
    answer.admitted = asker && asker->second.kind == StandingKind::member;
  }
  out.send.push_back({from, answer});
}

void Controller::on(Now now, const SiteName& from, const InquiryAnswer& m, Effects& out) {
  const auto found = checks_.find(m.number);
  if (found == checks_.end() || found->second.site != from) return;
  const auto check = found->second;
  checks_.erase(found);
  answer_check(now, check, &m, out);
}

// --- Users -----------------------------------------------------------------------------------------------------------

void Controller::ask(Now now, Ticket ticket, const Caller& caller, const TrustCall& call, Effects& out) {
  const bool open = std::holds_alternative<ShowTrust>(call) || std::holds_alternative<Enrol>(call) ||
                    std::holds_alternative<CheckSite>(call);
  if (!open && !caller.is_operator) {
    out.replies.push_back({ticket, refusal("only an operator may change whom " + options_.site.value + " trusts")});
  } else if (!admissions_) {
    out.replies.push_back({ticket, refusal("this site was built without trust")});
  } else if (const auto* check = std::get_if<CheckSite>(&call)) {
    begin_check(now, ticket, *check, out);
  } else {
    // What needs the network or the key files is carried out around the brain, and told to it when it is done.
    const auto carry_out = [&](const auto& content) {
      if constexpr (requires { act(now, content, out); }) {
        return act(now, content, out);
      } else {
        return ApiReply(internal_error("that is not for the brain to do"));
      }
    };
    auto answer = std::visit(carry_out, call);
    hear_admissions(now, out);
    out.replies.push_back({ticket, std::move(answer)});
  }
}

ApiReply Controller::trust_or(const Now& now, const Status& done) const {
  if (!done) return done.error();
  return ApiAnswer{trust_view(now)};
}

ApiReply Controller::act(Now now, const CreateFederation& call, Effects& out) {
  return trust_or(now, admissions_->create(now, call.name, StoreId{parts_.ids->draw()}, out));
}
ApiReply Controller::act(Now now, const Invite& call, Effects& out) {
  InvitationSecret secret;
  for (std::size_t half = 0; half < 2; ++half) {
    const auto bits = parts_.ids->draw();
    std::copy(bits.begin(), bits.end(), secret.bytes.begin() + static_cast<std::ptrdiff_t>(half * bits.size()));
  }
  auto line = admissions_->invite(now, call, InvitationId{parts_.ids->draw()}, secret, out);
  if (!line) return line.error();
  return ApiAnswer{InvitationMade{.line = std::move(*line), .text = {}}};
}
ApiReply Controller::act(Now now, const WithdrawInvitation& call, Effects& out) {
  return trust_or(now, admissions_->withdraw_invitation(call.invitation, out));
}
ApiReply Controller::act(Now now, const Enrol& call, Effects& out) {
  return ApiAnswer{admissions_->enrol(now, call.request, out)};
}
ApiReply Controller::act(Now now, const TakeAdmission& call, Effects& out) {
  const auto taken = admissions_->take(now, call.line, call.answer, out);
  if (!taken) return taken.error();
  if (const auto* sponsor = admissions_->find(call.line.sponsor)) {
    put_address(call.line.sponsor,
                {.identity = sponsor->first,
                 .key = call.answer.sponsor_key,
                 .instead_of = sponsor->second.certificate.transport,
                 .endpoints = call.answer.endpoints,
                 .bulk_endpoints = call.answer.bulk_endpoints},
                out);
  }
  return ApiAnswer{trust_view(now)};
}
ApiReply Controller::act(Now now, const BanSite& call, Effects& out) {
  if (call.lift) return trust_or(now, admissions_->lift_ban(now, call.site, out));
  std::optional<IdentityKey> identity;
  for (const auto& peer : configured_) {
    if (peer.site == call.site) identity = peer.identity;
  }
  return trust_or(now, admissions_->ban(now, call.site, identity, out));
}
ApiReply Controller::act(Now now, const EvictSite& call, Effects& out) {
  return trust_or(now, admissions_->evict(now, call, out));
}
ApiReply Controller::act(Now now, const ShowTrust&, Effects&) {
  return ApiAnswer{trust_view(now)};
}
ApiReply Controller::act(Now, const AnnounceTransportKey& call, Effects&) {
  options_.transport_key = call.key;
  membership_.set_own_record(own_record());
  return ApiAnswer{Acknowledged{}};
}

// Guests that wait go home first; what runs, and own jobs that others run, are waited for unless it shall be at once.
ApiReply Controller::act(Now now, const LeaveFederation& call, Effects& out) {
  if (!admissions_->in_federation()) return refusal(options_.site.value + " is in no federation");
  std::size_t guests = 0;
  std::size_t away = 0;
  for (const auto& [key, run] : host_.runs()) guests += run.record.origin != options_.site && Host::occupies(run);
  for (const auto& [id, job] : origin_.jobs()) {
    const auto* host = host_of(job.record.state);
    const bool over = std::holds_alternative<Ended>(job.record.state);
    away += !over && host && *host != options_.site ? 1u : 0u;
  }
  if (!draining_) {
    draining_ = true;
    out.persist.emplace_back(PutFact{"draining", 1u});
    publisher_.touch();
  }
  give_back_guests(now, out);
  if (!call.at_once && guests + away > 0) {
    return refusal(std::to_string(guests) + " jobs of other sites still run here and " + std::to_string(away) +
                   " of this site's are elsewhere; nothing new is taken in: leave when they are done, or give "
                   "--now to leave them to their fate");
  }
  const auto left = admissions_->leave(now, out);
  if (!left) return left.error();
  for (const auto& [site, kept] : addresses_) {
    out.persist.emplace_back(PutDocument{std::string(documents::addresses) + site.value, {}});
  }
  addresses_.clear();
  draining_ = false;
  out.persist.emplace_back(PutFact{"draining", 0u});
  return ApiAnswer{trust_view(now)};
}

// Why the federation lets this site in no more, if so, and what to do.
std::string Controller::lost_standing() const {
  const auto* own = admissions_ ? admissions_->own() : nullptr;
  if (!own || own->kind == StandingKind::member) return {};
  if (own->kind == StandingKind::name_taken) {
    return "another site was admitted under the name " + options_.site.value +
           " at the same time and keeps it: leave (hansa leave), choose another name, and join again";
  }
  return "this site is no member of " + admissions_->book().charter().name + " any more (" +
         std::string(to_word(own->kind)) + "): leave (hansa leave), and ask for a new invitation";
}

TrustView Controller::trust_view(const Now& now) const {
  TrustView view;
  view.standing = admissions_->own() ? std::string(to_word(admissions_->own()->kind)) : "in no federation";
  if (admissions_->in_federation()) {
    view.federation_name = admissions_->book().charter().name;
    view.federation = admissions_->book().federation();
  }
  for (const auto& [id, invitation] : admissions_->invitations()) {
    if (invitation.used_by.is_zero() && invitation.expires > now.wall) view.invitations.push_back(invitation);
  }
  const auto& standings = admissions_->standings();
  for (const auto& [key, standing] : standings) {
    const auto sponsor = standings.find(standing.sponsor);
    view.sites.push_back({.site = standing.certificate.site,
                          .standing = std::string(to_word(standing.kind)),
                          .identity = key,
                          .sponsor = sponsor == standings.end() ? SiteName{} : sponsor->second.certificate.site,
                          .founder = admissions_->book().is_founder(key),
                          .self = key == parts_.signatures->identity(),
                          .banned = admissions_->is_banned(standing.certificate.site, key),
                          .right = standing.certificate.sponsor,
                          .region = standing.certificate.region,
                          .since = standing.since,
                          .expires = standing.expires,
                          .votes_against = standing.votes,
                          .votes_needed = standing.votes_needed});
  }
  for (const auto& peer : configured_) {
    if (peer.site == options_.site) continue;
    TrustedSite site{.site = peer.site, .standing = "configured", .identity = peer.identity};
    site.banned = admissions_->is_banned(peer.site, peer.identity);
    view.sites.push_back(std::move(site));
  }
  for (auto& site : view.sites) {
    site.promises = promises_.reputation().counts(now.instant, site.site);
    site.expected_delay = promises_.reputation().expected_delay(now.instant, site.site);
  }
  return view;
}

}  // namespace hansa
