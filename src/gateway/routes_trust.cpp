// Who is trusted: the federation, invitations, bans and votes. For operators, apart from looking.
#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_trust.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/routes_common.hpp"

namespace hansa::gateway {
namespace {

bool may_change(const RouteContext& context, const HttpRequest& request, const Respond& respond) {
  if (request.caller.is_operator) return true;
  respond(
      problem(403, "refused",
              "only an operator (root, or the daemon's own user) may change whom " + context.site.value + " trusts"));
  return false;
}

HttpResponse show_trust(const TrustView& view) {
  return {.body = to_text(trust_json(view))};
}

// A call that was read, or what was wrong with it; answered by the federation as it is afterwards.
template <class Call>
void change(const RouteContext& context, const HttpRequest& request, Result<Call> call, Respond respond) {
  if (!may_change(context, request, respond)) return;
  if (!call) return respond(problem(call.error()));
  context.handler.call(request.caller, TrustCall{std::move(*call)},
                       answering<TrustView>(std::move(respond), show_trust));
}

// The site that a path names.
template <class Read>
void change_site(const RouteContext& context, const HttpRequest& request, const PathArguments& arguments, Read read,
                 Respond respond) {
  const auto site = parse_site_name(arguments.front());
  if (!site) return respond(problem(site.error()));
  change(context, request, read(request.body, *site), std::move(respond));
}

}  // namespace

void show_federation(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  context.handler.call(request.caller, TrustCall{ShowTrust{}}, answering<TrustView>(std::move(respond), show_trust));
}

void create_federation(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  change(context, request, read_creation(request.body), std::move(respond));
}

void join_federation(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  change(context, request, read_join(request.body), std::move(respond));
}

void leave_federation(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  change(context, request, read_leave(request.body), std::move(respond));
}

void invite_site(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  if (!may_change(context, request, respond)) return;
  auto call = read_invite(request.body);
  if (!call) return respond(problem(call.error()));
  const auto render = [](const InvitationMade& made) {
    return HttpResponse{.status = 201, .body = to_text(invitation_json(made))};
  };
  context.handler.call(request.caller, TrustCall{std::move(*call)},
                       answering<InvitationMade>(std::move(respond), render));
}

void withdraw_invitation(const RouteContext& context, HttpRequest request, const PathArguments& arguments,
                         Respond respond) {
  WithdrawInvitation call;
  const auto& text = arguments.front();
  bool good = text.size() == 2 * call.invitation.bytes.size();
  for (std::size_t i = 0; good && i < call.invitation.bytes.size(); ++i) {
    const auto* begin = text.data() + 2 * i;
    good = std::from_chars(begin, begin + 2, call.invitation.bytes[i], 16).ptr == begin + 2;
  }
  if (!good)
    return respond(problem(usage_error("an invitation is named by 32 hex digits; GET /v1/federation lists them")));
  change(context, request, Result<WithdrawInvitation>(call), std::move(respond));
}

void ban_site(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  change_site(context, request, arguments, read_ban, std::move(respond));
}

void evict_site(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  change_site(context, request, arguments, read_eviction, std::move(respond));
}

void rotate_key(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  if (!may_change(context, request, respond)) return;
  const auto render = [](const Acknowledged&) { return HttpResponse{.body = R"({"acknowledged":true})"}; };
  context.handler.call(request.caller, TrustCall{RotateTransportKey{}},
                       answering<Acknowledged>(std::move(respond), render));
}

void check_site(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  const auto site = parse_site_name(arguments.front());
  if (!site) return respond(problem(site.error()));
  const auto render = [](const SiteCheck& check) { return HttpResponse{.body = to_text(check_json(check))}; };
  context.handler.call(request.caller, TrustCall{CheckSite{*site}}, answering<SiteCheck>(std::move(respond), render));
}

}  // namespace hansa::gateway
