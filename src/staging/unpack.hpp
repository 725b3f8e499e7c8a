// Unpacking: a manifest and its chunks become files in a folder, and nowhere else.
//
// The manifest is checked first (manifest_check.hpp). Every file is made anew (an old one of that name is removed, a
// link never written through), each path is opened beneath the folder without following links, and permissions are cut
// to what a plain file may have: no setuid, setgid or sticky bit, not writable by others, always usable by its owner.
// Folders already there are kept. Unpacking again gives the same result.
//
// An Unpacking goes on as chunks come, so that the last chunk is not the first to be laid out. Between two goes it
// keeps the file open that it is in the middle of: opened again by its name, it might be another's.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"
#include "src/staging/fd.hpp"
#include "src/staging/manifest_check.hpp"

namespace hansa::staging {

class ChunkSource {
 public:
  virtual ~ChunkSource() = default;
  // Uncompressed bytes, which are what the hash names: every source gets them out of open_chunk. `not_found` while the
  // chunk is not here.
  virtual Result<std::string> read(const ContentHash& hash) = 0;
};

// The user whom everything is given to, when the process may do that.
struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

struct UnpackOptions {
  BundleLimits limits;
  BundleUse use = BundleUse::inputs;
  std::optional<Owner> owner;
};

class Unpacking {
 public:
  // As far as the chunks that are here reach: true when everything is laid out, false when the next chunk is not here.
  // Manifest and folder are the same in each call; the folder is made when it does not exist. After an error of kind
  // corrupt, which is the source's, it can go on; after any other it is of no use.
  Result<bool> go_on(const Manifest& manifest, const std::string& folder, ChunkSource& source,
                     const UnpackOptions& options);
  // The same, with every error of the source passed on unchanged.
  Status advance(const Manifest& manifest, const std::string& folder, ChunkSource& source,
                 const UnpackOptions& options);

 private:
  friend class Unpacker;
  bool checked_ = false;   // the manifest
  std::size_t entry_ = 0;  // the first that is not finished
  std::size_t chunk_ = 0;  // of it, the first that is not written
  Fd file_;                // of it, once made
};

// All at once.
Status unpack(const Manifest& manifest, const std::string& folder, ChunkSource& source, const UnpackOptions& options);

}  // namespace hansa::staging
