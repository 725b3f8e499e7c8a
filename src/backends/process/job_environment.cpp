#include "src/backends/process/job_environment.hpp"

#include "src/backends/process/allocation_text.hpp"
#include "src/backends/process/run_spec.hpp"

namespace hansa {

std::vector<std::string_view> accelerator_variables(std::string_view model) {
  const auto has = [&](std::string_view word) { return model.find(word) != model.npos; };
  if (has("ascend")) return {"ASCEND_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES"};
  if (has("amd") || has("instinct")) return {"ROCR_VISIBLE_DEVICES"};
  return {"CUDA_VISIBLE_DEVICES"};
}

// All nodes of a run are played by this machine, as its first one; a job without accelerators in a pool that has them
// is shown none.
static void add_accelerators(const StartRun& start, const JobPlace& place, std::map<std::string, std::string>& out) {
  if (!place.pool_has_accelerators || start.allocation.nodes.empty()) return;
  for (const auto name : accelerator_variables(place.model))
    out[std::string(name)] = format_indices(start.allocation.nodes.front().accelerators);
}

static void add_job(const StartRun& start, const JobPlace& place, std::map<std::string, std::string>& out) {
  const auto& task = start.run.job.task;
  out["HANSA_JOB_ID"] = start.job_name;
  out["HANSA_JOB_NAME"] = start.request->name;
  if (task != JobId::no_task) out["HANSA_ARRAY_TASK_ID"] = std::to_string(task);
  out["HANSA_SITE"] = place.site.value;
  out["HANSA_ORIGIN"] = start.origin.value;
  out[std::string(run_mark)] = place.run;
}

// Sizes are those of one node, as the user asked for them.
static void add_allocation(const Allocation& allocation, std::map<std::string, std::string>& out) {
  out["HANSA_NODES"] = std::to_string(allocation.nodes.size());
  out["HANSA_NODELIST"] = format_where(allocation);
  out["HANSA_CPUS"] = std::to_string(allocation.per_node.cores);
  out["HANSA_MEMORY_MB"] = std::to_string(allocation.per_node.memory_mib);
  out["HANSA_GPUS"] = std::to_string(allocation.per_node.accelerators);
}

std::map<std::string, std::string> job_environment(const StartRun& start, const JobPayload& payload,
                                                   const JobPlace& place) {
  auto out = payload.environment;
  out.emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
  out.emplace("HOME", place.work_folder);
  // The submitter's belongs to another machine.
  out.erase("TMPDIR");
  if (!place.tmp_folder.empty()) out["TMPDIR"] = place.tmp_folder;
  add_job(start, place, out);
  add_allocation(start.allocation, out);
  add_accelerators(start, place, out);
  return out;
}

}  // namespace hansa
