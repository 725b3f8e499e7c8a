// A site with one backend under test: it can be taken down and brought up again on the same state, and waits for events
// until a deadline that only a broken backend meets.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "protocol/wire/codec.hpp"
#include "src/backends/process/run_files.hpp"
#include "src/backends/settings.hpp"
#include "tests/contract/backend/event_log.hpp"

namespace hansa {

inline Instant boottime() {
  return Instant{Duration(boottime_us())};
}

// A folder that is gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "hansa-backend-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0755));  // jobs run as another user pass through it
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class BackendSite {
 public:
  BackendSite() {
    settings.state_folder = folder.path();
    settings.site = SiteName{"taihu"};
    settings.pools = {
        {.name = "cpu", .nodes = 4, .per_node = {.cores = 8}},
        {.name = "a100", .model = "nvidia-a100", .nodes = 2, .per_node = {.accelerators = 8, .cores = 64}},
        {.name = "910b", .model = "huawei-ascend910b", .nodes = 2, .per_node = {.accelerators = 8}},
        {.name = "mi300", .model = "amd-mi300x", .nodes = 1, .per_node = {.accelerators = 8}}};
    settings.grace = std::chrono::milliseconds(400);
    settings.handler = &log;
  }
  virtual ~BackendSite() = default;

  virtual void up() = 0;
  void down() { backend.reset(); }
  void restart() {
    down();
    log.clear();
    up();
  }
  // The time by which the backend goes.
  virtual Instant now() const = 0;
  // Lets time pass, or waits, until an event is there that `wanted` says yes to; nothing when none came.
  virtual bool until(const std::function<bool()>& wanted) = 0;
  // While the daemon is down: until the run is over.
  virtual void until_over(const RunKey& run) = 0;
  // A batch system puts a run on nodes of its own choice, and takes its time to start it.
  virtual bool chooses_nodes() const { return false; }
  virtual Duration start_time_max() const { return Duration{0}; }

  template <class Event>
  std::optional<Event> await(const RunKey& run) {
    std::optional<Event> found;
    until([&] {
      found = log.find<Event>(run);
      return found.has_value();
    });
    return found;
  }
  template <class Event>
  std::optional<Event> await_any() {
    std::optional<Event> found;
    until([&] {
      found = log.find_any<Event>();
      return found.has_value();
    });
    return found;
  }

  std::string output_of(const RunKey& run) const { return read(backend->stdout_file(run)); }
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  TemporaryFolder folder;
  EventLog log;
  BackendSettings settings;
  std::unique_ptr<Backend> backend;
};

std::unique_ptr<BackendSite> make_fake_site();
std::unique_ptr<BackendSite> make_process_site();

// A run of job `number`, and a start of it on one node of the CPU pool.
// A store of this test program's own: what is left of a run is found by its name, on the whole machine, and tests that
// run side by side must not hunt each other's.
inline RunKey run_number(std::uint64_t number, std::uint64_t epoch = 1) {
  RunKey run{.job = {.number = number}, .epoch = {epoch}};
  const auto pid = ::getpid();
  std::memcpy(run.job.store.bytes.data(), &pid, sizeof pid);
  run.job.store.bytes[15] = 0xab;
  return run;
}

struct StartOptions {
  std::string script = "true";
  std::vector<std::string> command;  // instead of the script
  std::map<std::string, std::string> environment;
  Duration time_limit = std::chrono::hours(1);
  std::string workdir;
  std::string stderr_path = "err";  // apart from stdout
  Allocation allocation{.pool = "cpu", .per_node = {.cores = 1}, .nodes = {{.node = 3}}};
  std::optional<Instant> lease_until;
};

inline StartRun start_of(const RunKey& run, const StartOptions& options = {}) {
  JobPayload payload;
  if (options.command.empty()) payload.script = "#!/bin/sh\n" + options.script + "\n";
  payload.arguments = options.command;
  payload.environment = options.environment;
  payload.workdir = options.workdir;
  payload.stderr_path = options.stderr_path;
  JobRequest request;
  request.name = "test";
  request.resources.time_limit = options.time_limit;
  return {.run = run,
          .job_name = "wujiang-" + std::to_string(run.job.number),
          .origin = SiteName{"wujiang"},
          .request = Shared<JobRequest>(std::move(request)),
          .payload = EncodedPayload(encode(payload)),
          .allocation = options.allocation,
          .under_lease = options.lease_until.has_value(),
          .lease_until = options.lease_until.value_or(end_of_time)};
}

}  // namespace hansa
