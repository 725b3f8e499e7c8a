// Who may read which chunk: a run's host the inputs of that run's job, a run's origin the outputs of that run.
//
// A site that asks for anything else is told that there is no such chunk, whether there is or not: a hash must not be a
// way to learn what others compute.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "src/staging/manifest_book.hpp"
#include "src/staging/seams.hpp"

namespace hansa::staging {

class Rights {
 public:
  // `collected` holds each run's outputs under collected_holder(run).
  Rights(StagingDirectory& directory, ManifestBook& collected) : directory_(directory), collected_(collected) {}

  bool may_read(const SiteName& asker, const ChunkGet& get);
  // What was remembered of a run's outputs is no longer so.
  void forget(const RunKey& run);

 private:
  using Hashes = std::shared_ptr<const std::vector<ContentHash>>;  // sorted
  struct Remembered {
    RunKey run;
    BundleSide side;
    Hashes hashes;
  };

  Hashes hashes_of(const ChunkGet& get);
  Hashes look_up(const ChunkGet& get);

  StagingDirectory& directory_;
  ManifestBook& collected_;
  std::mutex mutex_;
  std::list<Remembered> recent_;  // the latest first
};

}  // namespace hansa::staging
