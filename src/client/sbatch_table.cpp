#include "src/client/sbatch_table.hpp"

#include <algorithm>
#include <filesystem>

namespace hansa::client {
namespace {

using enum SbatchValue;
using enum SbatchFate;

template <std::optional<std::uint32_t> SubmitForm::*Field>
Status sbatch_count(const std::string& value, SubmitForm& form) {
  auto read = parse_count(value);
  if (!read) return read.error();
  form.*Field = *read;
  return success();
}

template <std::string SubmitForm::*Field>
Status sbatch_text(const std::string& value, SubmitForm& form) {
  form.*Field = value;
  return success();
}

template <bool SubmitForm::*Field, bool Value = true>
Status sbatch_flag(const std::string&, SubmitForm& form) {
  form.*Field = Value;
  return success();
}

template <bool SubmitManner::*Field>
Status sbatch_manner(const std::string&, SubmitForm& form) {
  form.manner.*Field = true;
  return success();
}

// "2", "2-4" or "1,3": the fewest nodes count.
Status sbatch_nodes(const std::string& value, SubmitForm& form) {
  return sbatch_count<&SubmitForm::nodes>(value.substr(0, value.find_first_of("-,")), form);
}

// All memory of a node (0): then nobody else can be there.
Status sbatch_memory(const std::string& value, SubmitForm& form) {
  if (value.find_first_not_of("0") == std::string::npos && !value.empty()) {
    form.exclusive = true;
    return success();
  }
  return set_memory(value, &SubmitForm::memory_bytes, form);
}

template <std::optional<std::uint64_t> SubmitForm::*Field>
Status sbatch_memory_per(const std::string& value, SubmitForm& form) {
  return set_memory(value, Field, form);
}

// 0 is no limit, as in Slurm.
Status sbatch_time(const std::string& value, SubmitForm& form) {
  auto time = parse_time(value == "0" || value == "-1" ? "UNLIMITED" : value);
  if (!time) return time.error();
  form.time_s = *time;
  return success();
}

// "8", "a100:8". Unlike hansa's own options, Slurm's three ways to ask for accelerators add to each other.
template <std::optional<std::uint32_t> SubmitForm::*Field>
Status sbatch_gpus(const std::string& value, SubmitForm& form) {
  if (value.find(',') != std::string::npos)
    return usage_error("'" + value + "' asks for several kinds at once: a job runs in one pool, which has one kind");
  auto word = parse_gpus(value);
  if (!word) return word.error();
  form.*Field = word->count;
  if (!word->model.empty()) form.models = {word->model};
  return success();
}

// "gpu:a100:2", "gpu:2", "gpu", "gpu:a100:2(S:0)"; other generic resources are passed on.
Status sbatch_gres(const std::string& value, SubmitForm& form) {
  for (auto item : split(value, ',')) {
    item = item.substr(0, item.find('('));
    if (item.starts_with("gres/") || item.starts_with("gres:")) item.erase(0, 5);
    if (item != "gpu" && !item.starts_with("gpu:")) {
      auto& kept = form.passed_through["gres"];
      if (item != "none") kept += (kept.empty() ? "" : ",") + item;
      if (kept.empty()) form.passed_through.erase("gres");
      continue;
    }
    const auto words = item == "gpu" ? std::string("1") : item.substr(4);
    const bool counted =
        words.find_last_not_of("0123456789") == std::string::npos || words.find(':') != std::string::npos;
    if (auto set = sbatch_gpus<&SubmitForm::gpus_per_node>(counted ? words : words + ":1", form); !set) return set;
  }
  return success();
}

// Features that must all be there are labels; choices between them are for Slurm alone.
Status sbatch_constraint(const std::string& value, SubmitForm& form) {
  if (value.find_first_of("|[]()*!") != std::string::npos) {
    form.passed_through["constraint"] = value;
    return success();
  }
  for (const auto& feature : split(value, '&')) {
    for (const auto& label : split(feature, ',')) form.labels.push_back(label);
  }
  return success();
}

// A path of this machine means nothing at another site; one within the current folder, from which files travel, does.
Status sbatch_chdir(const std::string& value, SubmitForm& form) {
  std::error_code error;
  const auto here = std::filesystem::current_path(error);
  const auto path = value.starts_with('/') ? std::filesystem::path(value).lexically_relative(here)
                                           : std::filesystem::path(value).lexically_normal();
  if (error || path.empty() || *path.begin() == "..") {
    form.passed_through["chdir"] = value;
  } else {
    form.chdir = path == "." ? "" : path.string();
  }
  return success();
}

Status sbatch_partition(const std::string& value, SubmitForm& form) {
  form.pools = split(value, ',');
  return success();
}

Status sbatch_dependency(const std::string& value, SubmitForm& form) {
  auto words = parse_dependencies(value);
  if (!words) return words.error();
  form.dependencies = std::move(*words);
  return success();
}

Status sbatch_wrap(const std::string& value, SubmitForm& form) {
  form.manner.wrap = value;
  return success();
}

const SbatchOption table_of_sbatch[] = {
    {"account", 'A', needed, passed},
    {"acctg-freq", 0, needed, passed},
    {"array", 'a', needed, honoured, sbatch_text<&SubmitForm::array>},
    {"batch", 0, needed, passed},
    {"bb", 0, needed, passed},
    {"bbf", 0, needed, passed},
    {"begin", 'b', needed, passed},
    {"chdir", 'D', needed, honoured, sbatch_chdir},
    {"cluster-constraint", 0, needed, passed},
    {"clusters", 'M', needed, passed},
    {"comment", 0, needed, ignored},
    {"constraint", 'C', needed, honoured, sbatch_constraint},
    {"container", 0, needed, passed},
    {"container-id", 0, needed, passed},
    {"contiguous", 0, none, passed},
    {"core-spec", 'S', needed, passed},
    {"cores-per-socket", 0, needed, passed},
    {"cpu-freq", 0, needed, passed},
    {"cpus-per-gpu", 0, needed, honoured, sbatch_count<&SubmitForm::cpus_per_gpu>},
    {"cpus-per-task", 'c', needed, honoured, sbatch_count<&SubmitForm::cpus_per_task>},
    {"deadline", 0, needed, passed},
    {"delay-boot", 0, needed, passed},
    {"dependency", 'd', needed, honoured, sbatch_dependency},
    {"distribution", 'm', needed, passed},
    {"error", 'e', needed, honoured, sbatch_text<&SubmitForm::stderr_path>},
    {"exclude", 'x', needed, passed},
    {"exclusive", 0, optional, honoured, sbatch_flag<&SubmitForm::exclusive>},
    {"export", 0, needed, honoured, sbatch_text<&SubmitForm::export_words>},
    {"export-file", 0, needed, unsupported},
    {"extra", 0, needed, passed},
    {"extra-node-info", 'B', needed, passed},
    {"get-user-env", 0, optional, ignored},
    {"gid", 0, needed, unsupported},
    {"gpu-bind", 0, needed, passed},
    {"gpu-freq", 0, needed, passed},
    {"gpus", 'G', needed, honoured, sbatch_gpus<&SubmitForm::gpus>},
    {"gpus-per-node", 0, needed, honoured, sbatch_gpus<&SubmitForm::gpus_per_node>},
    {"gpus-per-socket", 0, needed, passed},
    {"gpus-per-task", 0, needed, honoured, sbatch_gpus<&SubmitForm::gpus_per_task>},
    {"gres", 0, needed, honoured, sbatch_gres},
    {"gres-flags", 0, needed, passed},
    {"hint", 0, needed, passed},
    {"hold", 'H', none, honoured, sbatch_flag<&SubmitForm::held>},
    {"ignore-pbs", 0, none, ignored},
    {"input", 'i', needed, passed},
    {"job-name", 'J', needed, honoured, sbatch_text<&SubmitForm::name>},
    {"kill-on-invalid-dep", 0, needed, passed},
    {"licenses", 'L', needed, passed},
    {"mail-type", 0, needed, unsupported},
    {"mail-user", 0, needed, unsupported},
    {"mcs-label", 0, needed, passed},
    {"mem", 0, needed, honoured, sbatch_memory},
    {"mem-bind", 0, needed, passed},
    {"mem-per-cpu", 0, needed, honoured, sbatch_memory_per<&SubmitForm::memory_bytes_per_cpu>},
    {"mem-per-gpu", 0, needed, honoured, sbatch_memory_per<&SubmitForm::memory_bytes_per_gpu>},
    {"mincpus", 0, needed, honoured, sbatch_count<&SubmitForm::cpus_min>},
    {"network", 0, needed, passed},
    {"nice", 0, optional, passed},
    {"no-kill", 'k', optional, passed},
    {"no-requeue", 0, none, honoured, sbatch_flag<&SubmitForm::requeue, false>},
    {"nodefile", 'F', needed, passed},
    {"nodelist", 'w', needed, passed},
    {"nodes", 'N', needed, honoured, sbatch_nodes},
    {"ntasks", 'n', needed, honoured, sbatch_count<&SubmitForm::tasks>},
    {"ntasks-per-core", 0, needed, passed},
    {"ntasks-per-gpu", 0, needed, honoured, sbatch_count<&SubmitForm::tasks_per_gpu>},
    {"ntasks-per-node", 0, needed, honoured, sbatch_count<&SubmitForm::tasks_per_node>},
    {"ntasks-per-socket", 0, needed, passed},
    {"open-mode", 0, needed, passed},
    {"output", 'o', needed, honoured, sbatch_text<&SubmitForm::stdout_path>},
    {"overcommit", 'O', none, passed},
    {"oversubscribe", 's', none, passed},
    {"parsable", 0, none, honoured, sbatch_manner<&SubmitManner::parsable>},
    {"partition", 'p', needed, honoured, sbatch_partition},
    {"power", 0, needed, passed},
    {"prefer", 0, needed, passed},
    {"priority", 0, needed, passed},
    {"profile", 0, needed, passed},
    {"propagate", 0, optional, ignored},
    {"qos", 'q', needed, passed},
    {"quiet", 'Q', none, honoured, sbatch_manner<&SubmitManner::quiet>},
    {"reboot", 0, none, passed},
    {"requeue", 0, none, honoured, sbatch_flag<&SubmitForm::requeue>},
    {"reservation", 0, needed, passed},
    {"resv-ports", 0, optional, passed},
    {"segment", 0, needed, passed},
    {"signal", 0, needed, passed},
    {"sockets-per-node", 0, needed, passed},
    {"spread-job", 0, none, passed},
    {"switches", 0, needed, passed},
    {"test-only", 0, none, honoured, sbatch_manner<&SubmitManner::test_only>},
    {"thread-spec", 0, needed, passed},
    {"threads-per-core", 0, needed, passed},
    {"time", 't', needed, honoured, sbatch_time},
    {"time-min", 0, needed, passed},
    {"tmp", 0, needed, passed},
    {"tres-bind", 0, needed, passed},
    {"tres-per-task", 0, needed, passed},
    {"uid", 0, needed, unsupported},
    {"use-min-nodes", 0, none, passed},
    {"verbose", 'v', none, ignored},
    {"wait", 'W', none, honoured, sbatch_manner<&SubmitManner::wait>},
    {"wait-all-nodes", 0, needed, passed},
    {"wckey", 0, needed, passed},
    {"wrap", 0, needed, honoured, sbatch_wrap},
};

constexpr SbatchVariable variables[] = {
    {"SBATCH_ACCOUNT", "account"},
    {"SBATCH_ARRAY_INX", "array"},
    {"SBATCH_CONSTRAINT", "constraint"},
    {"SBATCH_CPUS_PER_GPU", "cpus-per-gpu"},
    {"SBATCH_ERROR", "error"},
    {"SBATCH_EXCLUSIVE", "exclusive"},
    {"SBATCH_EXPORT", "export"},
    {"SBATCH_GPUS", "gpus"},
    {"SBATCH_GPUS_PER_NODE", "gpus-per-node"},
    {"SBATCH_GPUS_PER_TASK", "gpus-per-task"},
    {"SBATCH_GRES", "gres"},
    {"SBATCH_JOB_NAME", "job-name"},
    {"SBATCH_MEM_PER_CPU", "mem-per-cpu"},
    {"SBATCH_MEM_PER_GPU", "mem-per-gpu"},
    {"SBATCH_MEM_PER_NODE", "mem"},
    {"SBATCH_NO_REQUEUE", "no-requeue"},
    {"SBATCH_OUTPUT", "output"},
    {"SBATCH_PARTITION", "partition"},
    {"SBATCH_QOS", "qos"},
    {"SBATCH_REQUEUE", "requeue"},
    {"SBATCH_RESERVATION", "reservation"},
    {"SBATCH_TIMELIMIT", "time"},
    {"SBATCH_WAIT", "wait"},
};

}  // namespace

std::span<const SbatchOption> sbatch_options() {
  return table_of_sbatch;
}

const SbatchOption* find_sbatch_option(std::string_view name) {
  const SbatchOption* begun = nullptr;
  for (const auto& option : table_of_sbatch) {
    if (option.name == name) return &option;
    if (!option.name.starts_with(name) || name.empty()) continue;
    if (begun) return nullptr;  // several begin so; an exact one may still come, but none that follows is shorter
    begun = &option;
  }
  return begun;
}

const SbatchOption* find_sbatch_option(char letter) {
  const auto* found = std::find_if(std::begin(table_of_sbatch), std::end(table_of_sbatch),
                                   [&](const auto& option) { return option.letter == letter; });
  return found == std::end(table_of_sbatch) ? nullptr : found;
}

std::span<const SbatchVariable> sbatch_variables() {
  return variables;
}

}  // namespace hansa::client
