// A job, as its user describes it, and how it ends.
//
// JobRequest is what placing and queueing need, and stays in memory. JobPayload (script, environment, files) is what
// running needs: it goes to the journal with the submission and is read again when an award or a start carries it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/fields.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/resources.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// When a host falls silent: wait however long, or run again once its lease is surely out.
enum class OnPartition : std::uint8_t { wait, rerun };

enum class Prefer : std::uint8_t { fastest, cheapest, local };

// A data set that sites may hold, by the name under which they announce it.
struct DatasetWish {
  std::string name;
  bool required = false;  // else a site that holds it is only preferred

  HANSA_FIELDS(name, required)
  bool operator==(const DatasetWish&) const = default;
};

// Where the user wants, or refuses, to have the job run. Empty means no wish.
struct PlacementWishes {
  Prefer prefer = Prefer::fastest;
  std::string region;              // only sites in this region path or below it ("cn/east")
  Duration within{0};              // only sites within this measured round trip; 0: any
  std::vector<SiteName> sites;     // only these
  std::vector<SiteName> excluded;  // never these
  std::vector<DatasetWish> datasets;

  HANSA_FIELDS(prefer, region, within, sites, excluded, datasets)
  bool operator==(const PlacementWishes&) const = default;
};

enum class DependencyKind : std::uint8_t { after_ok, after_any, after_not_ok, singleton };

// The job waits until `job` (of the same origin) has ended so. An array's id without a task means all its tasks.
// singleton names no job: it waits for all earlier jobs of the same name and user.
struct Dependency {
  DependencyKind kind = DependencyKind::after_ok;
  JobId job;

  HANSA_FIELDS(kind, job)
  bool operator==(const Dependency&) const = default;
};

// Which tasks a job array has: explicit indices, ascending, and how many may be placed at once (0: all).
struct ArraySpec {
  std::vector<std::int32_t> tasks;
  std::uint32_t parallel_max = 0;

  bool empty() const { return tasks.empty(); }

  HANSA_FIELDS(tasks, parallel_max)
  bool operator==(const ArraySpec&) const = default;
};

inline constexpr std::size_t array_tasks_max = 65'536;

// As Slurm writes it: "1-100", "0,3,7-9", "1-9:2" (every second one), each with "%10" (at most ten at once).
Result<ArraySpec> parse_array(std::string_view text);
// The same the other way: "5-100%10".
std::string format_array(const ArraySpec& array);

struct JobRequest {
  std::string name;
  std::string user;  // at the origin
  ResourceRequest resources;
  PlacementWishes wishes;
  OnPartition on_partition = OnPartition::wait;
  Duration lease = std::chrono::minutes(40);  // for rerun
  bool requeue = false;                       // may be started again after a run that died with its host
  std::uint64_t bundle_bytes = 0;             // what a remote host must fetch first
  std::vector<Dependency> dependencies;
  std::string checkpoint;  // a folder that goes along from a run that died to the next one; empty: none

  HANSA_FIELDS(name, user, resources, wishes, on_partition, lease, requeue, bundle_bytes, dependencies, checkpoint)
  bool operator==(const JobRequest&) const = default;
};

struct JobPayload {
  std::string script;                  // whole text, with its #! line; empty when argv alone is run
  std::vector<std::string> arguments;  // of the script, or the command itself
  std::map<std::string, std::string> environment;
  Manifest inputs;
  std::string workdir;                                // within the bundle, where the job starts; empty: its root
  std::vector<std::string> outputs;                   // globs, relative to the job's folder
  std::string stdout_path;                            // as Slurm's --output pattern, for fetch; empty: the default name
  std::string stderr_path;                            // empty: joined with stdout
  std::map<std::string, std::string> passed_through;  // directives only some batch systems know

  HANSA_FIELDS(script, arguments, environment, inputs, workdir, outputs, stdout_path, stderr_path, passed_through)
  bool operator==(const JobPayload&) const = default;
};

// A payload in its encoded form, which is all that the brain ever sees of it.
using EncodedPayload = Shared<std::string>;

// How a run or a job ended; final. Slurm's words.
// node_fail and preempted: not the job's own doing, so that one with `requeue` is placed again.
enum class FinalState : std::uint8_t { completed, failed, cancelled, timeout, out_of_memory, node_fail, preempted };

struct Usage {
  Duration elapsed{0};
  Duration cpu{0};  // user + system
  std::uint64_t memory_peak_mib = 0;
  double unit_hours = 0;

  HANSA_FIELDS(elapsed, cpu, memory_peak_mib, unit_hours)
  bool operator==(const Usage&) const = default;
};

// Exit code 0–255, or 128 + signal as shells have it; `signal` is 0 unless one ended the run.
struct ExitStatus {
  std::int32_t code = 0;
  std::int32_t signal = 0;

  HANSA_FIELDS(code, signal)
  bool operator==(const ExitStatus&) const = default;
};

// What became of a run, as its host reports it.
struct Outcome {
  FinalState state = FinalState::completed;
  ExitStatus exit;
  Usage usage;
  std::string reason;   // for people, when it is not plain success
  ContentHash outputs;  // of the encoded output manifest; zero when nothing is to be fetched
  std::uint64_t output_bytes = 0;
  WallTime started;
  WallTime ended;
  std::string where;  // "a100[3]": pool and nodes

  HANSA_FIELDS(state, exit, usage, reason, outputs, output_bytes, started, ended, where)
  bool operator==(const Outcome&) const = default;
};

// It did not end by its own doing, and its user said that it may be started again.
inline bool runs_again(const Outcome& outcome, const JobRequest& request) {
  return request.requeue && (outcome.state == FinalState::node_fail || outcome.state == FinalState::preempted);
}

std::string_view to_word(FinalState state);    // "COMPLETED"
std::string_view to_word(Prefer prefer);       // "fastest"
std::string_view to_word(OnPartition choice);  // "wait"

}  // namespace hansa
