// fetch: a job's outputs into a folder; an array's into one folder a task.
//
// Of an array everything is fetched that is there. What is not is named with its reason, and makes the exit code 1: a
// script that goes on with the results must not take some for all.
#include <map>

#include "src/client/bundle.hpp"
#include "src/client/formats.hpp"
#include "src/client/job_list.hpp"
#include "src/client/json_read.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

struct Fetched {
  std::size_t tasks = 0;
  std::size_t files = 0;
  std::uint64_t bytes = 0;

  void add(const Manifest& manifest) {
    for (const auto& entry : manifest.entries) files += entry.kind == EntryKind::file;
    bytes += manifest.size_bytes();
  }
};

std::string count_of(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string summary(const Fetched& fetched, const std::string& folder) {
  return (fetched.tasks > 0 ? count_of(fetched.tasks, "task") + ", " : "") + count_of(fetched.files, "file") + ", " +
         format_bytes(static_cast<double>(fetched.bytes)) + ", in " + folder + "\n";
}

// The tasks that were left, by reason.
class Left {
 public:
  void add(const std::string& task, const std::string& reason) { by_reason_[reason].push_back(task); }
  void add_within_array(std::size_t count) { within_array_ = count; }
  bool empty() const { return by_reason_.empty() && within_array_ == 0; }

  // One line a reason, which names a few of them.
  void say() const {
    constexpr std::size_t named_max = 8;
    for (const auto& [reason, tasks] : by_reason_) {
      std::string names;
      for (std::size_t i = 0; i < std::min(tasks.size(), named_max); ++i) names += (i > 0 ? ", " : "") + tasks[i];
      if (tasks.size() > named_max) names += " and " + std::to_string(tasks.size() - named_max) + " more";
      complain("not fetched: " + names + ": " + reason);
    }
    if (within_array_ > 0) complain("not fetched: " + count_of(within_array_, "task") + " still wait within the array");
  }

 private:
  std::map<std::string, std::vector<std::string>> by_reason_;
  std::size_t within_array_ = 0;
};

std::string why_not_yet(const nlohmann::json& task) {
  const auto reason = text_of(task, "reason");
  return "not ended yet, " + text_of(task, "state") + (reason.empty() ? "" : " (" + reason + ")");
}

Outcome fetch_array(Daemon& daemon, const nlohmann::json& array, const std::map<int, nlohmann::json>& tasks,
                    const std::string& folder) {
  Fetched fetched;
  Left left;
  for (const auto& [number, task] : tasks) {
    const auto id = text_of(task, "id");
    if (!flag_of(task, "outputs_home")) {
      left.add(id, why_not_yet(task));
      continue;
    }
    const auto manifest = download(daemon, task, folder + "/" + std::to_string(number));
    if (!manifest && manifest.error().kind == ErrorKind::unreachable) return manifest.error();
    if (manifest) {
      ++fetched.tasks;
      fetched.add(*manifest);
    } else {
      left.add(id, manifest.error().text);
    }
  }
  left.add_within_array(static_cast<std::size_t>(number_of(array, "array_tasks_waiting")));
  print(fetched.tasks > 0 ? summary(fetched, folder) : "");
  left.say();
  if (fetched.tasks == 0) return refusal("no task of " + text_of(array, "id") + " could be fetched");
  return left.empty() ? 0 : 1;
}

Outcome fetch_job(Daemon& daemon, const nlohmann::json& job, const std::string& folder) {
  const auto manifest = download(daemon, job, folder);
  if (!manifest) return manifest.error();
  Fetched fetched;
  fetched.add(*manifest);
  print(summary(fetched, folder));
  return 0;
}

}  // namespace

Outcome run_fetch(Context& context, const Args& args) {
  if (args.words.empty() || args.words.size() > 2)
    return usage_error("a job and perhaps a folder are wanted, as in hansa fetch wujiang-1042 results");
  const auto& job = args.words.front();
  const auto folder = args.words.size() == 2 ? args.words[1] : job;
  const auto reply = context.daemon.ask({.target = "/v1/jobs/" + escape(job)});
  if (!reply) return reply.error();
  const auto view = parse_answer(reply->body);
  if (!view) return view.error();
  if (has_run(*view)) return fetch_job(context.daemon, *view, folder);
  const auto tasks = tasks_of(context.daemon, *view);
  if (!tasks) return tasks.error();
  const bool is_array = !tasks->empty() || number_of(*view, "array_tasks_waiting") > 0;
  return is_array ? fetch_array(context.daemon, *view, *tasks, folder) : fetch_job(context.daemon, *view, folder);
}

}  // namespace hansa::client
