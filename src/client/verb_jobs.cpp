// queue, history, job: jobs as tables.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>

#include "src/client/formats.hpp"
#include "src/client/job_list.hpp"
#include "src/client/json_read.hpp"
#include "src/client/table.hpp"
#include "src/client/times.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

// What ran counts from its start to its end, or to now.
std::string elapsed_of(const nlohmann::json& job, double now_s) {
  if (job.contains("outcome") && job["outcome"].is_object())
    return format_elapsed(number_of(job["outcome"], "elapsed_s"));
  const auto started = parse_utc(text_of(job, "started"));
  return format_elapsed(started ? now_s - *started : 0);
}

std::string site_of(const nlohmann::json& job) {
  const auto host = text_of(job, "host");
  return host.empty() ? "-" : host;
}

// Of a host that is silent it matters since when.
std::string reason_of(const nlohmann::json& job, double now_s) {
  const auto reason = text_of(job, "reason");
  const auto since = parse_utc(text_of(job, "since"));
  if (text_of(job, "state") != "UNKNOWN" || !since) return reason;
  return reason + " for " + format_span(std::max(now_s - *since, 0.0));
}

std::vector<Cell> queue_row(const nlohmann::json& job, double now_s) {
  const auto state = text_of(job, "state");
  const auto reason = reason_of(job, now_s);
  return {text_of(job, "id"),
          text_of(job, "name"),
          text_of(job, "user"),
          Cell(state, colour_of_state(state)),
          reason.empty() ? "-" : reason,
          site_of(job),
          Cell::number(elapsed_of(job, now_s)),
          Cell::number(format_elapsed(number_of(job, "time_limit_s"))),
          text_of(job, "resources")};
}

std::vector<Cell> history_row(const nlohmann::json& job, double now_s) {
  const auto state = text_of(job, "state");
  return {text_of(job, "id"),
          text_of(job, "name"),
          text_of(job, "user"),
          Cell(state, colour_of_state(state)),
          Cell::number(has_run(job) ? text_of(job["outcome"], "exit_code") : "-"),
          site_of(job),
          Cell::number(has_run(job) ? elapsed_of(job, now_s) : "-"),
          show_time(text_of(job, "submitted")),
          show_time(text_of(job, "ended"))};
}

using Row = std::vector<Cell> (*)(const nlohmann::json& job, double now_s);

Outcome show_list(Context& context, Args args, bool history, std::vector<std::string> header, Row row) {
  if (!args.words.empty())
    return usage_error("'" + args.words.front() + "' is not understood: for one job see hansa job ID");
  if (args.has("me")) args.given.emplace_back("user", user_name());
  JobQuery query;
  if (const auto limit = args.last("limit")) {
    const auto count = parse_count(*limit);
    if (!count || *count == 0) return usage_error("--limit: a number of 1 or more is wanted");
    query.most = *count;
  }
  query.filters = filters_of(args) + (history ? "&history=1" : "");
  query.latest = history;
  const auto jobs = list_jobs(context.daemon, query);
  if (!jobs) return jobs.error();
  if (args.has("json")) {
    print(nlohmann::json{{"jobs", *jobs}}.dump() + "\n");
    return 0;
  }
  Table table{.header = args.has("noheader") ? std::vector<std::string>{} : std::move(header), .rows = {}};
  const auto now_s = static_cast<double>(std::time(nullptr));
  for (const auto& job : *jobs) table.rows.push_back(row(job, now_s));
  print(table.text(context.coloured));
  return 0;
}

void add_line(Table& table, const char* label, std::string text, Colour colour = Colour::none) {
  if (!text.empty()) table.rows.push_back({Cell(label, Colour::faint), Cell(std::move(text), colour)});
}

void add_outcome(Table& table, const nlohmann::json& job) {
  if (!job.contains("outcome") || !job["outcome"].is_object()) return;
  const auto& outcome = job["outcome"];
  const auto because = text_of(outcome, "reason");
  if (because != text_of(job, "reason")) add_line(table, "because", because);
  if (!has_run(job)) return;
  add_line(table, "exit code",
           text_of(outcome, "exit_code") +
               (number_of(outcome, "signal") > 0 ? " (signal " + text_of(outcome, "signal") + ")" : ""));
  add_line(table, "ran for", format_elapsed(number_of(outcome, "elapsed_s")));
  add_line(table, "cpu time", format_span(number_of(outcome, "cpu_s")));
  add_line(table, "peak memory", format_bytes(number_of(outcome, "memory_peak_bytes")));
  add_line(table, "outputs", format_bytes(number_of(outcome, "output_bytes")));
}

// "1.2 GiB of 4.0 GiB are there"
std::string staged_text(const nlohmann::json& job) {
  const auto& request = job.contains("request") ? job["request"] : job;
  return format_bytes(number_of(job, "staged_bytes")) + " of " + format_bytes(number_of(request, "bundle_bytes")) +
         " are at the host";
}

std::string job_text(const nlohmann::json& job, bool coloured) {
  const auto state = text_of(job, "state");
  Table table;
  add_line(table, "job", text_of(job, "id"));
  add_line(table, "name", text_of(job, "name"));
  add_line(table, "user", text_of(job, "user"));
  add_line(table, "state", state, colour_of_state(state));
  add_line(table, "reason", text_of(job, "reason"));
  add_line(table, "since", show_time(text_of(job, "since"), ""));
  add_line(table, "next", text_of(job, "next"));
  add_line(table, "submitted at", text_of(job, "origin"));
  add_line(table, "runs at",
           text_of(job, "host") + (text_of(job, "where").empty() ? "" : ", " + text_of(job, "where")));
  if (number_of(job, "staged_bytes") > 0) add_line(table, "files", staged_text(job));
  add_line(table, "asks for", text_of(job, "resources"));
  add_line(table, "time limit", format_elapsed(number_of(job, "time_limit_s")));
  add_line(table, "submitted", show_time(text_of(job, "submitted"), ""));
  add_line(table, "may start", show_time(text_of(job, "expected_start"), ""));
  add_line(table, "started", show_time(text_of(job, "started"), ""));
  add_line(table, "ended", show_time(text_of(job, "ended"), ""));
  if (number_of(job, "age_s") > 0) add_line(table, "news are", format_span(number_of(job, "age_s")) + " old");
  if (const auto at = text_of(job, "copy_at"); !at.empty()) {
    add_line(table, "told by", at + ", from a copy of what " + text_of(job, "origin") + " last said");
  }
  if (number_of(job, "array_tasks_waiting") > 0) add_line(table, "tasks waiting", text_of(job, "array_tasks_waiting"));
  add_outcome(table, job);
  return table.text(coloured);
}

using Tasks = Result<std::map<int, nlohmann::json>>;

// An array is in the states of its tasks: "3 RUNNING, 5 COMPLETED".
void as_its_tasks(nlohmann::json& array, const std::map<int, nlohmann::json>& tasks) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [index, task] : tasks) ++counts[text_of(task, "state")];
  std::string states;
  for (const auto& [state, count] : counts)
    states += (states.empty() ? "" : ", ") + std::to_string(count) + " " + state;
  array["state"] = states;
  array["reason"] = "";
  array["outcome"] = nullptr;
}

}  // namespace

Outcome run_queue(Context& context, const Args& args) {
  return show_list(context, args, false,
                   {"JOBID", "NAME", "USER", "STATE", "REASON", "SITE", "TIME", "LIMIT", "RESOURCES"}, queue_row);
}

Outcome run_history(Context& context, const Args& args) {
  return show_list(context, args, true,
                   {"JOBID", "NAME", "USER", "STATE", "EXIT", "SITE", "TIME", "SUBMITTED", "ENDED"}, history_row);
}

Outcome run_job(Context& context, const Args& args) {
  if (args.words.size() != 1) return usage_error("one job is wanted, as in hansa job wujiang-1042");
  const auto reply = context.daemon.ask({.target = "/v1/jobs/" + escape(args.words.front())});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  auto job = parse_answer(reply->body);
  if (!job) return job.error();
  const auto tasks = has_run(*job) ? Tasks(std::map<int, nlohmann::json>{}) : tasks_of(context.daemon, *job);
  if (!tasks) return tasks.error();
  if (!tasks->empty()) as_its_tasks(*job, *tasks);
  print(job_text(*job, context.coloured));
  return 0;
}

}  // namespace hansa::client
