// why: how the last choice for a job was made, from the note that its origin keeps.
#include <cstdio>

#include "src/client/formats.hpp"
#include "src/client/json_read.hpp"
#include "src/client/table.hpp"
#include "src/client/times.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

std::string decimal(double number) {
  char text[48];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

std::string decimal_or_dash(double number) {
  return number > 0 ? decimal(number) : "-";
}

std::string span_or(double seconds, const char* nothing) {
  return seconds > 0 ? format_span(seconds) : nothing;
}

// "start 3.0s, run 2.5h": what the score is the sum of.
std::string terms_text(const nlohmann::json& site) {
  std::string text;
  if (!site.contains("terms") || !site["terms"].is_object()) return text;
  for (const auto& [name, seconds] : site["terms"].items()) {
    if (!seconds.is_number() || seconds.get<double>() == 0) continue;
    text += (text.empty() ? "" : ", ") + name + " " + format_span(seconds.get<double>());
  }
  return text;
}

bool made_offer(const nlohmann::json& site) {
  return site.is_object() && site.contains("terms");
}

// Lower scores are better: expected seconds to the job's end, with all considerations as seconds.
std::string offers_text(const nlohmann::json& sites, bool coloured) {
  Table table{.header = {"OFFER", "POOL", "MODEL", "START IN", "TRANSFER", "TFLOPS", "PRICE/H", "SCORE", "MADE OF"},
              .rows = {}};
  for (const auto& site : sites) {
    if (!made_offer(site)) continue;
    const bool won = number_of(site, "chosen") > 0;
    table.rows.push_back({Cell(text_of(site, "site") + (won ? " <-" : ""), won ? Colour::good : Colour::none),
                          text_of(site, "pool"), text_of(site, "model").empty() ? "cpu" : text_of(site, "model"),
                          Cell::number(span_or(number_of(site, "start"), "now")),
                          Cell::number(span_or(number_of(site, "transfer"), "-")),
                          Cell::number(decimal_or_dash(number_of(site, "tflops"))),
                          Cell::number(decimal_or_dash(number_of(site, "price_per_hour"))),
                          Cell::number(decimal(number_of(site, "total"))), terms_text(site)});
  }
  return table.rows.empty() ? "no site offered to take it then\n" : table.text(coloured);
}

std::string others_text(const nlohmann::json& note, bool coloured) {
  Table table{.header = {"NO OFFER", "PART", "REASON"}, .rows = {}};
  for (const auto& site : list_of(note, "sites")) {
    if (made_offer(site)) continue;
    table.rows.push_back({text_of(site, "site"), text_of(site, "part"), text_of(site, "reason")});
  }
  std::string text = table.rows.empty() ? "" : "\n" + table.text(coloured);
  const auto more = number_of(note, "sites_left_out");
  if (more > 0) text += "and " + decimal(more) + " more sites that were not asked\n";
  return text;
}

// Estimates are of the moment of the choice: what they spoke of may since have been taken, by siblings above all.
std::string moment_text(const nlohmann::json& note) {
  const auto at = number_of(note, "at");
  const auto jobs = number_of(note, "jobs");
  std::string text = "as it was when it was asked" + (at > 0 ? ", " + show_time(at) : "");
  if (jobs > 1) text += " (for " + decimal(jobs) + " equal jobs at once; estimates are for the first)";
  return text + ":\n";
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
  if (const auto next = text_of(job, "next"); !next.empty()) print("next: " + next + "\n");
  if (note.is_string()) return print(harmless(note.get<std::string>()) + "\n"), 0;
  if (!note.is_object()) return print("no choice has been made for it yet\n"), 0;
  print("\n" + moment_text(note));
  if (const auto how = text_of(note, "how"); !how.empty()) print(harmless(how) + "\n");
  print("\n" + offers_text(list_of(note, "sites"), context.coloured) + others_text(note, context.coloured));
  return 0;
}

}  // namespace hansa::client
