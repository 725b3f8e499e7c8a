#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_job.hpp"
#include "src/gateway/json_views.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/routes_common.hpp"

namespace hansa::gateway {
namespace {

constexpr std::uint32_t list_limit_max = 10'000;

HttpResponse show_job(const JobView& job) {
  return {.body = to_text(job_json(job))};
}

void split_words(std::string_view text, std::vector<std::string>& into) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (comma != 0) into.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
}

// "1042" goes on with the next number, "1042_7" within an array, "1042_" with the array's first task.
bool read_after(const HttpRequest& request, ListJobs& call) {
  const auto text = request.parameter("after").value_or("0");
  const auto mark = text.find('_');
  if (!read_whole(std::string_view(text).substr(0, mark), call.after)) return false;
  if (mark == std::string::npos) return true;
  auto& task = call.after_task.emplace(JobId::no_task);
  return mark + 1 == text.size() || (read_whole(std::string_view(text).substr(mark + 1), task) && task >= 0);
}

void act(const RouteContext& context, const HttpRequest& request, const PathArguments& arguments, JobAct what,
         Respond respond) {
  auto job = read_job_name(arguments.front(), context.site);
  if (!job) return respond(problem(job.error()));
  const auto render = [](const Acknowledged&) { return HttpResponse{.body = R"({"acknowledged":true})"}; };
  context.handler.call(request.caller, ActOnJob{.act = what, .job = *job},
                       answering<Acknowledged>(std::move(respond), render));
}

// A run that was given up is the same job; one that had ended is a new one.
HttpResponse show_rerun(const SiteName& site, const ApiAnswer& answer) {
  const auto* made = std::get_if<Submitted>(&answer);
  if (!made || made->jobs.empty()) return {.body = R"({"acknowledged":true,"new_job":null})"};
  return {.body = R"({"acknowledged":true,"new_job":")" + format_job(site, made->jobs.front()) + "\"}"};
}

}  // namespace

void list_jobs(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  ListJobs call;
  call.user = request.parameter("user").value_or("");
  call.name = request.parameter("name").value_or("");
  for (const auto& [name, value] : request.query) {
    if (name == "state") split_words(value, call.states);
  }
  call.history = is_set(request, "history");
  if (request.parameter("guests")) call.guests = is_set(request, "guests");
  if (!read_number(request, "limit", call.limit) || call.limit == 0 || call.limit > list_limit_max) {
    return respond(bad_parameter("limit", "a number from 1 to 10000 is wanted; page on with after"));
  }
  if (!read_number(request, "number", call.number)) return respond(bad_parameter("number", "a job number is wanted"));
  if (!read_after(request, call)) {
    return respond(bad_parameter("after", "a job number is wanted, or one with its task, as in 1042_7"));
  }
  const auto render = [](const JobList& list) { return HttpResponse{.body = to_text(job_list_json(list))}; };
  context.handler.call(request.caller, std::move(call), answering<JobList>(std::move(respond), render));
}

void get_job(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto job = read_job_name(arguments.front(), context.site);
  if (!job) return respond(problem(job.error()));
  GetJob call{.job = *job};
  if (!read_wait(request, call.wait)) return respond(bad_parameter("wait", "a number of seconds is wanted"));
  context.handler.call(request.caller, std::move(call), answering<JobView>(std::move(respond), show_job));
}

void why_job(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto job = read_job_name(arguments.front(), context.site);
  if (!job) return respond(problem(job.error()));
  const auto render = [](const Why& why) { return HttpResponse{.body = to_text(why_json(why))}; };
  context.handler.call(request.caller, WhyJob{*job}, answering<Why>(std::move(respond), render));
}

void cancel_job(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  act(context, request, arguments, JobAct::cancel, std::move(respond));
}
void hold_job(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  act(context, request, arguments, JobAct::hold, std::move(respond));
}
void release_job(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  act(context, request, arguments, JobAct::release, std::move(respond));
}
void rerun_job(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto job = read_job_name(arguments.front(), context.site);
  if (!job) return respond(problem(job.error()));
  ActOnJob call{.act = JobAct::rerun, .job = *job, .idempotency_key = std::string(request.idempotency_key)};
  context.handler.call(request.caller, std::move(call),
                       [respond = std::move(respond), site = context.site](const ApiReply& reply) {
                         respond(reply ? show_rerun(site, *reply) : problem(reply.error()));
                       });
}

}  // namespace hansa::gateway
