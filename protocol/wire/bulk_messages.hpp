// What travels on the bulk lane: chunks of bundles and pieces of logs. Never read by the brain.
//
// A site reads only what belongs to a run it has to do with: a host its run's inputs, an origin its jobs' outputs and
// logs. Tags are append only, as on the control lane. Contract: docs/protocol/05-staging.md.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/ids.hpp"

namespace hansa {

enum class BundleSide : std::uint8_t { inputs, outputs };

// Answered by ChunkData or ChunkMissing with the same request number.
struct ChunkGet {
  static constexpr std::uint8_t tag = 1;
  std::uint64_t request = 0;
  RunKey run;
  BundleSide side = BundleSide::inputs;
  ContentHash hash;

  HANSA_FIELDS(request, run, side, hash)
  bool operator==(const ChunkGet&) const = default;
};

struct ChunkData {
  static constexpr std::uint8_t tag = 2;
  std::uint64_t request = 0;
  ContentHash hash;
  std::string zstd;  // one zstd frame of at most chunk_bytes_max uncompressed bytes

  HANSA_FIELDS(request, hash, zstd)
  bool operator==(const ChunkData&) const = default;
};

struct ChunkMissing {
  static constexpr std::uint8_t tag = 3;
  std::uint64_t request = 0;
  ContentHash hash;
  std::string reason;

  HANSA_FIELDS(request, hash, reason)
  bool operator==(const ChunkMissing&) const = default;
};

enum class LogStream : std::uint8_t { out, err };

// Answered by LogData; with nothing new yet, after at most `wait_ms`.
struct LogGet {
  static constexpr std::uint8_t tag = 4;
  std::uint64_t request = 0;
  RunKey run;
  LogStream stream = LogStream::out;
  std::uint64_t offset = 0;
  std::uint32_t bytes_max = 0;
  std::uint32_t wait_ms = 0;

  HANSA_FIELDS(request, run, stream, offset, bytes_max, wait_ms)
  bool operator==(const LogGet&) const = default;
};

struct LogData {
  static constexpr std::uint8_t tag = 5;
  std::uint64_t request = 0;
  std::uint64_t offset = 0;
  std::string bytes;
  bool complete = false;  // the run has ended and nothing follows these bytes
  std::string error;      // not empty: why there is no log to read

  HANSA_FIELDS(request, offset, bytes, complete, error)
  bool operator==(const LogData&) const = default;
};

using BulkMessage = std::variant<ChunkGet, ChunkData, ChunkMissing, LogGet, LogData>;

}  // namespace hansa
