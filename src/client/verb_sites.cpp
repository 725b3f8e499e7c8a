// sites, capacity, version.
#include <cstdio>

#include "src/client/formats.hpp"
#include "src/client/json_read.hpp"
#include "src/client/table.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

std::string amount(const nlohmann::json& object, const char* field) {
  char text[48];
  std::snprintf(text, sizeof text, "%g", number_of(object, field));
  return text;
}

std::string known(const nlohmann::json& object, const char* field) {
  const auto text = text_of(object, field);
  return text.empty() ? "?" : text;
}

std::string span_or(const nlohmann::json& object, const char* field, const char* otherwise) {
  return object.contains(field) && object[field].is_number() ? format_span(number_of(object, field)) : otherwise;
}

// "a100 16/48, cpu 3/64": free of all units.
std::string pools_text(const nlohmann::json& site) {
  std::string text;
  for (const auto& pool : list_of(site, "pools")) {
    text += (text.empty() ? "" : ", ") + text_of(pool, "pool") + " " + known(pool, "units_free") + "/" +
            known(pool, "units");
  }
  return text.empty() ? "-" : text;
}

std::vector<Cell> site_row(const nlohmann::json& site) {
  const bool self = flag_of(site, "self");
  const auto state = text_of(site, "state");
  return {Cell(text_of(site, "site") + (self ? " *" : "")),
          Cell(state + (flag_of(site, "draining") ? ", draining" : ""), colour_of_state(state)),
          self || flag_of(site, "connected") ? "yes" : "no",
          Cell::number(self ? "-" : span_or(site, "rtt_s", "?")),
          Cell::number(self ? "-" : format_span(number_of(site, "age_s"))),
          text_of(site, "region"),
          pools_text(site)};
}

std::vector<Cell> pool_row(const nlohmann::json& pool) {
  const auto model = text_of(pool, "model");
  const auto state = text_of(pool, "state");
  return {text_of(pool, "site"),
          Cell(state, colour_of_state(state)),
          text_of(pool, "pool"),
          model.empty() ? "cpu" : model,
          Cell::number(text_of(pool, "nodes")),
          Cell::number(known(pool, "units_free") + "/" + known(pool, "units")),
          Cell::number(amount(pool, "tflops_per_unit")),
          Cell::number(amount(pool, "price_per_unit_hour")),
          Cell::number(span_or(pool, "wait_small_s", "?")),
          Cell::number(format_span(number_of(pool, "age_s")))};
}

struct Listing {
  const char* target;
  const char* list;
  std::vector<std::string> header;
  std::vector<Cell> (*row)(const nlohmann::json&);
};

Outcome show(Context& context, const Args& args, const Listing& listing) {
  if (!args.words.empty()) return usage_error("'" + args.words.front() + "' is not understood");
  const auto reply = context.daemon.ask({.target = listing.target});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  Table table{.header = args.has("noheader") ? std::vector<std::string>{} : listing.header, .rows = {}};
  for (const auto& item : list_of(*answer, listing.list)) table.rows.push_back(listing.row(item));
  print(table.text(context.coloured));
  return 0;
}

}  // namespace

Outcome run_sites(Context& context, const Args& args) {
  if (args.has("trust")) return run_trust(context, args);
  return show(context, args,
              {"/v1/sites", "sites", {"SITE", "STATE", "LINK", "RTT", "AGE", "REGION", "FREE/UNITS"}, site_row});
}

Outcome run_capacity(Context& context, const Args& args) {
  return show(context, args,
              {"/v1/capacity",
               "pools",
               {"SITE", "STATE", "POOL", "MODEL", "NODES", "FREE/UNITS", "TFLOPS", "PRICE/H", "WAIT", "AGE"},
               pool_row});
}

// The command's own version is worth something even when no daemon answers.
Outcome run_version(Context& context, const Args& args) {
  const auto reply = context.daemon.ask({.target = "/v1/version"});
  const auto answer = reply ? parse_answer(reply->body) : Result<nlohmann::json>(reply.error());
  if (args.has("json")) {
    nlohmann::ordered_json both{{"client", HANSA_VERSION}};
    both["daemon"] = answer ? *answer : nlohmann::json();
    print(both.dump() + "\n");
    return 0;
  }
  print("hansa " HANSA_VERSION "\n");
  if (!answer) return answer.error();
  print("hansad " + text_of(*answer, "version") + " at " + text_of(*answer, "site") + "\n");
  return 0;
}

}  // namespace hansa::client
