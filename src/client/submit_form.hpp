// What a submission asks, gathered from the script's lines and the command line, in the user's own terms.
//
// Later sources win: #SBATCH lines, then SBATCH_ variables, then #HANSA lines, then the command line. Nothing is worked
// out before all have spoken: eight accelerators over two nodes may come from three places.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/client/args.hpp"
#include "src/client/formats.hpp"

namespace hansa::client {

// How the command itself is to behave.
struct SubmitManner {
  bool parsable = false;
  bool wait = false;
  bool test_only = false;
  bool json = false;
  bool quiet = false;
  bool numbers = false;  // say a job's number rather than its name, as Slurm's commands do
  std::string wrap;
  std::string idempotency_key;
};

struct SubmitForm {
  std::string name;
  std::optional<std::uint32_t> nodes;
  std::optional<std::uint32_t> tasks;
  std::optional<std::uint32_t> tasks_per_node;
  std::optional<std::uint32_t> tasks_per_gpu;
  std::optional<std::uint32_t> cpus_per_task;
  std::optional<std::uint32_t> cpus_per_gpu;
  std::optional<std::uint32_t> cpus_min;  // of a node
  std::optional<std::uint32_t> gpus;      // of the job
  std::optional<std::uint32_t> gpus_per_node;
  std::optional<std::uint32_t> gpus_per_task;
  std::optional<std::uint64_t> memory_bytes;  // a node; of these three the last one given counts
  std::optional<std::uint64_t> memory_bytes_per_cpu;
  std::optional<std::uint64_t> memory_bytes_per_gpu;
  std::optional<double> pflops;
  std::vector<std::string> models;
  std::vector<std::string> labels;
  std::vector<std::string> pools;  // preferred ones: Slurm's partitions
  bool exclusive = false;
  std::optional<std::uint64_t> time_s;

  std::string prefer;
  std::string region;
  std::optional<double> within_s;
  std::vector<std::string> sites;
  std::vector<std::string> excluded;
  std::vector<std::string> datasets;  // "imagenet", "imagenet:require"
  std::string on_partition;
  std::optional<std::uint64_t> lease_s;
  bool requeue = false;
  std::string checkpoint;

  std::string array;
  std::vector<DependencyWord> dependencies;
  bool held = false;

  std::vector<std::string> inputs;
  std::string workdir;
  std::string chdir;
  std::vector<std::string> outputs;
  std::string stdout_path;
  std::string stderr_path;
  std::string export_words = "ALL";
  std::map<std::string, std::string> passed_through;  // for hosts that run Slurm
  std::vector<std::string> left_out;                  // what nobody does for a job
  SubmitManner manner;
};

// Of the command line and of #HANSA lines.
std::span<const Option> submit_options();
Status apply_submit_option(const std::string& name, const std::string& value, SubmitForm& form);

// What is only passed on, and what is left out, one line each; or empty.
std::string describe_passed_through(const SubmitForm& form);

// Of the command line and #HANSA: of the three ways to ask for accelerators the last one counts.
Status set_gpus(const std::string& value, std::optional<std::uint32_t> SubmitForm::*which, SubmitForm& form);
Status set_memory(const std::string& value, std::optional<std::uint64_t> SubmitForm::*which, SubmitForm& form);

// What each of the job's nodes must have.
struct NodeShape {
  std::uint32_t nodes = 1;
  std::uint32_t cores = 1;
  std::uint32_t accelerators = 0;
  std::uint64_t memory_bytes = 0;
  std::uint32_t tasks = 1;  // of the whole job
};
Result<NodeShape> shape_of(const SubmitForm& form);

// What --export makes of this process's environment.
std::map<std::string, std::string> exported(const std::string& words, const char* const* environment);

}  // namespace hansa::client
