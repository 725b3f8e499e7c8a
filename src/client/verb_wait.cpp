#include <algorithm>

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

}  // namespace

Result<int> wait_for(Daemon& daemon, const std::string& job) {
  while (true) {
    const auto reply = daemon.ask({.target = "/v1/jobs/" + escape(job) + "?wait=60"});
    if (!reply) return reply.error();
    const auto view = parse_answer(reply->body);
    if (!view) return view.error();
    if (is_over(*view)) return exit_code_of_job(*view);
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
