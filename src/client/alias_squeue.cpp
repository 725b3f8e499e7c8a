#include <algorithm>
#include <cstdio>
#include <ctime>
#include <set>

#include "src/client/aliases.hpp"
#include "src/client/formats.hpp"
#include "src/client/job_list.hpp"
#include "src/client/job_numbers.hpp"
#include "src/client/json_read.hpp"
#include "src/client/slurm_format.hpp"
#include "src/client/times.hpp"

namespace hansa::client {
namespace {

constexpr FormatName squeue_names[] = {
    {'i', "JOBID", "jobarrayid"},
    {'A', "JOBID", "jobid"},
    {'F', "ARRAY_JOB_ID", "arrayjobid"},
    {'K', "ARRAY_TASK_ID", "arraytaskid"},
    {'P', "PARTITION", "partition"},
    {'j', "NAME", "name"},
    {'u', "USER", "username"},
    {'U', "USER", ""},
    {'a', "ACCOUNT", "account"},
    {'q', "QOS", "qos"},
    {'t', "ST", "statecompact"},
    {'T', "STATE", "state"},
    {'M', "TIME", "timeused"},
    {'l', "TIME_LIMIT", "timelimit"},
    {'L', "TIME_LEFT", "timeleft"},
    {'D', "NODES", "numnodes"},
    {'C', "CPUS", "numcpus"},
    {'c', "MIN_CPUS", "mincpus"},
    {'m', "MIN_MEMORY", "minmemory"},
    {'b', "TRES_PER_NODE", "tres-per-node"},
    {'N', "NODELIST", "nodelist"},
    {'R', "NODELIST(REASON)", "reasonlist"},
    {'r', "REASON", "reason"},
    {'B', "EXEC_HOST", "batchhost"},
    {'V', "SUBMIT_TIME", "submittime"},
    {'S', "START_TIME", "starttime"},
    {'e', "END_TIME", "endtime"},
    {'h', "OVER_SUBSCRIBE", "oversubscribe"},
    {'p', "PRIORITY", "priority"},
    {'Q', "PRIORITY", "prioritylong"},
    {'E', "DEPENDENCY", "dependency"},
    {'k', "COMMENT", "comment"},
    {'o', "COMMAND", "command"},
    {'Z', "WORK_DIR", "workdir"},
    {'v', "RESERVATION", "reservation"},
    {'f', "FEATURES", "feature"},
    {'g', "GROUP", "groupname"},
    {'Y', "SCHEDNODES", "schednodes"},
};

constexpr std::string_view not_here = "N/A";

std::string slurm_time_text(const std::string& utc) {
  auto text = show_time(utc, std::string(not_here));
  std::replace(text.begin(), text.end(), ' ', 'T');
  return text;
}

bool waits(const nlohmann::json& job) {
  return text_of(job, "state") == "PENDING";
}

std::string pool_of_job(const nlohmann::json& job) {
  const auto where = text_of(job, "where");
  if (!where.empty()) return where.substr(0, where.find('['));
  const auto pools = list_of(job.value("request", nlohmann::json::object()), "pools");
  return pools.empty() || !pools.front().is_string() ? "any" : pools.front().get<std::string>();
}

std::string nodes_of_job(const nlohmann::json& job) {
  const auto host = text_of(job, "host");
  const auto where = text_of(job, "where");
  return waits(job) || host.empty() ? "" : host + (where.empty() ? "" : ":" + where);
}

std::string reason_of_job(const nlohmann::json& job) {
  const auto reason = text_of(job, "reason");
  if (reason.empty()) return "None";
  return reason == "Held" ? "JobHeldUser" : reason;
}

double run_seconds(const nlohmann::json& job) {
  if (has_run(job)) return number_of(job["outcome"], "elapsed_s");
  const auto started = parse_utc(text_of(job, "started"));
  return started ? std::max(0.0, static_cast<double>(std::time(nullptr)) - *started) : 0;
}

std::string memory_text(double bytes) {
  const auto mib = static_cast<std::uint64_t>(bytes / (1 << 20));
  if (mib == 0) return "0";
  return mib % 1024 == 0 ? std::to_string(mib / 1024) + "G" : std::to_string(mib) + "M";
}

// What the job asks for.
std::string asked(char letter, const nlohmann::json& job) {
  const auto& request = job.contains("request") ? job["request"] : job;
  const auto nodes = static_cast<std::uint64_t>(number_of(request, "nodes"));
  const auto cores = static_cast<std::uint64_t>(number_of(request, "cores_per_node"));
  const auto accelerators = static_cast<std::uint64_t>(number_of(request, "accelerators_per_node"));
  if (letter == 'D') return std::to_string(nodes);
  if (letter == 'C') return std::to_string(nodes * cores);
  if (letter == 'c') return std::to_string(cores);
  if (letter == 'm') return memory_text(number_of(request, "memory_bytes_per_node"));
  if (letter == 'h') return flag_of(request, "exclusive") ? "NO" : "OK";
  return accelerators > 0 ? "gres/gpu:" + std::to_string(accelerators) : std::string(not_here);
}

std::string start_of(const nlohmann::json& job) {
  return slurm_time_text(text_of(job, waits(job) ? "expected_start" : "started"));
}

std::string squeue_value(char letter, const nlohmann::json& job) {
  const auto limit = number_of(job, "time_limit_s");
  switch (letter) {
    case 'i':
      return slurm_shown_id(job);
    case 'A':
      return slurm_job_id(job);
    case 'F':
      return slurm_array_job_id(job);
    case 'K':
      return text_of(job, "task").empty() ? std::string(not_here) : text_of(job, "task");
    case 'P':
      return pool_of_job(job);
    case 'j':
      return text_of(job, "name");
    case 'u':
    case 'U':
      return text_of(job, "user");
    case 't':
      return std::string(compact_state(text_of(job, "state")));
    case 'T':
      return text_of(job, "state");
    case 'M':
      return format_elapsed(run_seconds(job));
    case 'l':
      return format_elapsed(limit);
    case 'L':
      return format_elapsed(std::max(0.0, limit - run_seconds(job)));
    case 'D':
    case 'C':
    case 'c':
    case 'm':
    case 'h':
    case 'b':
      return asked(letter, job);
    case 'N':
      return nodes_of_job(job);
    case 'R':
      return waits(job) ? "(" + reason_of_job(job) + ")" : nodes_of_job(job);
    case 'r':
      return reason_of_job(job);
    case 'B':
      return waits(job) || text_of(job, "host").empty() ? std::string(not_here) : text_of(job, "host");
    case 'V':
      return slurm_time_text(text_of(job, "submitted"));
    case 'S':
      return start_of(job);
    case 'e':
      return slurm_time_text(text_of(job, "ended"));
    case 'p':
    case 'Q':
      return "1";
    default:
      return std::string(not_here);
  }
}

// The last value of either name of an option, in parts.
std::vector<std::string> listed(const Args& args, std::string_view name, std::string_view other) {
  auto text = args.last(name);
  if (!text) text = args.last(other);
  return text ? split(*text, ',') : std::vector<std::string>{};
}

struct Wanted {
  std::set<std::string> users, names, pools, states;
  std::vector<std::string> jobs;
  bool ended_too = false;

  bool admits(const nlohmann::json& job) const {
    const auto in = [](const std::set<std::string>& set, const std::string& value) {
      return set.empty() || set.contains(value);
    };
    return in(users, text_of(job, "user")) && in(names, text_of(job, "name")) && in(pools, pool_of_job(job)) &&
           in(states, text_of(job, "state"));
  }
};

Result<Wanted> wanted_of(const Args& args) {
  Wanted wanted;
  for (const auto& user : listed(args, "user", "users")) wanted.users.insert(user);
  if (args.has("me")) wanted.users = {user_name()};
  for (const auto& name : listed(args, "name", "")) wanted.names.insert(name);
  for (const auto& pool : listed(args, "partition", "")) wanted.pools.insert(pool);
  wanted.jobs = listed(args, "job", "jobs");
  for (auto word : listed(args, "state", "states")) {
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
    if (word == "ALL") {
      wanted.ended_too = true;
      wanted.states.clear();
      break;
    }
    const auto state = full_state(word);
    if (state.empty()) return usage_error("'" + word + "' is no state of a job");
    wanted.states.insert(std::string(state));
    constexpr std::string_view live[] = {"PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "UNKNOWN"};
    wanted.ended_too = wanted.ended_too || std::find(std::begin(live), std::end(live), state) == std::end(live);
  }
  return wanted;
}

// A job and its tasks, or one task; the daemon knows what its numbers mean.
Status add_job(Daemon& daemon, const std::string& id, const Wanted& wanted, std::vector<nlohmann::json>& jobs) {
  const auto reply = daemon.ask({.target = "/v1/jobs/" + escape(id)});
  if (!reply) return reply.error();
  const auto job = parse_answer(reply->body);
  if (!job) return job.error();
  const auto task = text_of(*job, "task");
  for (const auto* history : {"", "&history=1"}) {
    if (*history != '\0' && !wanted.ended_too) continue;
    const auto list = list_jobs(daemon, {.filters = "&number=" + text_of(*job, "number") + history, .guests = false});
    if (!list) return list.error();
    for (const auto& item : *list) {
      if (task.empty() || text_of(item, "task") == task) jobs.push_back(item);
    }
  }
  return success();
}

Result<std::vector<nlohmann::json>> find_jobs(Daemon& daemon, const Wanted& wanted) {
  std::vector<nlohmann::json> jobs;
  for (const auto& id : wanted.jobs) {
    if (auto added = add_job(daemon, id, wanted, jobs); !added) return added.error();
  }
  const auto user = wanted.users.size() == 1 ? "&user=" + escape(*wanted.users.begin()) : std::string();
  for (const auto* history : {"", "&history=1"}) {
    if (!wanted.jobs.empty() || (*history != '\0' && !wanted.ended_too)) continue;
    const auto list = list_jobs(daemon, {.filters = user + history, .guests = false});
    if (!list) return list.error();
    jobs.insert(jobs.end(), list->begin(), list->end());
  }
  std::erase_if(jobs, [&](const auto& job) { return !wanted.admits(job); });
  return jobs;
}

// Numbers by their value: 9 comes before 10.
bool comes_before(const std::string& a, const std::string& b) {
  const auto number = [](const std::string& text) {
    return !text.empty() && text.size() < 18 && text.find_first_not_of("0123456789") == std::string::npos;
  };
  return number(a) && number(b) ? std::stoull(a) < std::stoull(b) : a < b;
}

void sort_jobs(std::vector<nlohmann::json>& jobs, const std::vector<std::string>& keys) {
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    const bool down = key->starts_with('-');
    const char letter = key->back();
    std::stable_sort(jobs.begin(), jobs.end(), [&](const auto& a, const auto& b) {
      return down ? comes_before(squeue_value(letter, b), squeue_value(letter, a))
                  : comes_before(squeue_value(letter, a), squeue_value(letter, b));
    });
  }
}

Result<LineFormat> format_of(const Args& args) {
  if (const auto format = args.last("format")) return parse_format(*format);
  if (const auto format = args.last("Format")) return parse_long_format(*format, squeue_names);
  if (args.has("start")) return parse_format("%.18i %.9P %.8j %.8u %.2t %.19S %.6D %20Y %R");
  if (args.has("long")) return parse_format("%.18i %.9P %.8j %.8u %.8T %.10M %.9l %.6D %R");
  return parse_format("%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R");
}

}  // namespace

Outcome alias_squeue(Context& context, const Args& args) {
  if (!args.words.empty()) return usage_error("'" + args.words.front() + "' is no option");
  const auto format = format_of(args);
  if (!format) return format.error();
  auto wanted = wanted_of(args);
  if (!wanted) return wanted.error();
  if (args.has("start")) wanted->states = {"PENDING"};
  auto jobs = find_jobs(context.daemon, *wanted);
  if (!jobs) return jobs.error();
  if (args.has("json")) return print(nlohmann::json{{"jobs", *jobs}}.dump() + "\n"), 0;
  sort_jobs(*jobs, listed(args, "sort", ""));
  if (!args.has("noheader")) print(format_header(*format, squeue_names));
  for (const auto& job : *jobs) print(format_line(*format, [&](char letter) { return squeue_value(letter, job); }));
  return 0;
}

}  // namespace hansa::client
