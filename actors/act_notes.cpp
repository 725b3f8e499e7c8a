#include "actors/act_notes.hpp"

#include <utility>

namespace hansa {
namespace {

struct Act {
  const char* word;
  std::string subject;
};

// Who merely looks, or speaks for the daemon itself, is not for the book.
struct TrustActs {
  std::optional<Act> operator()(const CreateFederation& call) const { return Act{"federation", call.name}; }
  std::optional<Act> operator()(const Invite& call) const {
    return Act{"invite", call.site.value.empty() ? "a site in " + (call.region.empty() ? "any region" : call.region)
                                                 : call.site.value};
  }
  std::optional<Act> operator()(const WithdrawInvitation&) const { return Act{"withdraw", "an invitation"}; }
  std::optional<Act> operator()(const JoinFederation&) const { return Act{"join", "a federation"}; }
  std::optional<Act> operator()(const LeaveFederation&) const { return Act{"leave", "the federation"}; }
  std::optional<Act> operator()(const BanSite& call) const {
    return Act{call.lift ? "lift_ban" : "ban", call.site.value};
  }
  std::optional<Act> operator()(const EvictSite& call) const {
    return Act{call.withdraw ? "withdraw" : "evict", call.site.value};
  }
  std::optional<Act> operator()(const RotateTransportKey&) const { return Act{"rotate_key", "this site"}; }
  std::optional<Act> operator()(const TakeAdmission&) const { return std::nullopt; }
  std::optional<Act> operator()(const Enrol&) const { return std::nullopt; }
  std::optional<Act> operator()(const ShowTrust&) const { return std::nullopt; }
  std::optional<Act> operator()(const AnnounceTransportKey&) const { return std::nullopt; }
  std::optional<Act> operator()(const CheckSite&) const { return std::nullopt; }
};

std::string actor_of(const Caller& caller) {
  if (!caller.is_operator) return caller.user;
  return "operator " + caller.user + (caller.token.empty() ? "" : " by token " + caller.token);
}

std::optional<AuditNote> note_of_job(const Caller& caller, const ActOnJob& act, const RunDirectory& directory) {
  if (!caller.is_operator) return std::nullopt;
  const auto id = directory.resolve(act.job);
  const auto placed = id ? directory.find(*id) : std::nullopt;
  if (!placed || placed->request->user == caller.user) return std::nullopt;
  return AuditNote{.act = std::string(to_word(act.act)),
                   .actor = actor_of(caller),
                   .subject = format_job(act.job.site, *id),
                   .text = "a job of " + placed->request->user};
}

}  // namespace

std::optional<AuditNote> note_of(const Caller& caller, const ApiCall& call, const RunDirectory& directory) {
  if (const auto* act = std::get_if<ActOnJob>(&call)) return note_of_job(caller, *act, directory);
  std::optional<Act> act;
  if (const auto* on_site = std::get_if<ActOnSite>(&call)) {
    act = Act{to_word(on_site->act).data(), on_site->site.value.empty() ? "this site" : on_site->site.value};
  } else if (const auto* trust = std::get_if<TrustCall>(&call)) {
    act = std::visit(TrustActs{}, *trust);
  }
  if (!act) return std::nullopt;
  return AuditNote{.act = act->word, .actor = actor_of(caller), .subject = act->subject};
}

std::function<void(ApiReply)> noted(AuditNote note, const std::function<void(AuditNote)>& audit,
                                    std::function<void(ApiReply)> answer) {
  return [note = std::move(note), audit, answer = std::move(answer)](ApiReply reply) mutable {
    note.allowed = reply.ok();
    if (!reply) note.text = note.text.empty() ? reply.error().text : note.text + ": " + reply.error().text;
    audit(std::move(note));
    answer(std::move(reply));
  };
}

}  // namespace hansa
