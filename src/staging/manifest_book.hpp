// Which manifests this site still needs, and so which chunks may not go: one file a holder in state/bundles/ and
// state/outputs/.
//
// A holder's file is the encoded manifest; as long as it is there, the chunks that it names, and the chunk that is the
// encoded manifest itself, are held in the chunk store. Nothing of it stays in memory: a release reads the file again.
//
// Threading: every method may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"
#include "src/staging/chunk_store.hpp"

namespace hansa::staging {

// Every chunk that a manifest names, as often as it does.
std::vector<ContentHash> chunks_of(const Manifest& manifest);

class ManifestBook {
 public:
  // Holds again what its files name. A file that makes no sense is removed: it is a cache of what others know.
  static Result<std::unique_ptr<ManifestBook>> open(const std::string& folder, ChunkStore& chunks);

  // Replaces what the holder had.
  Status put(const std::string& holder, const Manifest& manifest);
  Result<Manifest> get(const std::string& holder) const;
  // The manifest as its holder's file has it; what chunk_hash of it names.
  Result<std::string> get_encoded(const std::string& holder) const;
  void drop(const std::string& holder);
  std::vector<std::string> holders() const;
  // Its file, for DiskSync.
  std::string path_of(const std::string& holder) const;

 private:
  ManifestBook(std::string folder, Fd fd, ChunkStore& chunks);
  void take_up();
  void release(const std::string& encoded);

  const std::string folder_;
  const Fd fd_;
  ChunkStore& chunks_;
  std::mutex mutex_;  // changes, one at a time: nothing is released twice
};

}  // namespace hansa::staging
