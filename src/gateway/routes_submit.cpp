// POST /v1/jobs: one job as a JSON object, or many as JSON lines or {"jobs": […]}; all or none.
#include <nlohmann/json.hpp>

#include "protocol/wire/codec.hpp"
#include "src/gateway/json_common.hpp"
#include "src/gateway/json_job.hpp"
#include "src/gateway/json_views.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/routes_common.hpp"
#include "src/gateway/submission_size.hpp"

namespace hansa::gateway {
namespace {

using nlohmann::json;

constexpr std::size_t jobs_per_request_max = 20'000;

struct Parsed {
  std::vector<Submission> jobs;
  bool many = false;
};

// What the key of the request makes of the key of its `index`th job: its own, or one derived.
std::string key_of(const std::string& own, const HttpRequest& request, bool many, std::size_t index) {
  if (!own.empty() || request.idempotency_key.empty()) return own;
  return many ? request.idempotency_key + '/' + std::to_string(index) : request.idempotency_key;
}

Result<Submission> to_submission(JobForm form, std::size_t script_bytes_max) {
  if (auto checked = check_script(form.payload, script_bytes_max); !checked) return checked.error();
  Submission submission{
      .array = std::move(form.array), .held = form.held, .idempotency_key = std::move(form.idempotency_key)};
  submission.payload = EncodedPayload(encode(form.payload));
  submission.request = Shared<JobRequest>(std::move(form.request));
  if (auto checked = check_message(submission); !checked) return checked.error();
  return submission;
}

// What all jobs of a request are read with.
struct Reading {
  const HttpRequest& request;
  JobFormContext context;
  std::size_t script_bytes_max = 0;
};

Status add_job(const json& value, const Reading& reading, Parsed& parsed) {
  auto form = read_job(value, reading.context);
  if (!form) return form.error();
  form->idempotency_key = key_of(form->idempotency_key, reading.request, parsed.many, parsed.jobs.size());
  auto submission = to_submission(std::move(*form), reading.script_bytes_max);
  if (!submission) return submission.error();
  parsed.jobs.push_back(std::move(*submission));
  return success();
}

Error at_job(std::size_t number, const Error& error) {
  return {error.kind, "job " + std::to_string(number) + " of the request: " + error.text};
}

Error too_many() {
  return usage_error("a request takes at most " + std::to_string(jobs_per_request_max) + " jobs; send them in parts");
}

Result<Parsed> parse_lines(const Reading& reading) {
  Parsed parsed{.many = true};
  std::string_view rest = reading.request.body;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (parsed.jobs.size() == jobs_per_request_max) return too_many();
    const auto value = json::parse(line, nullptr, false);
    const auto added =
        value.is_discarded() ? Status(usage_error("job: this line is no JSON")) : add_job(value, reading, parsed);
    if (!added) return at_job(parsed.jobs.size() + 1, added.error());
  }
  if (parsed.jobs.empty()) return usage_error("the request holds no job");
  return parsed;
}

Result<Parsed> parse_list(const json& list, const Reading& reading) {
  Parsed parsed{.many = true};
  if (!list.is_array() || list.empty()) return usage_error("jobs: a list of at least one job is wanted");
  if (list.size() > jobs_per_request_max) return too_many();
  for (const auto& value : list) {
    if (auto added = add_job(value, reading, parsed); !added) return at_job(parsed.jobs.size() + 1, added.error());
  }
  return parsed;
}

Result<Parsed> parse_body(const Reading& reading) {
  if (reading.request.content_type.starts_with("application/x-ndjson")) return parse_lines(reading);
  const auto value = json::parse(reading.request.body, nullptr, false);
  if (value.is_discarded()) return usage_error("the body is no JSON; send one job as an object, or many as JSON lines");
  if (value.is_object() && value.contains("jobs")) {
    if (value.size() != 1) return usage_error("beside jobs nothing else is read");
    return parse_list(value["jobs"], reading);
  }
  Parsed parsed;
  if (auto added = add_job(value, reading, parsed); !added) return added.error();
  return parsed;
}

void quote(const RouteContext& context, const Caller& caller, Parsed parsed, Respond respond) {
  if (parsed.jobs.size() != 1) return respond(bad_parameter("test_only", "bids are asked for one job at a time"));
  const auto render = [](const Quote& answer) { return HttpResponse{.body = to_text(quote_json(answer))}; };
  context.handler.call(caller, QuoteJob{std::move(parsed.jobs.front().request)},
                       answering<Quote>(std::move(respond), render));
}

}  // namespace

void submit_jobs(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  if (request.idempotency_key.size() > idempotency_key_bytes_max) {
    return respond(bad_parameter("Idempotency-Key", "at most 200 bytes are kept"));
  }
  auto parsed = parse_body({.request = request,
                            .context = {.site = context.site, .store = context.store, .caller = request.caller},
                            .script_bytes_max = context.script_bytes_max});
  if (!parsed) return respond(problem(parsed.error()));
  if (is_set(request, "test_only")) return quote(context, request.caller, std::move(*parsed), std::move(respond));
  const auto render = [site = context.site, many = parsed->many](const Submitted& answer) {
    return HttpResponse{.status = 201, .body = submitted_text(site, answer, many)};
  };
  context.handler.call(request.caller, SubmitJobs{std::move(parsed->jobs)},
                       answering<Submitted>(std::move(respond), render));
}

}  // namespace hansa::gateway
