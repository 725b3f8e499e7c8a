// federation, invite, join, leave, ban, evict, key, sites --trust: whom this site trusts, and who vouched for whom.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/client/formats.hpp"
#include "src/client/json_read.hpp"
#include "src/client/table.hpp"
#include "src/client/times.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

using Json = nlohmann::ordered_json;

Result<nlohmann::json> post(Context& context, const std::string& target, const Json& body) {
  const auto text = body.dump();
  const auto reply = context.daemon.ask({.method = "POST", .target = target, .body = text});
  if (!reply) return reply.error();
  return parse_answer(reply->body);
}

Result<std::string> only_word(const Args& args, const char* what, const char* example) {
  if (args.words.size() != 1) return usage_error(std::string("name ") + what + ", as in " + example);
  return args.words.front();
}

// "3f2a 90b1 77c4": enough to tell keys apart in a table; --json has all of it.
std::string short_key(const nlohmann::json& site) {
  return text_of(site, "identity").substr(0, 16);
}

std::string standing_of(const nlohmann::json& site) {
  auto text = text_of(site, "standing");
  if (flag_of(site, "banned")) text += ", banned here";
  if (const auto votes = number_of(site, "votes_against"); votes > 0) {
    text += ", " + text_of(site, "votes_against") + " of " + text_of(site, "votes_needed") + " votes to evict";
  }
  return text;
}

// "12 kept, 1 broken: +8 s"; nothing of a site that promised nothing.
std::string promises_of(const nlohmann::json& site) {
  const auto kept = number_of(site, "promises_kept");
  const auto broken = number_of(site, "promises_broken");
  if (kept <= 0 && broken <= 0) return "-";
  char text[96];
  std::snprintf(text, sizeof text, "%.0f kept", kept);
  if (broken > 0) {
    const auto delay = number_of(site, "expected_delay_s");
    std::snprintf(text, sizeof text, "%.0f kept, %.0f broken: +%.0f s", kept, std::ceil(broken), delay);
  }
  return text;
}

std::vector<Cell> trust_row(const nlohmann::json& site) {
  const bool sponsors = site.contains("sponsors_within") && site["sponsors_within"].is_string();
  const auto within = text_of(site, "sponsors_within");
  const auto vouched = flag_of(site, "founder") ? "founder" : text_of(site, "sponsor");
  return {Cell(text_of(site, "site") + (flag_of(site, "self") ? " *" : "")),
          standing_of(site),
          vouched.empty() ? "its [[peer]] table" : vouched,
          sponsors ? (within.empty() ? "anywhere" : within) : "no",
          promises_of(site),
          short_key(site),
          show_time(text_of(site, "since")),
          show_time(text_of(site, "expires"))};
}

void show_trust(Context& context, const nlohmann::json& trust, bool header) {
  const auto federation = text_of(trust, "federation");
  if (header) {
    print(federation.empty() ? "in no federation\n"
                             : "federation " + text_of(trust, "name") + " (" + federation.substr(0, 16) +
                                   "…), this site: " + text_of(trust, "standing") + "\n");
  }
  Table table{.header = header ? std::vector<std::string>{"SITE", "STANDING", "VOUCHED BY", "MAY ADMIT", "PROMISES",
                                                          "KEY", "SINCE", "EXPIRES"}
                               : std::vector<std::string>{},
              .rows = {}};
  for (const auto& site : list_of(trust, "sites")) table.rows.push_back(trust_row(site));
  print(table.text(context.coloured));
  for (const auto& invitation : list_of(trust, "invitations")) {
    const auto site = text_of(invitation, "site");
    print("invitation " + text_of(invitation, "invitation") + " for " + (site.empty() ? "any site" : site) +
          ", until " + show_time(text_of(invitation, "expires")) + "\n");
  }
}

}  // namespace

Outcome run_trust(Context& context, const Args& args) {
  const auto reply = context.daemon.ask({.target = "/v1/federation"});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  show_trust(context, *answer, !args.has("noheader"));
  return 0;
}

Outcome run_federation(Context& context, const Args& args) {
  if (args.words.size() != 2 || args.words.front() != "create") {
    return usage_error("write hansa federation create NAME");
  }
  const auto answer = post(context, "/v1/federation", {{"name", args.words[1]}});
  if (!answer) return answer.error();
  print("founded " + text_of(*answer, "name") + " (" + text_of(*answer, "federation") +
        "); hansa invite lets others in\n");
  return 0;
}

Outcome run_invite(Context& context, const Args& args) {
  if (const auto gone = args.last("withdraw")) {
    const auto answer = post(context, "/v1/federation/invitations/" + escape(*gone) + "/withdraw", Json::object());
    return answer ? Outcome(0) : Outcome(answer.error());
  }
  if (!args.words.empty()) return usage_error("'" + args.words.front() + "' is not understood");
  Json body = Json::object();
  if (const auto site = args.last("site")) body["site"] = *site;
  if (const auto region = args.last("region")) body["region"] = *region;
  if (args.has("sponsor")) body["sponsor"] = true;
  if (const auto expires = args.last("expires")) {
    const auto span = parse_time(*expires);
    if (!span) return usage_error("--expires: " + span.error().text);
    body["valid_s"] = *span;
  }
  const auto answer = post(context, "/v1/federation/invitations", body);
  if (!answer) return answer.error();
  print(text_of(*answer, "line") + "\n");
  if (!args.has("quiet")) {
    complain("the new site's operator runs: hansa join LINE (once, before " + show_time(text_of(*answer, "expires")) +
             "); whoever has the line can use it, so send it where only they read it");
  }
  return 0;
}

Outcome run_join(Context& context, const Args& args) {
  if (args.words.empty()) return usage_error("paste the line that 'hansa invite' printed: hansa join hansa-join-1.…");
  std::string line;
  for (const auto& word : args.words) line += word;
  const auto answer = post(context, "/v1/federation/join", {{"line", line}});
  if (!answer) return answer.error();
  print("joined " + text_of(*answer, "name") + "\n");
  return 0;
}

Outcome run_leave(Context& context, const Args& args) {
  if (!args.words.empty()) return usage_error("'" + args.words.front() + "' is not understood");
  const auto answer = post(context, "/v1/federation/leave", {{"at_once", args.has("now")}});
  if (!answer) return answer.error();
  print("left; those of the federation close their doors as they hear of it\n");
  return 0;
}

Outcome run_ban(Context& context, const Args& args) {
  const auto site = only_word(args, "a site", "hansa ban taihu");
  if (!site) return site.error();
  const auto answer = post(context, "/v1/sites/" + escape(*site) + "/ban", {{"lift", args.has("lift")}});
  return answer ? Outcome(0) : Outcome(answer.error());
}

Outcome run_evict(Context& context, const Args& args) {
  const auto site = only_word(args, "a site", "hansa evict taihu");
  if (!site) return site.error();
  Json body{{"subtree", args.has("subtree")}, {"withdraw", args.has("withdraw")}};
  if (const auto reason = args.last("reason")) body["reason"] = *reason;
  const auto answer = post(context, "/v1/sites/" + escape(*site) + "/evict", body);
  if (!answer) return answer.error();
  for (const auto& one : list_of(*answer, "sites")) {
    if (text_of(one, "site") == *site) print(*site + ": " + standing_of(one) + "\n");
  }
  return 0;
}

Outcome run_key(Context& context, const Args& args) {
  if (args.words.size() != 1 || args.words.front() != "rotate") return usage_error("write hansa key rotate");
  const auto answer = post(context, "/v1/site/rotate-key", Json::object());
  if (!answer) return answer.error();
  print("the other sites know the new transport key; the daemon begins anew with it\n");
  return 0;
}

}  // namespace hansa::client
