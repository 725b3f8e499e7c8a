// POST /v1/policy/test, GET /v1/policy: what the operator's rules say, and what they are. Operators only: the rules of
// a site are its own business.
#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_fields.hpp"
#include "src/gateway/json_job.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/routes_common.hpp"

namespace hansa::gateway {
namespace {

struct TestForm {
  std::string from;
  std::string region;
  std::int64_t at_ms = 0;
  std::string policy;
  json job;
};

Complaint read_moment(const json& value, std::int64_t& into) {
  std::uint64_t ms = 0;
  auto complaint = read_count(value, ms, 253'402'300'799'000);
  into = static_cast<std::int64_t>(ms);
  return complaint;
}

const FormField<TestForm> test_fields[] = {
    {"from", [](const json& v, TestForm& f) { return read_word(v, f.from); }},
    {"region", [](const json& v, TestForm& f) { return read_word(v, f.region); }},
    {"at_ms", [](const json& v, TestForm& f) { return read_moment(v, f.at_ms); }},
    {"policy", [](const json& v, TestForm& f) { return read_text(v, f.policy, 1u << 20); }},
    {"job",
     [](const json& v, TestForm& f) -> Complaint {
       f.job = v;
       return v.is_object() ? "" : "must be an object";
     }},
};

Result<TestPolicy> to_question(TestForm form, const RouteContext& context, const Caller& caller) {
  if (form.job.is_null()) form.job = json::object();
  if (!form.job.contains("arguments") && !form.job.contains("script")) form.job["arguments"] = {"true"};
  auto job = read_job(form.job, {.site = context.site, .store = context.store, .caller = caller});
  if (!job) return job.error();
  auto from = form.from.empty() ? Result<SiteName>(context.site) : parse_site_name(form.from);
  if (!from) return from.error();
  TestPolicy question{.origin = *from,
                      .region = form.region,
                      .request = Shared<JobRequest>(std::move(job->request)),
                      .at = {form.at_ms}};
  if (form.policy.empty()) return question;
  auto draft = context.policy.read(form.policy);
  if (!draft) return draft.error();
  question.draft = *draft ? *draft : std::make_shared<const Policy>();
  return question;
}

json line_json(const PolicyLine& line) {
  return {{"place", line.place},
          {"accepted", line.accepted},
          {"rule", line.rule},
          {"text", line.text},
          {"price_per_hour", line.price_per_hour},
          {"units", line.units},
          {"units_of_guests", line.units_of_guests}};
}

HttpResponse answer_text(const PolicyAnswer& answer) {
  auto lines = json::array();
  for (const auto& line : answer.lines) lines.push_back(line_json(line));
  return {.body = to_text({{"accepted", answer.accepted}, {"account", answer.account}, {"lines", lines}})};
}

HttpResponse for_operators_only(const RouteContext& context) {
  return problem(403, "refused", "only an operator may see the policy of " + context.site.value);
}

}  // namespace

void test_policy(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  if (!request.caller.is_operator) return respond(for_operators_only(context));
  const auto value = json::parse(request.body, nullptr, false);
  TestForm form;
  auto complaint = value.is_discarded() ? Complaint("is no JSON") : read_form(value, form, test_fields);
  if (!complaint.empty()) return respond(problem(usage_error("the question " + complaint)));
  auto question = to_question(std::move(form), context, request.caller);
  if (!question) return respond(problem(question.error()));
  context.handler.call(request.caller, std::move(*question), answering<PolicyAnswer>(std::move(respond), answer_text));
}

void show_policy(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  if (!request.caller.is_operator) return respond(for_operators_only(context));
  const auto shown = context.policy.show();
  respond({.body = to_text({{"path", shown.path}, {"text", shown.text}})});
}

}  // namespace hansa::gateway
