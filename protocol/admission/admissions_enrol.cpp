// Enrolment: a stranger with an invitation becomes a member. Both sides of it.
//
// Whoever has not shown the secret of a live invitation is told nothing that depends on what is known here. A request
// is answered again in the same way when it comes again, because the answer may have been lost.
#include <algorithm>
#include <cstdlib>

#include "protocol/admission/admissions.hpp"
#include "protocol/admission/documents.hpp"
#include "protocol/wire/codec.hpp"

namespace hansa {
namespace {

constexpr std::string_view enrolment_kind = "hansa/enrolment/1:";

std::string in_words(std::int64_t ms) {
  const auto seconds = std::llabs(ms) / 1000;
  const auto text = [](long long count, const char* unit) {
    return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
  };
  if (seconds >= 2 * 86'400) return text(seconds / 86'400, "day");
  if (seconds >= 2 * 3'600) return text(seconds / 3'600, "hour");
  if (seconds >= 120) return text(seconds / 60, "minute");
  return text(seconds, "second");
}

bool too_far_apart(WallTime a, WallTime b, Duration skew) {
  return later(a, skew) < b || later(b, skew) < a;
}

Enrolled refused(std::string why) {
  Enrolled answer;
  answer.refusal = std::move(why);
  return answer;
}

}  // namespace

SignedEnrolment sign_enrolment(const Notary& notary, EnrolmentRequest request) {
  SignedEnrolment made{.value = std::move(request), .bytes = {}, .signature = {}};
  made.bytes = encode(made.value);
  made.signature = notary.sign(enrolment_kind, made.bytes);
  return made;
}

// --- At the sponsor --------------------------------------------------------------------------------------------------

Enrolled Admissions::enrol(const Now& now, const SignedEnrolment& request, Effects& out) {
  if (const auto why = why_not(now, request)) return refused(*why);
  const auto& value = request.value;
  auto& invitation = invitations_.at(value.invitation);
  if (invitation.used_by.is_zero()) {
    std::uint64_t serial = 0;
    for (const auto& id : book_.signed_admissions(notary_.identity())) {
      serial = std::max(serial, book_.certificate(id).serial);
    }
    invitation.used_by = value.identity;
    out.persist.emplace_back(
        PutDocument{documents::named(documents::invitations, value.invitation), encode(invitation)});
    learn_own(now,
              statement(now, AdmissionCertificate{.site = value.site,
                                                  .identity = value.identity,
                                                  .transport = value.transport,
                                                  .region = value.region,
                                                  .sponsor = invitation.sponsor,
                                                  .serial = serial + 1,
                                                  .expires = later(now.wall, options_.lifetime)}),
              out);
  }
  return welcome(now, value.identity);
}

std::optional<std::string> Admissions::why_not(const Now& now, const SignedEnrolment& request) const {
  const auto& value = request.value;
  if (!is_member() || value.federation != book_.federation()) {
    return "this invitation is for another federation than the one of " + self_.site.value;
  }
  if (auto why = why_not_invited(now, value)) return why;
  const auto& invitation = invitations_.at(value.invitation);
  if (!invitation.used_by.is_zero() && invitation.used_by != value.identity) {
    return "this invitation was used already, by another site: ask " + self_.site.value + " for a new one";
  }
  if (!notary_.verify(enrolment_kind, request.bytes, request.signature, value.identity)) {
    return "the request is not signed by the key that it names";
  }
  if (too_far_apart(now.wall, value.clock, options_.skew)) {
    const auto ahead = value.clock.unix_ms - now.wall.unix_ms;
    return "the clock of " + value.site.value + " is " + in_words(ahead) + (ahead > 0 ? " ahead of " : " behind ") +
           "the one of " + self_.site.value + ": set it (certificates allow " + in_words(options_.skew.count() / 1000) +
           ")";
  }
  return invitation.used_by.is_zero() ? why_not_named(value) : std::nullopt;
}

std::optional<std::string> Admissions::why_not_invited(const Now& now, const EnrolmentRequest& request) const {
  const auto found = invitations_.find(request.invitation);
  const auto hash = notary_.hash(std::string(request.secret.bytes.begin(), request.secret.bytes.end()));
  if (found == invitations_.end() || found->second.secret_hash != hash) {
    return "this invitation is not known at " + self_.site.value + ": it was withdrawn, or its line was altered";
  }
  const auto& invitation = found->second;
  if (invitation.used_by.is_zero() && invitation.expires < now.wall) {
    return "this invitation expired " + in_words(now.wall.unix_ms - invitation.expires.unix_ms) + " ago: ask " +
           self_.site.value + " for a new one";
  }
  return std::nullopt;
}

std::optional<std::string> Admissions::why_not_named(const EnrolmentRequest& request) const {
  const auto& invitation = invitations_.at(request.invitation);
  const auto& name = request.site.value;
  if (request.site.empty()) return "a site needs a name to join";
  if (!invitation.site.empty() && invitation.site != request.site) {
    return "this invitation is for the site " + invitation.site.value + " and not for " + name;
  }
  if (!within_region(request.region, invitation.region)) {
    return "this invitation is for the region " + invitation.region + ", and " + name + " says it is in '" +
           request.region + "': set region in its hansad.toml, or ask for another invitation";
  }
  if (is_banned(request.site, request.identity)) return name + " is banned at " + self_.site.value;
  const auto* holder = find(request.site);
  const bool taken = holder && holder->second.kind == StandingKind::member && holder->first != request.identity;
  const auto reserved = reserved_.find(request.site);
  const bool configured = reserved != reserved_.end() && reserved->second != request.identity;
  if (taken || configured || request.site == self_.site) {
    return "another site of the federation is called " + name + " already: choose another name (site in hansad.toml)";
  }
  const auto known = standings_.find(request.identity);
  if (known != standings_.end() && known->second.kind == StandingKind::member) {
    return name + " is a member already, as " + known->second.certificate.site.value;
  }
  if (is_key_taken(request.transport, request.identity)) {
    return name + " shows the transport key of another member: make keys of its own (hansa init)";
  }
  return std::nullopt;
}

Enrolled Admissions::welcome(const Now& now, const IdentityKey& newcomer) const {
  Enrolled answer;
  answer.charter = encode(book_.charter());
  answer.chain = book_.with_chain(book_.admissions_of(newcomer));
  answer.sponsor = self_.site;
  answer.sponsor_key = self_.transport;
  answer.endpoints = self_.endpoints;
  answer.bulk_endpoints = self_.bulk_endpoints;
  answer.clock = now.wall;
  return answer;
}

// --- At the newcomer -------------------------------------------------------------------------------------------------

std::optional<std::string> Admissions::why_not_taken(const Now& now, const InvitationLine& line,
                                                     const Enrolled& answer) const {
  if (!answer.refusal.empty()) return answer.refusal;
  if (FederationId{notary_.hash(answer.charter).bytes} != line.federation) {
    return "the charter that " + line.sponsor.value + " sent is not the one that the invitation names";
  }
  if (too_far_apart(now.wall, answer.clock, options_.skew)) {
    const auto ahead = now.wall.unix_ms - answer.clock.unix_ms;
    return "this site's clock is " + in_words(ahead) + (ahead > 0 ? " ahead of " : " behind ") + "the one of " +
           line.sponsor.value + ": set it first";
  }
  return std::nullopt;
}

Status Admissions::take(const Now& now, const InvitationLine& line, const Enrolled& answer, Effects& out) {
  if (book_.is_open()) {
    return refusal(self_.site.value + " is in the federation " + book_.charter().name +
                   " already: leave it first (hansa leave)");
  }
  if (const auto why = why_not_taken(now, line, answer)) return refusal("can't join: " + *why);
  auto charter = decode<Charter>(answer.charter);
  if (!charter) return corrupt("can't join: the charter is not readable: " + charter.error().text);

  TrustBook fresh(notary_, options_);
  fresh.open(std::move(*charter));
  auto waiting = answer.chain;
  for (std::size_t before = waiting.size() + 1; waiting.size() < before;) {
    before = waiting.size();
    std::erase_if(waiting, [&](const auto& one) { return fresh.take(now.wall, one) == Taken::news; });
  }
  auto standings = reckon(fresh, options_, now.wall);
  const auto own_now = standings.find(notary_.identity());
  if (own_now == standings.end() || own_now->second.kind != StandingKind::member) {
    return refusal("can't join: the certificate that " + line.sponsor.value + " gave does not lead back to a founder");
  }
  if (own_now->second.certificate.site != self_.site) {
    return refusal("can't join: the certificate is for " + own_now->second.certificate.site.value + " and not for " +
                   self_.site.value);
  }
  book_ = std::move(fresh);
  out.persist.emplace_back(PutDocument{documents::charter, answer.charter});
  for (const auto& [id, held] : book_.statements()) keep(id, held, std::nullopt, out);
  farewell_.clear();
  next_summary_at_ = now.instant + options_.summary_every;
  reckon_anew(now, out);
  return success();
}

}  // namespace hansa
