#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_views.hpp"

namespace hansa::gateway {
namespace {

using Json = nlohmann::ordered_json;

Json request_json(const JobRequest& request) {
  const auto& resources = request.resources;
  return {{"nodes", resources.nodes},
          {"accelerators_per_node", resources.per_node.accelerators},
          {"cores_per_node", resources.per_node.cores},
          {"memory_bytes_per_node", resources.per_node.memory_mib << 20},
          {"models", resources.models},
          {"pools", resources.pools},
          {"exclusive", resources.exclusive},
          {"requeue", request.requeue},
          {"bundle_bytes", request.bundle_bytes}};
}

Json name_or_null(const SiteName& site) {
  return site.empty() ? Json() : Json(site.value);
}

Json outcome_json(const Outcome& outcome) {
  return {{"state", to_word(outcome.state)},
          {"exit_code", outcome.exit.code},
          {"signal", outcome.exit.signal},
          {"reason", outcome.reason},
          {"elapsed_s", seconds(outcome.usage.elapsed)},
          {"cpu_s", seconds(outcome.usage.cpu)},
          {"memory_peak_bytes", outcome.usage.memory_peak_mib << 20},
          {"unit_hours", outcome.usage.unit_hours},
          {"outputs", outcome.outputs == ContentHash{} ? Json() : Json(to_hex(outcome.outputs))},
          {"output_bytes", outcome.output_bytes},
          {"started", time_json(outcome.started)},
          {"ended", time_json(outcome.ended)},
          {"where", outcome.where}};
}

void append_id(std::string& text, const SiteName& site, const JobId& job) {
  text += R"({"id":")" + format_job(site, job) + R"(","number":)" + std::to_string(job.number) + '}';
}

}  // namespace

Json job_json(const JobView& job) {
  Json view{{"id", job.id_text},
            {"number", job.id.number},
            {"task", job.id.task == JobId::no_task ? Json() : Json(job.id.task)},
            {"name", job.name},
            {"user", job.user},
            {"state", job.state},
            {"reason", job.reason},
            {"origin", name_or_null(job.origin)},
            {"host", name_or_null(job.host)},
            {"host_is_final", job.host_is_final},
            {"where", job.where},
            {"resources", job.resources},
            {"time_limit_s", seconds(job.time_limit)},
            {"epoch", job.epoch},
            {"submitted", time_json(job.submitted)},
            {"started", time_json(job.started)},
            {"ended", time_json(job.ended)},
            {"expected_start", time_json(job.expected_start)},
            {"age_s", seconds(job.age)},
            {"since", time_json(job.since)},
            {"next", job.next},
            {"copy_at", name_or_null(job.copy_at)},
            {"outputs_home", job.outputs_home},
            {"array_tasks_waiting", job.array_tasks_waiting},
            {"staged_bytes", job.staged_bytes},
            {"array_waiting", job.array_waiting},
            {"request", request_json(*job.request)}};
  view["outcome"] = job.outcome ? outcome_json(*job.outcome) : Json();
  return view;
}

Json job_list_json(const JobList& list) {
  auto jobs = Json::array();
  for (const auto& job : list.jobs) jobs.push_back(job_json(job));
  return {{"total", list.total}, {"jobs", std::move(jobs)}};
}

Json why_json(const Why& why) {
  auto note = Json::parse(why.note, nullptr, false);
  if (note.is_discarded()) note = why.note.empty() ? Json() : Json(why.note);
  return {{"job", job_json(why.job)}, {"note", std::move(note)}};
}

Json quote_json(const Quote& quote) {
  auto lines = Json::array();
  for (const auto& line : quote.lines) {
    lines.push_back({{"site", line.site.value},
                     {"offers", line.offers},
                     {"reason", line.reason},
                     {"pool", line.pool},
                     {"model", line.model},
                     {"start_s", seconds(line.start)},
                     {"price_per_hour", line.price_per_hour},
                     {"tflops", line.tflops},
                     {"chosen", line.chosen}});
  }
  return {{"quotes", std::move(lines)}};
}

std::string submitted_text(const SiteName& site, const Submitted& submitted, bool many) {
  std::string text;
  if (!many && submitted.jobs.size() == 1) {
    append_id(text, site, submitted.jobs.front());
    return text;
  }
  text.reserve(48 * submitted.jobs.size() + 16);
  text = R"({"jobs":[)";
  for (const auto& job : submitted.jobs) {
    if (text.back() == '}') text += ',';
    append_id(text, site, job);
  }
  return text + "]}";
}

}  // namespace hansa::gateway
