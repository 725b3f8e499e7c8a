#include "src/telemetry/counted_store.hpp"

#include <chrono>

namespace hansa {

CountedStore::CountedStore(Store& store, Metrics& metrics)
    : store_(store),
      seconds_(metrics.histogram("hansa_store_commit_seconds", "Commits of the journal: its write and its one sync.",
                                 seconds_buckets())),
      records_(metrics.counter("hansa_store_records_total", "Records committed.")),
      disk_full_(metrics.counter("hansa_store_disk_full_total", "Commits put off because the disk was full.")),
      failures_(metrics.counter("hansa_store_failures_total", "Commits that failed; the site then stops.")) {}

Result<CommitResult> CountedStore::commit(std::span<const StoreRecord> records) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  auto result = store_.commit(records);
  if (!result) {
    failures_.add();
  } else if (*result == CommitResult::disk_full) {
    disk_full_.add();
  } else {
    seconds_.observe(std::chrono::duration<double>(Clock::now() - began).count());
    records_.add(static_cast<double>(records.size()));
  }
  return result;
}

}  // namespace hansa
