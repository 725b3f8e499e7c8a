// The staging of one site at work: commands become events by way of chunks.
//
// One loop thread owns all that changes here (what is under way, what is asked of whom); two pools do what takes time:
// one checks, stores and reads single chunks, the other packs and unpacks whole folders, so that a chunk asked for by a
// peer never waits behind somebody's bundle. Each finished piece of work comes back to the loop as an event.
//
// An operation is one run's inputs coming, its outputs being collected, or its outputs being pulled. It goes through
// its stages by itself; the same command again, while it is under way, changes nothing, and afterwards starts it again,
// which finds most of the work done. Nothing of it is kept but files: after a restart the daemon gives its commands
// again, and what is missing is what is fetched.
//
// Invariants: one event ends each operation that is not dropped; the chunks of an operation are held from before it
// asks which are missing until its files are dropped; at most a window of chunks is in memory.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hansa/ports/staging.hpp"
#include "protocol/wire/bulk_messages.hpp"
#include "src/staging/chunk_memory.hpp"
#include "src/staging/chunk_store.hpp"
#include "src/staging/collect.hpp"
#include "src/staging/disk_sync.hpp"
#include "src/staging/downloads.hpp"
#include "src/staging/event_loop.hpp"
#include "src/staging/manifest_book.hpp"
#include "src/staging/options.hpp"
#include "src/staging/recently_sent.hpp"
#include "src/staging/rights.hpp"
#include "src/staging/seams.hpp"
#include "src/staging/unpack.hpp"
#include "src/staging/worker_pool.hpp"

namespace hansa::staging {

struct EngineParts {
  ChunkStore& chunks;
  ManifestBook& bundles;  // what is held for runs and jobs, by purpose
  ManifestBook& outputs;  // what came home, by job
  Rights& rights;
  DiskSync& sync;
};

class Engine {
 public:
  Engine(const StagingOptions& options, const StagingSeams& seams, EngineParts parts);
  ~Engine() { stop(); }

  void perform(const StagingCommand& command);
  void on_get(const SiteName& from, const ChunkGet& get);
  void on_data(const SiteName& from, ChunkData data);
  void on_missing(const SiteName& from, const ChunkMissing& missing);
  void on_link(const SiteName& peer, bool up);

  // Slow work on one chunk, for the service's callers.
  void with_chunk(std::function<void()> work);
  void stop();

 private:
  enum class Kind : std::uint8_t { fetch, collect, pull };
  using Key = std::pair<RunKey, Kind>;
  using Missing = std::vector<ContentHash>;
  struct Operation {
    Kind kind = Kind::fetch;
    RunKey run;
    SiteName peer;
    ContentHash outputs;     // pull
    std::string folder;      // pull, of a checkpoint: all that is wanted of the outputs
    EncodedPayload payload;  // pull, of a checkpoint
    Manifest manifest;       // once known
    bool has_manifest = false;
    std::uint64_t bytes_here = 0;        // fetch
    Instant told{};                      // fetch: when progress was last said
    std::set<ContentHash> lost;          // pull: what the host does not have
    std::string problem;                 // pull
    int rounds = 0;                      // fetch: how often a chunk went bad between coming and being laid out
    Unpacking layout;                    // fetch: how far it is
    bool arrivals = false;               // fetch: chunks came while a worker laid out those before
    std::optional<std::string> failure;  // fetch: why it fails as soon as the worker is done
    bool working = false;                // a worker has it; only that worker touches manifest and layout
    std::atomic<bool> cancelled{false};
  };
  using Op = std::shared_ptr<Operation>;
  class StoreSink;
  class StoreSource;

  // Inputs (engine_inputs.cpp)
  void start(const FetchInputs& command);
  Result<Missing> plan_fetch(Operation& op, const EncodedPayload& payload);
  Missing missing_of(const Manifest& manifest);
  void fetch_or_lay_out(const Op& op, const Missing& missing);
  void lay_out(const Op& op);
  Result<bool> unpack_inputs(Operation& op, bool all_came);
  void laid_out(const Op& op, const Result<bool>& done);
  void lay_out_again(const Op& op, const std::string& problem);
  void fail_inputs(const Op& op, const std::string& why);
  void tell_progress(const Op& op, std::size_t bytes);

  // Outputs (engine_outputs.cpp)
  void start(const CollectOutputs& command);
  Result<Collected> collect(Operation& op, const CollectOutputs& command);
  void run_collect(const Op& op, const CollectOutputs& command);
  void collected(const Op& op, const CollectOutputs& command, const Result<Collected>& result);
  void start(const PullOutputs& command);
  void start(const BringCheckpoint& command);
  struct NextInputs {
    EncodedPayload payload;
    std::uint64_t bytes = 0;
  };
  std::optional<NextInputs> next_inputs(const Operation& op) const;
  void bring_checkpoint_home(const Op& op);
  void checkpoint_home(const Op& op, std::optional<NextInputs> inputs);
  void sync_checkpoint(const Op& op, NextInputs inputs);
  void load_manifest(const Op& op);
  Result<Missing> plan_pull(Operation& op);
  void planned_pull(const Op& op, const Result<Missing>& missing);
  void bring_home(const Op& op);
  Status keep_outputs(Operation& op);
  void kept(const Op& op, const Status& status);
  void outputs_home(const Op& op);
  void start(const DropRunFiles& command);
  void start(const DropJobFiles& command);

  // Chunks (engine_chunks.cpp)
  void want(const Op& op, const Missing& missing);
  void chunk_stored(const SiteName& from, const ContentHash& hash, const Result<std::size_t>& stored);
  void chunk_here(const ContentHash& hash, std::size_t bytes);
  void no_room_for(const ContentHash& hash, const std::string& why);
  void chunk_lost(const TransferKey& transfer, const ContentHash& hash, const std::string& why);
  void complete(const Op& op);
  void serve(const SiteName& from, const ChunkGet& get);

  // All (engine.cpp)
  std::optional<Instant> tick(Instant now);
  Op begin(Kind kind, const RunKey& run, const SiteName& peer);
  Op find(const TransferKey& transfer) const;
  void end(const Op& op);
  void drop(const Key& key);
  // Work on a worker, then `then(result)` on the loop; not if the operation was dropped meanwhile.
  template <class Work, class Then>
  void in_background(const Op& op, Work work, Then then);
  // Not if the operation is dropped meanwhile.
  void retry(const Op& op, std::function<void()> event);
  bool is_here(const Operation& op) const { return op.peer == options_.self; }

  const StagingOptions& options_;
  const StagingSeams seams_;
  const EngineParts parts_;
  std::atomic<std::uint64_t> queued_bytes_{0};  // of chunks that came and wait to be stored
  Downloads downloads_;
  std::map<Key, Op> operations_;
  std::multimap<Instant, std::function<void()>> delayed_;
  std::map<SiteName, std::size_t> serving_;  // answers being prepared
  RecentlySent sent_;
  std::optional<Instant> garbage_due_;
  ChunkMemory memory_;
  WorkerPool chunk_workers_;
  WorkerPool file_workers_;
  EventLoop loop_;  // last: its thread uses what is above
};

// Only what lies in this folder, and the folder itself.
void keep_below(const std::string& folder, Manifest& manifest);

template <class Work, class Then>
void Engine::in_background(const Op& op, Work work, Then then) {
  op->working = true;
  file_workers_.submit([this, op, work = std::move(work), then = std::move(then)]() mutable {
    auto result = work();
    loop_.post([this, op, then = std::move(then), result = std::move(result)]() mutable {
      op->working = false;
      if (op->cancelled) {
        end(op);
      } else {
        then(std::move(result));
      }
    });
  });
}

}  // namespace hansa::staging
