// cancel, hold, release, rerun; drain, resume and site forget.
#include "src/client/job_list.hpp"
#include "src/client/json_read.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

Status act_on(Daemon& daemon, const std::string& job, const char* act) {
  const auto reply = daemon.ask({.method = "POST", .target = "/v1/jobs/" + escape(job) + "/" + act});
  return reply ? success() : Status(reply.error());
}

// Each job is tried; the last error decides the exit code, and the others are said as well.
template <class Act>
Outcome on_all(Context& context, const std::vector<std::string>& jobs, const char* act, Act act_on_one) {
  if (jobs.empty()) return usage_error("name the jobs, as in hansa " + std::string(act) + " wujiang-1042");
  std::optional<Error> failed;
  for (const auto& job : jobs) {
    const auto done = act_on_one(context.daemon, job);
    if (done) continue;
    if (done.error().kind == ErrorKind::unreachable) return done.error();
    if (failed) complain(failed->text);
    failed = done.error();
  }
  if (failed) return *failed;
  return 0;
}

Outcome act_on_all(Context& context, const std::vector<std::string>& jobs, const char* act) {
  return on_all(context, jobs, act, [act](Daemon& daemon, const std::string& job) { return act_on(daemon, job, act); });
}

Result<std::vector<std::string>> find_jobs(Context& context, const Args& args) {
  const auto list = list_jobs(context.daemon, {.filters = filters_of(args), .guests = false});
  if (!list) return list.error();
  std::vector<std::string> jobs;
  for (const auto& job : *list) jobs.push_back(text_of(job, "id"));
  return jobs;
}

Status rerun_one(Daemon& daemon, const std::string& job) {
  const auto reply =
      daemon.ask({.method = "POST", .target = "/v1/jobs/" + escape(job) + "/rerun", .idempotency_key = random_key()});
  if (!reply) return reply.error();
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  if (const auto made = text_of(*answer, "new_job"); !made.empty()) print("Submitted batch job " + made + "\n");
  return success();
}

std::string plural(double count, const char* one, const char* many) {
  return std::to_string(static_cast<long long>(count)) + " " + (count == 1 ? one : many);
}

void tell_forgotten(const std::string& site, const nlohmann::json& answer) {
  const auto alive = number_of(answer, "runs_perhaps_alive");
  print(site + " is forgotten: " + plural(number_of(answer, "jobs_given_up"), "job was", "jobs were") +
        " given up there, " + plural(number_of(answer, "runs_let_go"), "run", "runs") + " here for it let go\n");
  if (alive == 0) return;
  complain(plural(alive, "run", "runs") + " may still be alive at " + site + " and overlap with what is placed now; " +
           (flag_of(answer, "may_return") ? "they are stopped when it answers"
                                          : "nobody will stop them: it is no known peer any more"));
}

Outcome forget_site(Context& context, const Args& args) {
  if (args.words.size() != 2) return usage_error("one site is wanted, as in hansa site forget taihu");
  const auto& site = args.words[1];
  const auto reply = context.daemon.ask(
      {.method = "POST",
       .target = "/v1/sites/" + escape(site) + "/forget" + (args.has("even-if-alive") ? "?even_if_alive=1" : "")});
  if (!reply) return reply.error();
  if (args.has("json")) return print(reply->body + "\n"), 0;
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  tell_forgotten(site, *answer);
  return 0;
}

Outcome tell_site(Context& context, const std::string& site, const std::string& what) {
  const auto reply = context.daemon.ask({.method = "POST", .target = "/v1/sites/" + escape(site) + "/" + what});
  if (!reply) return reply.error();
  return 0;
}

Outcome act_on_site(Context& context, const Args& args, const char* act) {
  if (!args.words.empty()) return usage_error("'" + args.words.front() + "' is not understood");
  const auto reply = context.daemon.ask({.method = "POST", .target = std::string("/v1/site/") + act});
  if (!reply) return reply.error();
  return 0;
}

}  // namespace

Outcome run_cancel(Context& context, const Args& args) {
  if (args.given.empty()) return act_on_all(context, args.words, "cancel");
  if (!args.words.empty()) return usage_error("name jobs, or filter them, but not both");
  const auto jobs = find_jobs(context, args);
  if (!jobs) return jobs.error();
  if (jobs->empty()) return refusal("no job that waits or runs is meant by that");
  return act_on_all(context, *jobs, "cancel");
}

Outcome run_hold(Context& context, const Args& args) {
  return act_on_all(context, args.words, "hold");
}
Outcome run_release(Context& context, const Args& args) {
  return act_on_all(context, args.words, "release");
}
Outcome run_rerun(Context& context, const Args& args) {
  return on_all(context, args.words, "rerun", rerun_one);
}
Outcome run_site(Context& context, const Args& args) {
  const auto what = args.words.empty() ? std::string() : args.words.front();
  if (what == "check") return run_site_check(context, args);
  if (what == "forget") return forget_site(context, args);
  if (what == "adopt" && args.words.size() == 2) return tell_site(context, args.words[1], "adopt");
  if (what == "entrust" && args.words.size() == 3) {
    return tell_site(context, args.words[1], "entrust?custodian=" + escape(args.words[2]));
  }
  return usage_error("what to do with which site is wanted, as in hansa site forget taihu");
}
Outcome run_drain(Context& context, const Args& args) {
  return act_on_site(context, args, "drain");
}
Outcome run_resume(Context& context, const Args& args) {
  return act_on_site(context, args, "resume");
}

}  // namespace hansa::client
