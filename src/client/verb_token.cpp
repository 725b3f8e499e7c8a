// token create, list, revoke.
#include <nlohmann/json.hpp>

#include "src/client/formats.hpp"
#include "src/client/json_read.hpp"
#include "src/client/table.hpp"
#include "src/client/times.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

// "30d", or what --time takes.
Result<std::uint64_t> parse_expiry(const std::string& text) {
  constexpr std::uint64_t day_s = 86'400;
  if (!text.ends_with('d')) return parse_time(text);
  const auto days = parse_count(text.substr(0, text.size() - 1));
  if (!days) return usage_error("--expires '" + text + "' is no time: write 12h or 30d");
  return *days * day_s;
}

Outcome create_token(Context& context, const Args& args) {
  if (!args.has("user")) return usage_error("--user NAME is wanted: whose the token is");
  nlohmann::ordered_json wanted{{"user", *args.last("user")}};
  if (const auto role = args.last("role")) wanted["role"] = *role;
  if (const auto expires = args.last("expires")) {
    const auto seconds = parse_expiry(*expires);
    if (!seconds) return seconds.error();
    wanted["expires_s"] = *seconds;
  }
  const auto reply = context.daemon.ask({.method = "POST", .target = "/v1/tokens", .body = wanted.dump()});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  print(text_of(*answer, "token") + "\n");
  complain("this is shown once; it is good until " + text_of(*answer, "expires") + " as HANSA_TOKEN of " +
           text_of(*answer, "user") + ", a " + text_of(*answer, "role"));
  return 0;
}

Outcome list_tokens(Context& context, const Args& args) {
  const auto reply = context.daemon.ask({.target = "/v1/tokens"});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  Table table{.header = {"ID", "USER", "ROLE", "CREATED", "EXPIRES"}, .rows = {}};
  if (args.has("noheader")) table.header.clear();
  for (const auto& token : list_of(*answer, "tokens")) {
    table.rows.push_back({text_of(token, "id"), text_of(token, "user"), text_of(token, "role"),
                          text_of(token, "created"), text_of(token, "expires")});
  }
  print(table.text(context.coloured));
  return 0;
}

}  // namespace

Outcome run_token(Context& context, const Args& args) {
  const auto what = args.words.empty() ? std::string() : args.words.front();
  if (what == "create" && args.words.size() == 1) return create_token(context, args);
  if (what == "list" && args.words.size() == 1) return list_tokens(context, args);
  if (what != "revoke" || args.words.size() != 2) {
    return usage_error("one of token create --user NAME, token list, token revoke ID is wanted");
  }
  const auto reply = context.daemon.ask({.method = "DELETE", .target = "/v1/tokens/" + escape(args.words.back())});
  if (!reply) return reply.error();
  return 0;
}

}  // namespace hansa::client
