// Reading what Slurm's commands print.
//
// Problem: fields change their form from release to release (gres:gpu:2, gres/gpu:2, gres/gpu=2; DRAINED, IDLE+DRAIN)
// and names of jobs hold anything. Idea: only columns that have been there since 20.11 and are documented still, asked
// for one by one and cut at '|', those with free text last; a form that is not known means "not known", never a guess
// that would end a job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::slurm {

enum class JobPhase : std::uint8_t {
  waiting,
  on_nodes,  // or in a state that this program does not know
  over,
};

// A job in squeue's answer.
struct Job {
  std::uint64_t id = 0;
  std::string state;  // "RUNNING"
  std::string partition;
  std::vector<std::string> nodes;
  std::uint32_t node_count = 0;
  std::uint32_t cpus = 0;          // of all nodes
  std::uint64_t memory_mib = 0;    // of all nodes; 0: not known
  std::uint32_t accelerators = 0;  // of all nodes
  std::int64_t start_s = 0;        // since 1970; expected, while it waits; 0: not known
  std::int64_t end_s = 0;
  std::string reason;
  std::string name;

  JobPhase phase() const;
};

// The columns of squeue that parse_jobs() reads.
std::string job_columns();
std::vector<Job> parse_jobs(std::string_view text);

// A node in a partition, in sinfo's answer.
struct Node {
  std::string name;
  std::string partition;
  std::string state;
  std::uint32_t cpus = 0;
  std::uint64_t memory_mib = 0;
  std::string gres;  // "gpu:a100", "gpu"; empty: it has no accelerators
  std::uint32_t accelerators = 0;
  std::vector<std::string> features;

  bool usable() const;
};

std::string node_columns();
std::vector<Node> parse_nodes(std::string_view text);

// sacct --parsable2 with its line of names: what it says of one job's end.
struct Accounted {
  std::uint64_t id = 0;
  std::string name;
  std::string state;
};
std::vector<Accounted> parse_accounted(std::string_view text);

// "1234" or "1234;cluster", the last line of what sbatch prints.
std::optional<std::uint64_t> parse_submitted(std::string_view text);
// "sbatch: Job 12 to start at 2026-11-23T15:10:31 using …"
std::optional<std::int64_t> parse_test_only(std::string_view text);

// "n[1-3,07],login" → n1 n2 n3 n07 login
std::vector<std::string> expand_hosts(std::string_view list);
std::optional<std::int64_t> parse_utc(std::string_view time);  // "2026-11-23T15:10:31"
std::uint64_t parse_memory_mib(std::string_view text);         // "16G", "1.50T", "4000M"; without a unit, MiB
// Accelerators in "cpu=8,mem=16G,gres/gpu=2,gres/gpu:a100=2", "gres:gpu:a100:2" and their like.
std::uint32_t count_accelerators(std::string_view tres);

// When the controller came up, in "scontrol show config".
std::optional<std::int64_t> parse_up_since(std::string_view text);

// The word before "+" or " by 1000".
std::string_view base_state(std::string_view state);

}  // namespace hansa::slurm
