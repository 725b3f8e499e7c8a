// Staging, whole: what the daemon makes one of, and hands commands, frames and its users' chunks to.
//
// State lives in files alone (chunks/, bundles/, outputs/ below the state folder). Open it once the brain has its
// records again: a peer who asks is answered from the directory, and "no such chunk" is final to him.
//
// Threading: every method may be called from any thread and returns at once (keep_inputs writes one small file).
// Events and answers come from staging's own threads and must only be forwarded.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/ports/staging.hpp"
#include "protocol/wire/bulk_messages.hpp"
#include "src/staging/engine.hpp"
#include "src/staging/log_desk.hpp"
#include "src/staging/options.hpp"

namespace hansa::staging {

class StagingService {
 public:
  static Result<std::unique_ptr<StagingService>> open(StagingOptions options, StagingSeams seams);
  ~StagingService();

  // The port (hansa/ports/staging.hpp).
  void perform(const StagingCommand& command) { engine_.perform(command); }

  // The bulk lane.
  void on_bulk_frame(const SiteName& from, BulkMessage message);
  void on_link(const SiteName& peer, bool up);

  // Submissions. check_inputs: the manifest is sound and every chunk is here; an Error of kind `usage` or `refused`
  // says what is wrong. keep_inputs: before the submission is persisted, so that a job on record has its files;
  // idempotent; ended by DropJobFiles.
  Status check_inputs(const Manifest& inputs);
  Status keep_inputs(const JobId& job, const Manifest& inputs);

  // After a restart, with everything on record: what is held for others (a drop that a crash swallowed) may go.
  void keep_only(const std::vector<JobId>& jobs, const std::vector<RunKey>& runs);

  // For ApiHandler. put_chunk answers when the chunk is on disk.
  void missing_chunks(const std::vector<ContentHash>& hashes,
                      const std::function<void(Result<std::vector<ContentHash>>)>& answer);
  void put_chunk(const ContentHash& hash, std::string zstd, std::function<void(Status)> answer);
  void output_manifest(const JobId& job, std::function<void(Result<Manifest>)> answer);
  void get_output_chunk(const JobId& job, const ContentHash& hash, std::function<void(Result<std::string>)> answer);
  // `host`: where the run is; empty when nowhere yet. A run that ended without any output has no log to ask for:
  // the caller answers that from its Outcome.
  void read_log(const LogQuery& query, const SiteName& host, LogAnswer answer);

  ChunkStoreTotals totals() const { return chunks_->totals(); }

 private:
  struct Opened {
    std::unique_ptr<ChunkStore> chunks;
    std::unique_ptr<ManifestBook> bundles;
    std::unique_ptr<ManifestBook> outputs;
  };
  StagingService(StagingOptions options, StagingSeams seams, Opened opened);

  const StagingOptions options_;
  const std::unique_ptr<ChunkStore> chunks_;
  const std::unique_ptr<ManifestBook> bundles_;
  const std::unique_ptr<ManifestBook> outputs_;
  DiskSync sync_;
  Rights rights_;
  LogDesk logs_;
  std::atomic<int> uploads_{0};
  Engine engine_;
};

}  // namespace hansa::staging
