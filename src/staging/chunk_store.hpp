// The chunks of a site, by content: state/chunks/ab/HASH.zst.
//
// A chunk is written to a temporary file and renamed, checked against its name before it is written and for damage
// whenever it is used; one found damaged is thrown away, so that it counts as missing and is fetched again. Nothing is
// synced here: a torn chunk is a missing chunk, and where this site is about to become the only one that has it (an
// upload, outputs that came home), the service waits for DiskSync before it says so.
//
// What a manifest in the ManifestBook names is held and never goes. The rest is a cache: it goes when it was not
// touched for the grace time, or, oldest first, when the size limit asks for room; but not while it is fresh, as a
// client that was just told "you need not upload this one" relies on it.
//
// Threading: every method may be called from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"
#include "src/staging/fd.hpp"

namespace hansa::staging {

struct ChunkStoreOptions {
  std::uint64_t bytes_max = 100ull << 30;  // on disk, compressed
  Duration grace = std::chrono::hours(1);  // how long what nothing refers to is kept
  std::function<Instant()> clock;          // CLOCK_BOOTTIME when empty
};

struct ChunkStoreTotals {
  std::uint64_t chunks = 0;
  std::uint64_t bytes = 0;
  std::uint64_t damaged_total = 0;  // found and thrown away
  std::uint64_t evicted_total = 0;
};

class ChunkStore {
 public:
  // Makes the folder when it is not there and takes up what it holds.
  static Result<std::unique_ptr<ChunkStore>> open(const std::string& folder, ChunkStoreOptions options);

  // Those not here, each once. What is here becomes fresh.
  std::vector<ContentHash> missing(const std::vector<ContentHash>& hashes);
  bool has(const ContentHash& hash) { return missing({hash}).empty(); }

  // Takes one zstd frame from outside; its uncompressed size. `corrupt` when it is not what the hash names,
  // `overloaded` when there is no room. A chunk that is here already is a success.
  Result<std::size_t> put_frame(const ContentHash& hash, std::string_view zstd);
  // Takes our own bytes, whose hash the caller has just computed.
  Status put_bytes(const ContentHash& hash, std::string_view bytes);

  // `not_found`, or `corrupt` after the damaged chunk has been thrown away.
  Result<std::string> read(const ContentHash& hash);        // uncompressed
  Result<std::string> read_frame(const ContentHash& hash);  // as it is sent; checked in full
  // As it lies on the disk, unchecked: for a peer, who checks it himself.
  Result<std::string> load(const ContentHash& hash);

  // Where they lie, for DiskSync.
  std::vector<std::string> files_of(const std::vector<ContentHash>& hashes) const;

  // Counted: as many releases as holds. A chunk may be held before it is here.
  void hold(const std::vector<ContentHash>& hashes);
  void release(const std::vector<ContentHash>& hashes);

  // Throws away what is neither held nor touched within the grace time. Returns the bytes freed.
  std::uint64_t collect_garbage();

  ChunkStoreTotals totals() const;

 private:
  struct Entry {
    std::uint64_t bytes = 0;  // on disk; 0: not here
    std::uint32_t holds = 0;
    Instant touched;
    bool fresh = false;  // promised to a client, or just put: not evicted within the grace time
  };
  struct HashOfHash {
    std::size_t operator()(const ContentHash& hash) const;
  };

  ChunkStore(std::string folder, Fd fd, ChunkStoreOptions options);
  void take_up();
  void take_up_folder(const std::string& prefix);
  Status write(const ContentHash& hash, std::string_view zstd);
  Status reserve(std::uint64_t bytes);
  std::uint64_t evict(std::uint64_t wanted);
  void unreserve(std::uint64_t bytes);
  void discard(const ContentHash& hash);
  bool is_expired(const Entry& entry, Instant now) const;

  const std::string folder_;
  const Fd fd_;
  const ChunkStoreOptions options_;
  mutable std::mutex mutex_;  // what follows; never held while a chunk's bytes are read or written
  std::unordered_map<ContentHash, Entry, HashOfHash> entries_;
  ChunkStoreTotals totals_;
  std::uint64_t reserved_bytes_ = 0;
};

}  // namespace hansa::staging
