#include <algorithm>

#include "src/client/job_list.hpp"
#include "src/client/json_read.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

bool is_over(const nlohmann::json& job) {
  return job.contains("outcome") && job["outcome"].is_object() && flag_of(job, "outputs_home");
}

int exit_code_of_job(const nlohmann::json& job) {
  const auto code = static_cast<int>(number_of(job["outcome"], "exit_code"));
  const bool completed = text_of(job, "state") == "COMPLETED";
  return code == 0 && !completed ? 1 : code;
}

// An array is over when its last task was split off; what was wanted is the end of its tasks, and the worst of them.
// What was no array ended without a run.
Result<int> wait_for_tasks(Daemon& daemon, const nlohmann::json& array) {
  const auto tasks = tasks_of(daemon, array);
  if (!tasks) return tasks.error();
  if (tasks->empty()) return exit_code_of_job(array);
  int worst = text_of(array, "state") == "CANCELLED" ? 1 : 0;
  for (const auto& [index, task] : *tasks) {
    const auto code = is_over(task) ? Result<int>(exit_code_of_job(task)) : wait_for(daemon, text_of(task, "id"));
    if (!code) return code;
    worst = std::max(worst, *code);
  }
  return worst;
}

}  // namespace

Result<int> wait_for(Daemon& daemon, const std::string& job) {
  while (true) {
    const auto reply = daemon.ask({.target = "/v1/jobs/" + escape(job) + "?wait=60"});
    if (!reply) return reply.error();
    const auto view = parse_answer(reply->body);
    if (!view) return view.error();
    if (!is_over(*view)) continue;
    return has_run(*view) ? exit_code_of_job(*view) : wait_for_tasks(daemon, *view);
  }
}

Outcome run_wait(Context& context, const Args& args) {
  if (args.words.empty()) return usage_error("name the jobs to wait for");
  int worst = 0;
  for (const auto& job : args.words) {
    const auto code = wait_for(context.daemon, job);
    if (!code) return code.error();
    worst = std::max(worst, *code);
  }
  return worst;
}

}  // namespace hansa::client
