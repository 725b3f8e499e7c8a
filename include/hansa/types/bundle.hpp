// Bundles: the files that travel with a job, as a manifest of paths and content-hashed chunks.
//
// Only regular files, folders and links that stay inside are named. A path is relative, '/'-separated, without empty,
// "." or ".." parts; the chunks of a file are 4 MiB of its bytes each, the last one shorter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hansa/types/crypto.hpp"
#include "hansa/types/fields.hpp"

namespace hansa {

inline constexpr std::uint64_t chunk_bytes_max = 4ull << 20;

enum class EntryKind : std::uint8_t { file, folder, link };

struct ManifestEntry {
  std::string path;
  EntryKind kind = EntryKind::file;
  std::uint32_t mode = 0644;        // permission bits only; setuid, setgid and sticky never travel
  std::uint64_t size_bytes = 0;     // files
  std::string target;               // links: relative, stays inside the folder
  std::vector<ContentHash> chunks;  // files, in order

  HANSA_FIELDS(path, kind, mode, size_bytes, target, chunks)
  bool operator==(const ManifestEntry&) const = default;
};

struct Manifest {
  std::vector<ManifestEntry> entries;

  bool empty() const { return entries.empty(); }
  std::uint64_t size_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& entry : entries) sum += entry.size_bytes;
    return sum;
  }

  HANSA_FIELDS(entries)
  bool operator==(const Manifest&) const = default;
};

}  // namespace hansa
