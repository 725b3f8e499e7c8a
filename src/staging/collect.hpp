// A run's outputs: what its globs select in its folder, and its two streams, as one manifest in the chunk store.
//
// The streams are the entries ".hansa/stdout" and ".hansa/stderr", which no job can name otherwise; an empty one is
// left out, so that an absent stream reads as an empty one. The manifest itself is stored as a chunk and named by its
// hash, so that whoever pulls it needs nothing but that name. Without any entry there is nothing to fetch, and the hash
// is zero. What can't travel is left out and named: the rest of a long run's results must come home.
#pragma once

#include <string>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/ids.hpp"
#include "src/staging/manifest_book.hpp"
#include "src/staging/pack.hpp"
#include "src/staging/seams.hpp"

namespace hansa::staging {

struct Collected {
  Manifest manifest;
  ContentHash hash;
  std::uint64_t bytes = 0;
  std::string problem;  // empty when nothing was left out
};

// An Error when the store has no room; everything else is in `problem`.
Result<Collected> collect_outputs(RunFolders& folders, const RunKey& run, const std::vector<std::string>& globs,
                                  const BundleLimits& limits, ChunkStore& chunks, ChunkSink& sink);

}  // namespace hansa::staging
