#include "src/backends/process/slurm_environment.hpp"

#include <algorithm>
#include <charconv>

#include "src/backends/process/allocation_text.hpp"

namespace hansa {

using Variables = std::map<std::string, std::string>;

// A task of an array has a job id of its own in Slurm, by which scripts name files and choose ports.
static std::uint64_t slurm_job_number(const JobId& job) {
  constexpr std::uint64_t task_numbers = 10'000'000;
  if (job.task == JobId::no_task) return job.number;
  return job.number * task_numbers + static_cast<std::uint64_t>(job.task);
}

std::string slurm_per_node(std::uint64_t each, std::size_t nodes) {
  return std::to_string(each) + (nodes > 1 ? "(x" + std::to_string(nodes) + ")" : "");
}

std::string slurm_tasks_per_node(std::uint64_t tasks, std::size_t nodes) {
  if (nodes == 0) return "0";
  const auto more = static_cast<std::size_t>(tasks % nodes);
  if (more == 0) return slurm_per_node(tasks / nodes, nodes);
  return slurm_per_node(tasks / nodes + 1, more) + "," + slurm_per_node(tasks / nodes, nodes - more);
}

std::string slurm_node_list(const Allocation& allocation) {
  if (allocation.nodes.size() == 1) return allocation.pool + "-" + std::to_string(allocation.nodes.front().node);
  const auto where = format_where(allocation);
  return allocation.pool + "-" + where.substr(allocation.pool.size());
}

static std::string passed(const JobPayload& payload, const std::string& name) {
  const auto found = payload.passed_through.find(name);
  return found == payload.passed_through.end() ? "" : found->second;
}

static std::uint64_t count_in(const std::string& text, std::uint64_t otherwise) {
  std::uint64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  return read.ec == std::errc{} && count > 0 ? count : otherwise;
}

static void add_if(const std::string& name, const std::string& value, Variables& out) {
  if (!value.empty()) out[name] = value;
}

static void add_names(const StartRun& start, const JobPlace& place, Variables& out) {
  const auto& job = start.run.job;
  const auto id = std::to_string(slurm_job_number(job));
  out["SLURM_JOB_ID"] = out["SLURM_JOBID"] = id;
  out["SLURM_JOB_NAME"] = start.request->name;
  out["SLURM_JOB_USER"] = start.request->user;
  out["SLURM_JOB_PARTITION"] = start.allocation.pool;
  out["SLURM_CLUSTER_NAME"] = place.site.value;
  out["SLURM_SUBMIT_DIR"] = place.work_folder;
  out["SLURM_SUBMIT_HOST"] = start.origin.value;
  if (job.task == JobId::no_task) return;
  out["SLURM_ARRAY_JOB_ID"] = std::to_string(job.number);
  out["SLURM_ARRAY_TASK_ID"] = std::to_string(job.task);
}

// One node is this machine, whose name leads somewhere; of several, all are played by it under their declared names.
static void add_nodes(const StartRun& start, const JobPlace& place, Variables& out) {
  const auto& allocation = start.allocation;
  const auto nodes = allocation.nodes.size();
  const auto list = nodes == 1 && !place.machine.empty() ? place.machine : slurm_node_list(allocation);
  const auto cores = allocation.per_node.cores;
  out["SLURM_JOB_NUM_NODES"] = out["SLURM_NNODES"] = std::to_string(nodes);
  out["SLURM_JOB_NODELIST"] = out["SLURM_NODELIST"] = list;
  add_if("SLURMD_NODENAME", place.machine, out);
  out["SLURM_CPUS_ON_NODE"] = std::to_string(cores);
  out["SLURM_JOB_CPUS_PER_NODE"] = slurm_per_node(cores, nodes);
  for (const auto* first : {"SLURM_NODEID", "SLURM_PROCID", "SLURM_LOCALID"}) out[first] = "0";
}

static void add_tasks(const StartRun& start, const JobPayload& payload, Variables& out) {
  const auto nodes = start.allocation.nodes.size();
  const auto tasks = count_in(passed(payload, "ntasks"), nodes);
  out["SLURM_NTASKS"] = out["SLURM_NPROCS"] = std::to_string(tasks);
  out["SLURM_TASKS_PER_NODE"] = slurm_tasks_per_node(tasks, nodes);
  add_if("SLURM_NTASKS_PER_NODE", passed(payload, "ntasks-per-node"), out);
  add_if("SLURM_CPUS_PER_TASK", passed(payload, "cpus-per-task"), out);
}

static void add_memory(const StartRun& start, const JobPayload& payload, Variables& out) {
  auto per_core = passed(payload, "mem-per-cpu");
  if (per_core.ends_with('M')) per_core.pop_back();
  if (!per_core.empty()) {
    out["SLURM_MEM_PER_CPU"] = per_core;
  } else if (start.allocation.per_node.memory_mib > 0) {
    out["SLURM_MEM_PER_NODE"] = std::to_string(start.allocation.per_node.memory_mib);
  }
}

static void add_gpus(const Allocation& allocation, Variables& out) {
  const auto each = allocation.per_node.accelerators;
  if (each == 0 || allocation.nodes.empty()) return;
  out["SLURM_GPUS"] = std::to_string(each * allocation.nodes.size());
  out["SLURM_GPUS_ON_NODE"] = out["SLURM_GPUS_PER_NODE"] = std::to_string(each);
  out["SLURM_JOB_GPUS"] = format_indices(allocation.nodes.front().accelerators);
}

void add_slurm_variables(const StartRun& start, const JobPayload& payload, const JobPlace& place, Variables& out) {
  add_names(start, place, out);
  add_nodes(start, place, out);
  add_tasks(start, payload, out);
  add_memory(start, payload, out);
  add_gpus(start.allocation, out);
  add_if("SLURM_JOB_ACCOUNT", passed(payload, "account"), out);
  add_if("SLURM_JOB_QOS", passed(payload, "qos"), out);
}

}  // namespace hansa
