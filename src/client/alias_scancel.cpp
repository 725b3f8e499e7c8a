#include "hansa/types/job.hpp"
#include "src/client/aliases.hpp"
#include "src/client/formats.hpp"
#include "src/client/job_list.hpp"
#include "src/client/json_read.hpp"
#include "src/client/times.hpp"

namespace hansa::client {
namespace {

// "1042_[1-3,7]" names tasks; every other word one job.
Result<std::vector<std::string>> jobs_of_word(const std::string& word) {
  const auto bracket = word.find("_[");
  if (bracket == std::string::npos) return std::vector<std::string>{word};
  if (!word.ends_with(']')) return usage_error("'" + word + "' is no job: write as in 1042_[1-5]");
  const auto tasks = parse_array(word.substr(bracket + 2, word.size() - bracket - 3));
  if (!tasks) return tasks.error();
  std::vector<std::string> jobs;
  for (const auto task : tasks->tasks) jobs.push_back(word.substr(0, bracket) + "_" + std::to_string(task));
  return jobs;
}

std::string filters_of_scancel(const Args& args) {
  std::string filters;
  if (const auto user = args.last("user")) filters += "&user=" + escape(*user);
  if (args.has("me")) filters += "&user=" + escape(user_name());
  auto name = args.last("jobname");
  if (!name) name = args.last("name");
  if (name) filters += "&name=" + escape(*name);
  return filters;
}

// PENDING is all that does not run yet, as in Slurm.
bool in_state(const nlohmann::json& job, const std::optional<std::string>& wanted) {
  if (!wanted) return true;
  const auto state = text_of(job, "state");
  return state == full_state(*wanted) || (full_state(*wanted) == "PENDING" && state == "CONFIGURING");
}

Result<std::vector<std::string>> jobs_to_cancel(Context& context, const Args& args) {
  std::vector<std::string> jobs;
  for (const auto& word : args.words) {
    const auto named = jobs_of_word(word);
    if (!named) return named.error();
    jobs.insert(jobs.end(), named->begin(), named->end());
  }
  const auto filters = filters_of_scancel(args);
  const auto state = args.last("state");
  const auto pool = args.last("partition");
  if (state && full_state(*state).empty()) return usage_error("'" + *state + "' is no state of a job");
  if (!jobs.empty()) return jobs;
  if (filters.empty() && !state && !pool) return usage_error("No job identification provided");
  const auto list = list_jobs(context.daemon, {.filters = filters, .guests = false});
  if (!list) return list.error();
  for (const auto& job : *list) {
    const auto where = text_of(job, "where");
    if (in_state(job, state) && (!pool || where.substr(0, where.find('[')) == *pool))
      jobs.push_back(text_of(job, "id"));
  }
  return jobs;
}

}  // namespace

Outcome alias_scancel(Context& context, const Args& args) {
  const auto signal = args.last("signal").value_or("TERM");
  const auto plain = signal.starts_with("SIG") ? signal.substr(3) : signal;
  if (plain != "TERM" && plain != "KILL" && plain != "15" && plain != "9")
    return usage_error("signal " + signal + " can't be sent to a job across sites; only TERM and KILL, which end it");
  const auto jobs = jobs_to_cancel(context, args);
  if (!jobs) return jobs.error();
  std::optional<Error> failed;
  for (const auto& job : *jobs) {
    if (args.has("verbose")) complain("Terminating job " + job);
    const auto done = context.daemon.ask({.method = "POST", .target = "/v1/jobs/" + escape(job) + "/cancel"});
    if (done) continue;
    if (done.error().kind == ErrorKind::unreachable) return done.error();
    if (!args.has("quiet")) complain("error: Kill job error on job id " + job + ": " + done.error().text);
    failed = done.error();
  }
  return failed ? 1 : 0;
}

}  // namespace hansa::client
