// POST and GET /v1/tokens, DELETE /v1/tokens/ID: operators only.
#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_fields.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/routes_common.hpp"

namespace hansa::gateway {
namespace {

constexpr Duration valid_for_usually = std::chrono::hours(24 * 30);
constexpr Duration valid_for_most = std::chrono::hours(24 * 366);

struct TokenForm {
  std::string user;
  std::string role = "user";
  Duration valid_for = valid_for_usually;
};

const FormField<TokenForm> token_fields[] = {
    {"user", [](const json& v, TokenForm& f) { return read_word(v, f.user, 64); }},
    {"role", [](const json& v, TokenForm& f) { return read_word(v, f.role); }},
    {"expires_s", [](const json& v, TokenForm& f) { return read_seconds(v, f.valid_for); }},
};

json token_json(const Token& token) {
  return {{"id", token.id},
          {"user", token.user},
          {"role", to_word(token.role)},
          {"created", time_json(token.created)},
          {"expires", time_json(token.expires)}};
}

Result<TokenBook::Created> create(const RouteContext& context, const HttpRequest& request) {
  const auto value = json::parse(request.body, nullptr, false);
  TokenForm form;
  const auto complaint = value.is_discarded() ? Complaint("is no JSON") : read_form(value, form, token_fields);
  if (!complaint.empty()) return usage_error("the token " + complaint);
  if (form.user.empty()) return usage_error("the token names no user: whose it is must be said");
  const auto role = parse_role(form.role);
  if (!role) return usage_error("the token's role '" + form.role + "' is none of reader, user, operator");
  if (form.valid_for <= Duration{0} || form.valid_for > valid_for_most) {
    return usage_error("the token must expire within a year");
  }
  return context.tokens->create(form.user, *role, form.valid_for);
}

// Nothing when the caller may.
std::optional<HttpResponse> keep_out(const RouteContext& context, const HttpRequest& request) {
  if (!request.caller.is_operator) {
    return problem(403, "refused", "only an operator may make, list or revoke tokens of " + context.site.value);
  }
  if (context.tokens == nullptr) return problem(503, "unreachable", "this daemon keeps no tokens");
  return std::nullopt;
}

void note(const RouteContext& context, const HttpRequest& request, const char* act, const std::string& id,
          const std::string& text) {
  context.audit({.act = act, .actor = "operator " + request.caller.user, .subject = "token " + id, .text = text});
}

}  // namespace

void create_token(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  if (auto refused = keep_out(context, request)) return respond(std::move(*refused));
  const auto created = create(context, request);
  if (!created) return respond(problem(created.error()));
  const auto& token = created->token;
  note(context, request, "token-create", token.id, std::string(to_word(token.role)) + " " + token.user);
  auto body = token_json(token);
  body["token"] = created->text;
  respond({.status = 201, .body = to_text(body)});
}

void list_tokens(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  if (auto refused = keep_out(context, request)) return respond(std::move(*refused));
  auto list = json::array();
  for (const auto& token : context.tokens->list()) list.push_back(token_json(token));
  respond({.body = to_text({{"tokens", list}})});
}

void revoke_token(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  if (auto refused = keep_out(context, request)) return respond(std::move(*refused));
  const auto done = context.tokens->revoke(arguments.front());
  if (!done) return respond(problem(done.error()));
  note(context, request, "token-revoke", arguments.front(), "");
  respond({.body = R"({"acknowledged":true})"});
}

}  // namespace hansa::gateway
