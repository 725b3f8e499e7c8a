// Who has to do with which run, for everybody who serves files and logs: a small copy of what the records say.
//
// Fed with every record on its way to the store, in the order of the brain; read from any thread. It answers staging's
// questions (may this site read that?) and the gateway's (whose job is it, and where does it run?).
#pragma once

#include <absl/container/btree_map.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "hansa/ports/store.hpp"
#include "src/staging/seams.hpp"

namespace hansa {

class RunDirectory final : public staging::StagingDirectory {
 public:
  RunDirectory(SiteName self, const Store& store) : self_(std::move(self)), store_(store) {}

  void load(const StoredState& stored);
  void note(const std::vector<StoreRecord>& records);

  struct Placed {
    Shared<JobRequest> request;
    Epoch epoch;
    SiteName host;          // empty: nowhere
    bool accepted = false;  // the host has it on record: it can be asked about the run
    bool ended = false;
    bool has_outputs = false;
  };
  std::optional<Placed> find(const JobId& job) const;
  std::optional<JobId> resolve(const JobName& name) const;
  // Every job and run on record, for cleaning up after a restart.
  std::vector<JobId> jobs() const;
  std::vector<RunKey> runs() const;

  std::optional<EncodedPayload> payload_of(const JobId& job) override;
  bool is_host(const SiteName& site, const RunKey& run) override;
  bool is_origin(const SiteName& site, const RunKey& run) override;
  staging::RunLife life_of(const RunKey& run) override;

 private:
  // As JobId, RunKey and Placed and as short as can be: there are as many as jobs.
  struct ShortJob {
    std::uint64_t number = 0;
    std::int32_t task = JobId::no_task;
    std::uint32_t store = 0;  // its place among those that are known
    auto operator<=>(const ShortJob&) const = default;
  };
  using ShortRun = std::pair<ShortJob, std::uint64_t>;  // with the epoch
  struct Entry {
    Shared<JobRequest> request;
    Epoch epoch;
    const SiteName* host = nullptr;
    bool accepted = false;
    bool ended = false;
    bool has_outputs = false;
  };
  struct RunHere {
    const SiteName* origin = nullptr;
    staging::RunLife life = staging::RunLife::alive;
  };
  SiteName self_;
  const Store& store_;
  mutable std::mutex mutex_;
  StoreId own_store_;
  std::set<SiteName> sites_;  // each name once
  std::vector<StoreId> stores_;
  absl::btree_map<ShortJob, Entry> jobs_;
  absl::btree_map<ShortRun, RunHere> runs_;

  const SiteName* name_of(const SiteName& site) { return &*sites_.insert(site).first; }
  ShortJob known(const JobId& job);                          // its store is remembered
  std::optional<ShortJob> short_of(const JobId& job) const;  // nothing when its store was never heard of
  const Entry* entry_of(const JobId& job) const;
  const RunHere* run_of(const RunKey& run) const;
  void put(const JobRecord& record);
  void put(const RunRecord& record);
};

}  // namespace hansa
