#include "src/backends/slurm/slurm_commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <sstream>

#include "src/backends/process/run_folders.hpp"
#include "src/backends/slurm/slurm_text.hpp"

namespace hansa {
namespace {

constexpr std::string_view name_mark = "hansa-";

// What a user may add for Slurm alone. The others would change whose job it is, how much it takes, where its output
// goes, when it starts, or what it runs.
constexpr std::array<std::string_view, 22> passed_options{
    "constraint", "contiguous", "core-spec", "cores-per-socket", "cpu-freq", "distribution",     "exclude",
    "exclusive",  "gpu-bind",   "gpu-freq",  "gres-flags",       "hint",     "licenses",         "mem-bind",
    "nodelist",   "prefer",     "network",   "sockets-per-node", "switches", "threads-per-core", "thread-spec",
    "tmp"};

using PassedThrough = std::map<std::string, std::string>;
using Words = std::vector<std::string>;

bool begins_with_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return text.starts_with(word); });
}

// Ours, without what would change the form of the answers. Times are in UTC.
std::vector<std::string> environment_for(const std::string& conf) {
  std::vector<std::string> out;
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    if (begins_with_one_of(*variable, {"SBATCH_", "SQUEUE_", "SINFO_", "SACCT_", "SCANCEL_", "SALLOC_", "SLURM_",
                                       "TZ=", "LC_ALL=", "LANG="}) &&
        !std::string_view(*variable).starts_with("SLURM_CONF="))
      continue;
    if (!conf.empty() && std::string_view(*variable).starts_with("SLURM_CONF=")) continue;
    out.emplace_back(*variable);
  }
  for (const char* ours : {"TZ=UTC", "LC_ALL=C", "SLURM_TIME_FORMAT=standard"}) out.emplace_back(ours);
  if (!conf.empty()) out.push_back("SLURM_CONF=" + conf);
  return out;
}

std::vector<std::string> options_in(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::string minutes(Duration limit, Duration grace) {
  // The wrapper ends the job at its limit; Slurm's own, in whole minutes, lies behind that.
  const auto whole = std::chrono::ceil<std::chrono::minutes>(limit + grace + std::chrono::seconds(30));
  return std::to_string(whole.count());
}

std::uint32_t count_in(const PassedThrough& passed, const std::string& option) {
  const auto found = passed.find(option);
  std::uint32_t count = 0;
  if (found != passed.end()) std::from_chars(found->second.data(), found->second.data() + found->second.size(), count);
  return count;
}

// How the job's tasks share its cores, for its srun. More than was agreed on, they do not get.
void add_tasks(const NodeResources& share, std::uint32_t nodes, const PassedThrough& passed, Words& words) {
  const auto cores = std::max(1u, share.cores);
  auto tasks = std::max(count_in(passed, "ntasks"), nodes);
  auto on_node = std::max((tasks + nodes - 1) / nodes, count_in(passed, "ntasks-per-node"));
  if (on_node > cores) {
    tasks = nodes;
    on_node = 1;
  }
  const auto asked = count_in(passed, "cpus-per-task");
  const auto each = asked > 0 && asked <= cores / on_node ? asked : cores / on_node;
  words.push_back("--ntasks=" + std::to_string(tasks));
  words.push_back("--ntasks-per-node=" + std::to_string(on_node));
  words.push_back("--cpus-per-task=" + std::to_string(each));
  if (each * on_node < cores) words.push_back("--mincpus=" + std::to_string(cores));
}

// One option for the accelerators and for what the user asked for besides: of two, sbatch heeds the last.
std::string gres_of(const SlurmPool& pool, std::uint32_t accelerators, const PassedThrough& passed) {
  std::string list;
  if (accelerators > 0) list = (pool.gres.empty() ? "gpu" : pool.gres) + ":" + std::to_string(accelerators);
  const auto found = passed.find("gres");
  if (found == passed.end()) return list;
  std::istringstream items(found->second);
  for (std::string item; std::getline(items, item, ',');) {
    if (slurm::count_accelerators(item) == 0 && !item.empty()) list += (list.empty() ? "" : ",") + item;
  }
  return list;
}

}  // namespace

std::string slurm_job_name(const RunKey& run) {
  return std::string(name_mark) + run_folder_name(run);
}

std::optional<RunKey> run_of_slurm_job(std::string_view name) {
  if (!name.starts_with(name_mark)) return std::nullopt;
  return parse_run_folder_name(name.substr(name_mark.size()));
}

std::string shell_quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

SlurmCommands::SlurmCommands(SlurmSettings settings, std::string state_folder, SiteName site)
    : settings_(std::move(settings)),
      state_folder_(std::move(state_folder)),
      site_(std::move(site)),
      environment_(environment_for(settings_.ssh.empty() ? settings_.conf : "")) {}

// Over ssh one connection is shared by all commands; it asks for no password and gives up soon.
Command SlurmCommands::command(std::vector<std::string> words) const {
  if (!settings_.bin.empty()) words.front() = settings_.bin + "/" + words.front();
  if (settings_.ssh.empty())
    return {.words = std::move(words), .environment = environment_, .input = {}, .time_max = settings_.command_time};
  std::string line = "env TZ=UTC LC_ALL=C SLURM_TIME_FORMAT=standard";
  if (!settings_.conf.empty()) line += " " + shell_quoted("SLURM_CONF=" + settings_.conf);
  for (const auto& word : words) line += " " + shell_quoted(word);
  return {.words = {"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ControlMaster=auto", "-o",
                    "ControlPersist=60", "-o", "ControlPath=" + state_folder_ + "/ssh-%C", settings_.ssh, line},
          .environment = environment_,
          .input = {},
          .time_max = settings_.command_time};
}

Command SlurmCommands::jobs() const {
  return command({"squeue", "--all", "--local", "--noheader", "--states=all", "-O", slurm::job_columns()});
}

Command SlurmCommands::nodes() const {
  return command({"sinfo", "--local", "--noheader", "--Node", "-o", slurm::node_columns()});
}

Command SlurmCommands::accounted(const std::vector<std::uint64_t>& ids) const {
  std::string list;
  for (const auto id : ids) list += (list.empty() ? "" : ",") + std::to_string(id);
  return command({"sacct", "--local", "-X", "--parsable2", "--format=JobIDRaw,JobName%200,State", "--jobs", list});
}

Command SlurmCommands::configuration() const {
  return command({"scontrol", "show", "config"});
}

Command SlurmCommands::cancel(const std::vector<std::uint64_t>& ids) const {
  std::vector<std::string> words{"scancel"};
  for (const auto id : ids) words.push_back(std::to_string(id));
  return command(std::move(words));
}

// To the wrapper alone, which is the batch script.
Command SlurmCommands::ask_to_stop(std::uint64_t id) const {
  return command({"scancel", "--signal=USR1", "--batch", std::to_string(id)});
}

std::vector<std::string> SlurmCommands::policy(const SiteName& origin) const {
  std::vector<std::string> words;
  if (!settings_.account.empty()) words.push_back("--account=" + settings_.account);
  if (!settings_.qos.empty()) words.push_back("--qos=" + settings_.qos);
  if (!settings_.reservation.empty()) words.push_back("--reservation=" + settings_.reservation);
  words.insert(words.end(), settings_.arguments.begin(), settings_.arguments.end());
  const auto add = [&](const std::string& who) {
    for (const auto& line : settings_.origin_arguments) {
      const auto said = options_in(line);
      if (!said.empty() && said.front() == who) words.insert(words.end(), said.begin() + 1, said.end());
    }
  };
  if (origin != site_) add("*");
  add(origin.value);
  return words;
}

Command SlurmCommands::submit(const StartRun& run, const SlurmPool& pool,
                              const std::map<std::string, std::string>& passed_through, const std::string& shim,
                              const std::string& script_folder, Duration grace) const {
  const auto nodes = static_cast<std::uint32_t>(std::max<std::size_t>(1, run.allocation.nodes.size()));
  const auto& share = run.allocation.per_node;
  const auto name = run_folder_name(run.run);
  std::vector<std::string> words{"sbatch",
                                 "--parsable",
                                 "--job-name=" + slurm_job_name(run.run),
                                 "--comment=hansa run=" + name + " job=" + run.job_name + " site=" + site_.value,
                                 "--partition=" + pool.partition,
                                 "--nodes=" + std::to_string(nodes),
                                 "--no-requeue",
                                 "--export=NIL",
                                 "--chdir=/",
                                 "--output=" + script_folder + "/batch",
                                 "--open-mode=append"};
  if (share.memory_mib > 0) words.push_back("--mem=" + std::to_string(share.memory_mib) + "M");
  add_tasks(share, nodes, passed_through, words);
  if (const auto gres = gres_of(pool, share.accelerators, passed_through); !gres.empty())
    words.push_back("--gres=" + gres);
  const auto limit = run.request->resources.time_limit;
  if (limit > Duration{0} && limit < forever) words.push_back("--time=" + minutes(limit, grace));
  for (const auto& [option, value] : passed_through) {
    if (std::find(passed_options.begin(), passed_options.end(), option) == passed_options.end()) continue;
    words.push_back("--" + option + (value.empty() ? "" : "=" + value));
  }
  for (auto& word : policy(run.origin)) words.push_back(std::move(word));
  auto made = command(std::move(words));
  made.input = "#!/bin/sh\nexec " + shell_quoted(shim) + " " + shell_quoted(script_folder) + "\n";
  return made;
}

Command SlurmCommands::when(const SlurmPool& pool, const Shape& shape) const {
  const auto nodes = std::to_string(shape.nodes);
  std::vector<std::string> words{"sbatch",
                                 "--test-only",
                                 "--partition=" + pool.partition,
                                 "--nodes=" + nodes,
                                 "--ntasks=" + nodes,
                                 "--ntasks-per-node=1",
                                 "--cpus-per-task=" + std::to_string(std::max(1u, shape.per_node.cores)),
                                 "--time=60"};
  if (shape.per_node.accelerators > 0) words.push_back("--gres=" + gres_of(pool, shape.per_node.accelerators, {}));
  for (auto& word : policy(site_)) words.push_back(std::move(word));
  auto made = command(std::move(words));
  made.input = "#!/bin/sh\ntrue\n";
  return made;
}

}  // namespace hansa
