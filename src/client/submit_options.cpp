#include <algorithm>

#include "src/client/submit_form.hpp"

namespace hansa::client {
namespace {

struct SubmitOption {
  Option option;
  Status (*apply)(const std::string& value, SubmitForm& form);  // null: of the command's manner
};

Status take(const Result<std::uint32_t>& read, std::optional<std::uint32_t>& into) {
  if (!read) return read.error();
  into = *read;
  return success();
}

template <std::string SubmitForm::*Field>
Status set_text(const std::string& value, SubmitForm& form) {
  form.*Field = value;
  return success();
}

template <std::vector<std::string> SubmitForm::*Field>
Status set_list(const std::string& value, SubmitForm& form) {
  form.*Field = split(value, ',');
  return success();
}

template <std::vector<std::string> SubmitForm::*Field>
Status add_item(const std::string& value, SubmitForm& form) {
  (form.*Field).push_back(value);
  return success();
}

template <std::optional<std::uint32_t> SubmitForm::*Field>
Status set_count(const std::string& value, SubmitForm& form) {
  return take(parse_count(value), form.*Field);
}

template <std::optional<std::uint64_t> SubmitForm::*Field>
Status set_time(const std::string& value, SubmitForm& form) {
  auto time = parse_time(value);
  if (!time) return time.error();
  form.*Field = *time;
  return success();
}

Status set_memory(const std::string& value, SubmitForm& form) {
  auto bytes = parse_memory(value);
  if (!bytes) return bytes.error();
  form.memory_bytes = *bytes;
  form.memory_bytes_per_cpu.reset();
  return success();
}

Status set_pflops(const std::string& value, SubmitForm& form) {
  auto amount = parse_amount(value);
  if (!amount) return amount.error();
  form.pflops = *amount;
  return success();
}

Status set_within(const std::string& value, SubmitForm& form) {
  auto amount = parse_latency(value);
  if (!amount) return amount.error();
  form.within_s = *amount;
  return success();
}

Status set_dependencies(const std::string& value, SubmitForm& form) {
  auto words = parse_dependencies(value);
  if (!words) return words.error();
  form.dependencies = std::move(*words);
  return success();
}

Status one_of(const std::string& value, std::initializer_list<const char*> known, std::string& into) {
  std::string words;
  for (const auto* word : known) {
    if (value == word) {
      into = value;
      return success();
    }
    words += (words.empty() ? "" : ", ") + std::string(word);
  }
  return usage_error("'" + value + "' is none of " + words);
}

const SubmitOption settings[] = {
    {{"name", 'J', "NAME", "what to call the job (default: the script's or command's name)"},
     set_text<&SubmitForm::name>},
    {{"gpus", 'G', "N", "accelerators of the whole job, spread evenly over its nodes; or MODEL:N"},
     [](const std::string& v, SubmitForm& f) { return set_gpus(v, &SubmitForm::gpus, f); }},
    {{"gpu", 0, "MODEL[,MODEL…]", "acceptable models, most preferred first: a100,h800,ascend910b"},
     set_list<&SubmitForm::models>},
    {{"pflops", 0, "X", "compute as such, FP16: accelerators are counted from the speed of the pool"}, set_pflops},
    {{"nodes", 'N', "N", "nodes (default 1)"}, set_count<&SubmitForm::nodes>},
    {{"ntasks", 'n', "N", "tasks over all nodes"}, set_count<&SubmitForm::tasks>},
    {{"cpus", 'c', "N", "cores of each task (default 1)"}, set_count<&SubmitForm::cpus_per_task>},
    {{"mem", 0, "SIZE", "memory of each node: 16G, 512M"}, set_memory},
    {{"time", 't', "TIME", "time limit: 2h, 90 (minutes), HH:MM:SS, D-HH:MM:SS (default 1h)"},
     set_time<&SubmitForm::time_s>},
    {{"label", 0, "LABEL", "what the site must have: apptainer, 'cuda>=12'; repeatable"},
     add_item<&SubmitForm::labels>},
    {{"region", 0, "PATH", "only sites in this region: cn/east"}, set_text<&SubmitForm::region>},
    {{"within", 0, "LATENCY", "only sites within this round trip: 10ms"}, set_within},
    {{"sites", 0, "SITE[,SITE…]", "only these sites"}, set_list<&SubmitForm::sites>},
    {{"exclude", 'x', "SITE[,SITE…]", "never these sites"}, set_list<&SubmitForm::excluded>},
    {{"prefer", 0, "WISH", "fastest (default), cheapest or local"},
     [](const std::string& v, SubmitForm& f) {
       return one_of(v, {"fastest", "cheapest", "local"}, f.prefer);
     }},
    {{"on-partition", 0, "CHOICE",
      "when its host falls silent: wait (default), or rerun elsewhere once its lease is out"},
     [](const std::string& v, SubmitForm& f) {
       return one_of(v, {"wait", "rerun"}, f.on_partition);
     }},
    {{"lease", 0, "TIME", "how long a silent host may run on, with --on-partition rerun (default 40m)"},
     set_time<&SubmitForm::lease_s>},
    {{"requeue", 0, "", "may be started again after a run that died with its host"},
     [](const std::string&, SubmitForm& f) { return f.requeue = true, success(); }},
    {{"input", 0, "PATH", "a file, folder or pattern below this folder that travels with the job; repeatable"},
     add_item<&SubmitForm::inputs>},
    {{"workdir", 0, "DIR", "this folder travels with the job, which starts in it"}, set_text<&SubmitForm::workdir>},
    {{"output", 0, "GLOB",
      "files to bring back: 'frames/*.png'; repeatable. In #SBATCH lines --output names the stdout "
      "file instead, as in Slurm"},
     add_item<&SubmitForm::outputs>},
    {{"stdout", 'o', "FILE", "what fetch calls the job's standard output (Slurm's -o)"},
     set_text<&SubmitForm::stdout_path>},
    {{"stderr", 'e', "FILE", "what fetch calls the job's standard error (Slurm's -e)"},
     set_text<&SubmitForm::stderr_path>},
    {{"array", 'a', "INDICES", "many tasks as one job: 1-100, 0,3,7-9, 1-9:2, with %10 for ten at once"},
     set_text<&SubmitForm::array>},
    {{"dependency", 'd', "LIST", "afterok:ID[:ID…], afterany:…, afternotok:…, singleton"}, set_dependencies},
    {{"hold", 'H', "", "submit, but don't place it until hansa release"},
     [](const std::string&, SubmitForm& f) { return f.held = true, success(); }},
    {{"export", 0, "WORDS", "environment that travels: ALL (default), NONE, or names and NAME=VALUE"},
     set_text<&SubmitForm::export_words>},
    {{"wrap", 0, "COMMAND", "run this line of shell instead of a script"}, nullptr},
    {{"parsable", 0, "", "print the id alone"}, nullptr},
    {{"wait", 'W', "", "return when the job has ended, with its exit code"}, nullptr},
    {{"test-only", 0, "", "submit nothing; print which sites would take it, when and at what price"}, nullptr},
    {{"idempotency-key", 0, "KEY", "the same key again is the same job (default: a new one)"}, nullptr},
    {{"json", 0, "", "print the daemon's answer in JSON"}, nullptr},
    {{"help", 0, "", "this text"}, nullptr},
};

}  // namespace

std::span<const Option> submit_options() {
  static const auto options = [] {
    std::vector<Option> list;
    for (const auto& entry : settings) list.push_back(entry.option);
    return list;
  }();
  return options;
}

Status apply_submit_option(const std::string& name, const std::string& value, SubmitForm& form) {
  const auto* entry =
      std::find_if(std::begin(settings), std::end(settings), [&](const auto& e) { return e.option.name == name; });
  if (entry == std::end(settings) || !entry->apply) return success();
  auto applied = entry->apply(value, form);
  return applied ? success() : Status(usage_error("--" + name + ": " + applied.error().text));
}

void read_manner(const Args& args, SubmitManner& manner) {
  manner.parsable = args.has("parsable");
  manner.wait = args.has("wait");
  manner.test_only = args.has("test-only");
  manner.json = args.has("json");
  manner.wrap = args.last("wrap").value_or("");
  manner.idempotency_key = args.last("idempotency-key").value_or("");
}

Status set_gpus(const std::string& value, std::optional<std::uint32_t> SubmitForm::*which, SubmitForm& form) {
  auto word = parse_gpus(value);
  if (!word) return word.error();
  form.gpus.reset();
  form.gpus_per_node.reset();
  form.gpus_per_task.reset();
  form.*which = word->count;
  if (!word->model.empty()) form.models = {word->model};
  return success();
}

}  // namespace hansa::client
