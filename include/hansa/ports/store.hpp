// Port: what must survive a crash. One writer, many readers.
//
// commit() returns only after its records survive power loss, all or none; a failure is fatal to the site, but for a
// full disk, which loses nothing and may be tried again. Called by one thread. The readers may be called from any
// thread and see everything that was committed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/records.hpp"
#include "hansa/types/result.hpp"

namespace hansa {

// Everything the brain starts from.
struct StoredState {
  StoreId store;
  bool fresh = false;  // this store was made just now: runs of an older one are strays
  std::map<std::string, std::uint64_t> facts;
  std::map<std::string, std::string> documents;
  std::vector<JobRecord> jobs;
  std::vector<RunRecord> runs;
  std::vector<JobCopy> copies;  // of other origins' jobs
};

enum class CommitResult : std::uint8_t { durable, disk_full };

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<StoredState> load() = 0;
  virtual Result<CommitResult> commit(std::span<const StoreRecord> records) = 0;

  virtual std::optional<EncodedPayload> job_payload(const JobId& job) const = 0;
  virtual std::optional<EncodedPayload> run_payload(const RunKey& run) const = 0;
  virtual std::optional<std::string> note(const JobId& job) const = 0;
};

}  // namespace hansa
