// Packing: a folder, or some files of it, becomes a manifest and chunks. Used by the command and by the daemon.
//
// Each file is cut into chunks of 4 MiB; a sink gets every chunk's bytes as they are read, and one chunk is in memory
// at a time. A file that changes while it is read is noticed (by size and time of change, before and after) and
// refused: half an old file and half a new one is nobody's input. No links are followed, so that nothing is read that
// lies outside the folder.
//
// A client that uploads only what the daemon lacks packs with a NullSink first and reads the missing chunks again
// with PackedChunks, which notices if they changed in between.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"
#include "src/staging/fd.hpp"
#include "src/staging/manifest_check.hpp"
#include "src/staging/tree_walk.hpp"

namespace hansa::staging {

class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  // Uncompressed bytes; the same chunk may come more than once. An error ends the packing.
  virtual Status put(const ContentHash& hash, std::string_view bytes) = 0;
};

class NullSink final : public ChunkSink {
 public:
  Status put(const ContentHash&, std::string_view) override { return success(); }
};

// All of a folder (`--workdir`). Whatever can't travel is an error that names it.
Result<Manifest> pack_folder(const std::string& folder, const BundleLimits& limits, ChunkSink& sink);

// Some files, folders and globs of `base` (`--input`), absolute or relative to it; each must select something.
Result<Manifest> pack_inputs(const std::string& base, const std::vector<std::string>& inputs,
                             const BundleLimits& limits, ChunkSink& sink);

// The chunks of a manifest that was packed from `base`, read again.
class PackedChunks {
 public:
  PackedChunks(std::string base, const Manifest& manifest);

  Result<std::string> read(const ContentHash& hash) const;

 private:
  struct Place {
    std::string path;
    std::uint64_t offset = 0;
    std::size_t size = 0;
  };
  std::string base_;
  std::map<ContentHash, Place> places_;
};

// For callers that leave out what can't travel instead of giving up (the collection of outputs).
struct PackedTree {
  Manifest manifest;
  std::vector<Refused> refused;
};
// An Error only when the sink fails. What goes beyond limits.bytes_max is refused file by file.
Result<PackedTree> pack_found(int folder, WalkedTree tree, const BundleLimits& limits, ChunkSink& sink);

// Reads one open regular file into entry.size_bytes and entry.chunks. Kind `refused`: it changed or can't be read.
Status pack_file(int file, ManifestEntry& entry, ChunkSink& sink);

}  // namespace hansa::staging
