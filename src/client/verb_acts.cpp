// cancel, hold, release, rerun; drain and resume.
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
Outcome act_on_all(Context& context, const std::vector<std::string>& jobs, const char* act) {
  if (jobs.empty()) return usage_error("name the jobs, as in hansa " + std::string(act) + " wujiang-1042");
  std::optional<Error> failed;
  for (const auto& job : jobs) {
    const auto done = act_on(context.daemon, job, act);
    if (done) continue;
    if (done.error().kind == ErrorKind::unreachable) return done.error();
    if (failed) complain(failed->text);
    failed = done.error();
  }
  if (failed) return *failed;
  return 0;
}

Result<std::vector<std::string>> find_jobs(Context& context, const Args& args) {
  const auto list = list_jobs(context.daemon, {.filters = filters_of(args), .guests = false});
  if (!list) return list.error();
  std::vector<std::string> jobs;
  for (const auto& job : *list) jobs.push_back(text_of(job, "id"));
  return jobs;
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
  return act_on_all(context, args.words, "rerun");
}
Outcome run_drain(Context& context, const Args& args) {
  return act_on_site(context, args, "drain");
}
Outcome run_site(Context& context, const Args& args) {
  if (!args.words.empty() && args.words.front() == "check") return run_site_check(context, args);
  return usage_error("write hansa site check SITE");
}
Outcome run_resume(Context& context, const Args& args) {
  return act_on_site(context, args, "resume");
}

}  // namespace hansa::client
