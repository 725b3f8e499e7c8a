// Unpacking: a manifest and its chunks become files in a folder, and nowhere else.
//
// The manifest is checked first (manifest_check.hpp). Every file is made anew (an old one of that name is removed, a
// link never written through), each path is opened beneath the folder without following links, and permissions are cut
// to what a plain file may have: no setuid, setgid or sticky bit, not writable by others, always usable by its owner.
// Folders already there are kept. Unpacking again gives the same result.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"
#include "src/staging/manifest_check.hpp"

namespace hansa::staging {

class ChunkSource {
 public:
  virtual ~ChunkSource() = default;
  // Uncompressed bytes, which are what the hash names: every source gets them out of open_chunk.
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

// `folder` is made when it does not exist. The source's own error is passed on unchanged.
Status unpack(const Manifest& manifest, const std::string& folder, ChunkSource& source, const UnpackOptions& options);

}  // namespace hansa::staging
