// why: how the last choice for a job was made, from the note that its origin keeps.
#include <cstdio>

#include "src/client/formats.hpp"
#include "src/client/json_read.hpp"
#include "src/client/table.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

std::string decimal(double number) {
  char text[48];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

// "start 3.0s, transfer 12s, run 2.5h".
std::string breakdown_text(const nlohmann::json& option) {
  std::string text;
  for (const auto& term : list_of(option, "breakdown")) {
    text += (text.empty() ? "" : ", ") + text_of(term, "name") + " " + format_span(number_of(term, "seconds"));
  }
  return text;
}

std::string options_text(const nlohmann::json& note, bool coloured) {
  const auto options = list_of(note, "options");
  if (options.empty()) return "no site offered to take it\n";
  const auto chosen = text_of(note, "chosen");
  Table table{.header = {"OFFER", "POOL", "START IN", "TRANSFER", "RUN", "PRICE/H", "SCORE", "MADE OF"}, .rows = {}};
  for (const auto& option : options) {
    const auto site = text_of(option, "site");
    const bool won = site == chosen;
    table.rows.push_back({Cell(site + (won ? " <-" : ""), won ? Colour::good : Colour::none), text_of(option, "pool"),
                          Cell::number(format_span(number_of(option, "start_s"))),
                          Cell::number(format_span(number_of(option, "transfer_s"))),
                          Cell::number(format_span(number_of(option, "run_s"))),
                          Cell::number(decimal(number_of(option, "price"))),
                          Cell::number(decimal(number_of(option, "score"))), breakdown_text(option)});
  }
  return table.text(coloured);
}

std::string declined_text(const nlohmann::json& note, bool coloured) {
  const auto declined = list_of(note, "declined");
  if (declined.empty()) return {};
  Table table{.header = {"DECLINED", "REASON"}, .rows = {}};
  for (const auto& item : declined) table.rows.push_back({text_of(item, "site"), text_of(item, "reason")});
  return "\n" + table.text(coloured);
}

}  // namespace

Outcome run_why(Context& context, const Args& args) {
  if (args.words.size() != 1) return usage_error("one job is wanted, as in hansa why wujiang-1042");
  const auto reply = context.daemon.ask({.target = "/v1/jobs/" + escape(args.words.front()) + "/why"});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  const auto job = answer->contains("job") ? (*answer)["job"] : nlohmann::json();
  const auto note = answer->contains("note") ? (*answer)["note"] : nlohmann::json();
  const auto host = text_of(job, "host");
  print(text_of(job, "id") + " is " + text_of(job, "state") +
        (text_of(job, "reason").empty() ? "" : " (" + text_of(job, "reason") + ")") +
        (host.empty() ? "" : " at " + host) + "\n");
  if (note.is_string()) return print(harmless(note.get<std::string>()) + "\n"), 0;
  if (!note.is_object()) return print("no choice has been made for it yet\n"), 0;
  print("\n" + options_text(note, context.coloured) + declined_text(note, context.coloured));
  if (const auto how = text_of(note, "how"); !how.empty()) print("\n" + harmless(how) + "\n");
  return 0;
}

}  // namespace hansa::client
