// A store that says how it does: how long commits take, how much they hold, how often the disk was full.
//
// Each commit ends in one sync, so hansa_store_commit_seconds is what a submission waits for the disk, and its _count
// is the number of syncs. Threading and meaning are those of the store within.
#pragma once

#include "hansa/ports/store.hpp"
#include "src/telemetry/metrics.hpp"

namespace hansa {

class CountedStore final : public Store {
 public:
  // Both outlive it.
  CountedStore(Store& store, Metrics& metrics);

  Result<StoredState> load() override { return store_.load(); }
  Result<CommitResult> commit(std::span<const StoreRecord> records) override;

  std::optional<EncodedPayload> job_payload(const JobId& job) const override { return store_.job_payload(job); }
  std::optional<EncodedPayload> run_payload(const RunKey& run) const override { return store_.run_payload(run); }
  std::optional<std::string> note(const JobId& job) const override { return store_.note(job); }

 private:
  Store& store_;
  HistogramHandle seconds_;
  CounterHandle records_;
  CounterHandle disk_full_;
  CounterHandle failures_;
};

}  // namespace hansa
