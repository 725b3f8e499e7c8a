// policy check, test, show: the operator's rules, tried out before and after they are in force.
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "src/client/formats.hpp"
#include "src/client/helper.hpp"
#include "src/client/json_read.hpp"
#include "src/client/submit_json.hpp"
#include "src/client/table.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

using Json = nlohmann::ordered_json;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return usage_error("the policy '" + path + "' can't be read: " + std::strerror(errno));
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// "2026-11-23T22:00", in UTC.
Result<std::int64_t> parse_moment(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M", &parts);
  if (end == nullptr || (*end != '\0' && std::string_view(end) != "Z")) {
    return usage_error("--at '" + text + "' is no moment: write it in UTC as in 2026-11-23T22:00");
  }
  return static_cast<std::int64_t>(::timegm(&parts)) * 1000;
}

Status add_job(const Args& args, Json& question) {
  SubmitForm form;
  for (const auto& [name, value] : args.given) {
    if (name == "policy" || name == "from" || name == "from-region") continue;
    if (auto applied = apply_submit_option(name, value, form); !applied) return applied;
  }
  const auto shape = shape_of(form);
  if (!shape) return shape.error();
  question["job"] = {{"name", form.name.empty() ? "test" : form.name}, {"resources", resources_json(form, *shape)}};
  if (const auto user = args.last("user")) question["job"]["user"] = *user;
  return success();
}

Result<std::string> question_of(const Args& args) {
  Json question = Json::object();
  if (const auto from = args.last("from")) question["from"] = *from;
  if (const auto region = args.last("from-region")) question["region"] = *region;
  if (const auto at = args.last("at")) {
    const auto moment = parse_moment(*at);
    if (!moment) return moment.error();
    question["at_ms"] = *moment;
  }
  if (const auto path = args.last("policy")) {
    auto text = read_file(*path);
    if (!text) return text.error();
    question["policy"] = std::move(*text);
  }
  if (auto added = add_job(args, question); !added) return added.error();
  return question.dump();
}

std::string amount(double number) {
  char text[48];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

Table table_of(const nlohmann::json& answer, bool is_guest) {
  Table table{.header = {is_guest ? "POOL" : "SITE", "DECISION", "RULE", "HOW"}, .rows = {}};
  if (is_guest) table.header.insert(table.header.begin() + 2, "PRICE/H");
  for (const auto& line : list_of(answer, "lines")) {
    const bool accepted = flag_of(line, "accepted");
    std::vector<Cell> row{text_of(line, "place"),
                          Cell(accepted ? (is_guest ? "accept" : "allow") : (is_guest ? "decline" : "keep"),
                               accepted ? Colour::good : Colour::bad),
                          text_of(line, "rule").empty() ? "-" : text_of(line, "rule"), text_of(line, "text")};
    if (is_guest) {
      row.insert(row.begin() + 2, Cell::number(accepted ? amount(number_of(line, "price_per_hour")) : "-"));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Outcome test_policy(Context& context, const Args& args) {
  const auto question = question_of(args);
  if (!question) return question.error();
  const auto reply = context.daemon.ask({.method = "POST", .target = "/v1/policy/test", .body = *question});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  const bool is_guest = args.has("from");
  print(table_of(*answer, is_guest).text(context.coloured));
  const auto account = text_of(*answer, "account");
  if (!account.empty()) print("its run would belong to the local account " + account + "\n");
  return 0;
}

Outcome show_policy(Context& context, const Args& args) {
  const auto reply = context.daemon.ask({.target = "/v1/policy"});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  print("# in force, read from " + text_of(*answer, "path") + "\n" + text_of(*answer, "text"));
  return 0;
}

}  // namespace

Outcome run_policy(Context& context, const Args& args) {
  const auto what = args.words.empty() ? std::string() : args.words.front();
  if (what == "check" && args.words.size() == 2) return run_helper({"--check-policy", args.words.back()});
  if (what == "test" && args.words.size() == 1) return test_policy(context, args);
  if (what == "show" && args.words.size() == 1) return show_policy(context, args);
  return usage_error("one of policy check FILE, policy test, policy show is wanted");
}

}  // namespace hansa::client
