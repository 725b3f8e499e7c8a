// What lies in a folder that somebody else may be writing to: found without following a link, in the order of names.
//
// Only what `wanted` selects is found. What can't travel (a device, a socket, a pipe, a name that is not UTF-8, our own
// reserved folder) is listed with one sentence instead; the caller decides whether that ends the matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "src/staging/glob.hpp"
#include "src/staging/manifest_check.hpp"

namespace hansa::staging {

struct Refused {
  std::string path;
  std::string text;  // "'run/pipe' is a pipe, which can't travel"
};

struct WalkedTree {
  std::vector<ManifestEntry> found;  // files with the size they had, without chunks
  std::vector<Refused> refused;
  std::vector<bool> glob_used;  // by index in the globs: it selected something
};

// Empty `globs` select everything. Stops at entries_max with a Refused of its own.
WalkedTree walk_tree(int folder, const std::vector<Glob>& globs, const BundleLimits& limits);

}  // namespace hansa::staging
