// Whether a manifest may be acted upon. Every manifest from outside (a client, a peer, our own disk) passes here first,
// and what unpacks it relies on nothing else.
//
// Paths are plain and unique, nothing lies below a file or a link, links end inside, each file has exactly the chunks
// that its size needs, and the whole is within the limits. Total: any manifest gives an answer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"

namespace hansa::staging {

// What one bundle may hold. More entries make a longer manifest, which travels whole in an award (4 MiB at most).
struct BundleLimits {
  std::uint64_t bytes_max = 16ull << 30;
  std::size_t entries_max = 20'000;
  std::size_t path_bytes_max = 1'024;
};

// Inputs never name the reserved folder; outputs name only the two streams there.
enum class BundleUse : std::uint8_t { inputs, outputs };

Status check_manifest(const Manifest& manifest, const BundleLimits& limits, BundleUse use);

// How many chunks a file of this size has, and how long the one at `index` is.
std::uint64_t chunk_count(std::uint64_t size_bytes);
std::uint64_t chunk_size(std::uint64_t size_bytes, std::size_t index);

}  // namespace hansa::staging
