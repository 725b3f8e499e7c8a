#include "actors/trust_desk.hpp"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>

#include "actors/messages.hpp"
#include "protocol/admission/admissions.hpp"
#include "protocol/admission/documents.hpp"
#include "protocol/wire/codec.hpp"
#include "src/enrolment/ask_desk.hpp"
#include "src/enrolment/invitation_text.hpp"

namespace hansa {
namespace {

// How long news of a new transport key has before the old one goes.
constexpr auto rotation_notice = std::chrono::seconds(2);
constexpr int route_within_ms = 3'000;

Error for_operators(const SiteName& site) {
  return refusal("only an operator may change whom " + site.value + " trusts");
}
Error busy() {
  return overloaded("another join, check or change of keys is under way: try again in a few seconds");
}

Duration until(WallTime now, WallTime then) {
  return std::chrono::milliseconds(then.unix_ms - now.unix_ms);
}

}  // namespace

TrustDesk::TrustDesk(Parts parts)
    : parts_(std::move(parts)),
      desk_({.secret = parts_.keys.transport_secret,
             .ask = [this](SignedEnrolment request, std::function<void(Enrolled)> answer) {
               to_brain({.user = "", .is_operator = false}, Enrol{std::move(request)},
                        [answer = std::move(answer)](ApiReply reply) {
                          const auto* made = reply ? std::get_if<Enrolled>(&reply.value()) : nullptr;
                          Enrolled failed;
                          if (!reply) failed.refusal = reply.error().text;
                          answer(made ? *made : failed);
                        });
             }}) {}

TrustDesk::~TrustDesk() {
  desk_.close();
  if (errand_.joinable()) errand_.join();
}

void TrustDesk::open_for(const std::map<std::string, std::string>& stored) {
  const auto found = stored.find(documents::charter);
  if (found == stored.end() || parts_.listen.empty()) return;
  const auto now = parts_.clock->now().wall;
  Duration longest{0};
  for (auto at = stored.lower_bound(std::string(documents::invitations)); at != stored.end(); ++at) {
    if (!at->first.starts_with(documents::invitations)) break;
    const auto invitation = decode<Invitation>(at->second);
    if (invitation && invitation->used_by.is_zero()) longest = std::max(longest, until(now, invitation->expires));
  }
  if (longest <= Duration{0}) return;
  const auto opened = desk_.open(parts_.listen, FederationId{parts_.notary->hash(found->second).bytes}, longest);
  if (!opened) spdlog::error("event=enrolment_desk_closed text=\"{}\"", opened.error().text);
}

void TrustDesk::call(const Caller& caller, TrustCall call, std::function<void(ApiReply)> answer) {
  if (auto* wanted = std::get_if<Invite>(&call)) return invite(caller, std::move(*wanted), std::move(answer));
  if (const auto* wanted = std::get_if<JoinFederation>(&call)) return join(caller, *wanted, std::move(answer));
  if (std::holds_alternative<RotateTransportKey>(call)) return rotate(caller, std::move(answer));
  if (const auto* wanted = std::get_if<CheckSite>(&call)) return check(caller, *wanted, std::move(answer));
  to_brain(caller, std::move(call), std::move(answer));
}

void TrustDesk::to_brain(const Caller& caller, TrustCall call, std::function<void(ApiReply)> answer) const {
  if (!parts_.addresses->get(Role::controller)) {
    return answer(unreachable("the site's daemon is just starting or stopping; try again in a moment"));
  }
  parts_.addresses->tell(Role::controller, UserAsks{caller, ApiCall{std::move(call)}, std::move(answer)});
}

// The desk is opened before the line is handed out: a line that nobody could use is none.
void TrustDesk::invite(const Caller& caller, Invite call, std::function<void(ApiReply)> answer) {
  call.endpoints = parts_.advertise;
  const auto valid = call.valid;
  to_brain(caller, std::move(call), [this, caller, valid, answer = std::move(answer)](ApiReply reply) {
    auto* made = reply ? std::get_if<InvitationMade>(&reply.value()) : nullptr;
    if (!made) return answer(std::move(reply));
    const auto opened = desk_.open(parts_.listen, made->line.federation, valid);
    if (!opened) {
      to_brain(caller, WithdrawInvitation{made->line.invitation}, [](const ApiReply&) {});
      return answer(opened.error());
    }
    made->text = invitation_text(made->line);
    answer(std::move(reply));
  });
}

void TrustDesk::join(const Caller& caller, const JoinFederation& call, std::function<void(ApiReply)> answer) {
  if (!caller.is_operator) return answer(for_operators(parts_.site));
  const auto line = parse_invitation(call.line);
  if (!line) return answer(line.error());
  const auto errand = [this, caller, line = *line, answer] {
    const auto request = sign_enrolment(*parts_.notary, {.federation = line.federation,
                                                         .invitation = line.invitation,
                                                         .secret = line.secret,
                                                         .site = parts_.site,
                                                         .identity = parts_.keys.identity,
                                                         .transport = parts_.keys.transport,
                                                         .region = parts_.region,
                                                         .clock = parts_.clock->now().wall});
    auto enrolled = enrolment::ask_desk(line, request);
    if (!enrolled) return answer(enrolled.error());
    to_brain(caller, TakeAdmission{.line = line, .answer = std::move(*enrolled)}, answer);
  };
  // Whoever is in a federation already shall not use up an invitation.
  to_brain(caller, ShowTrust{}, [this, errand, answer](const ApiReply& reply) {
    const auto* view = reply ? std::get_if<TrustView>(&reply.value()) : nullptr;
    if (!view) return answer(reply);
    if (!view->federation.is_zero()) {
      return answer(refusal(parts_.site.value + " is in the federation " + view->federation_name +
                            " already: leave it first (hansa leave)"));
    }
    if (!run_errand(errand)) answer(busy());
  });
}

// Others hear of the new key first; then the daemon begins anew with it. Runs go on meanwhile, as over any restart.
void TrustDesk::rotate(const Caller& caller, std::function<void(ApiReply)> answer) {
  if (!caller.is_operator) return answer(for_operators(parts_.site));
  const auto fresh = parts_.key_files.transport + ".next";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  const auto key = make_transport_key(fresh);
  if (!key) return answer(key.error());
  to_brain(caller, AnnounceTransportKey{*key}, [this, fresh, answer](const ApiReply& reply) {
    if (!reply) return answer(reply);
    const auto finish = [this, fresh, answer] {
      std::this_thread::sleep_for(rotation_notice);
      finish_rotation(fresh, answer);
    };
    if (!run_errand(finish)) answer(busy());
  });
}

void TrustDesk::finish_rotation(const std::string& fresh, std::function<void(ApiReply)> answer) const {
  if (std::rename(fresh.c_str(), parts_.key_files.transport.c_str()) != 0) {
    return answer(internal_error("can't put the new key in the place of " + parts_.key_files.transport));
  }
  answer(ApiAnswer{Acknowledged{}});
  parts_.restart();
}

// The brain knows that there is no connection; whether anybody is there at all shows whose fault it is.
void TrustDesk::check(const Caller& caller, const CheckSite& call, std::function<void(ApiReply)> answer) {
  to_brain(caller, call, [this, answer](ApiReply reply) {
    const auto* made = reply ? std::get_if<SiteCheck>(&reply.value()) : nullptr;
    if (!made || made->failed != "route") return answer(std::move(reply));
    const auto errand = [answer, found = *made] {
      auto told = found;
      std::string tried;
      for (const auto& endpoint : told.endpoints) {
        const auto there = enrolment::can_connect(endpoint, route_within_ms);
        if (there) {
          told.failed = "key";
          told.text = "key: somebody answers at " + endpoint +
                      " but the two do not let each other in: it has another "
                      "transport key, or does not know this site (yet)";
          return answer(ApiAnswer{told});
        }
        tried += (tried.empty() ? "" : "; ") + there.error().text;
      }
      told.text = "route: " + (tried.empty() ? told.site.value + " only dials out, and has not" : tried);
      answer(ApiAnswer{told});
    };
    if (!run_errand(errand)) answer(busy());
  });
}

bool TrustDesk::run_errand(std::function<void()> errand) {
  const std::lock_guard lock(mutex_);
  if (errand_runs_) return false;
  if (errand_.joinable()) errand_.join();
  errand_runs_ = true;
  errand_ = std::thread([this, errand = std::move(errand)] {
    errand();
    const std::lock_guard done(mutex_);
    errand_runs_ = false;
  });
  return true;
}

}  // namespace hansa
