// A chunk: up to 4 MiB of a file, named by the BLAKE2b-256 of its bytes, stored and carried as one zstd frame.
//
// Whoever takes a chunk from outside (a peer, a client) goes through open_chunk, which reads no more than
// chunk_bytes_max whatever the frame claims and returns only bytes that are what the name says. What was checked so
// before it was written to our own disk is read back with reopen_chunk: the frame's own checksum tells whether it is
// still what was written, at a fraction of the price of hashing it again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"

namespace hansa::staging {

ContentHash chunk_hash(std::string_view bytes);

std::string hash_text(const ContentHash& hash);
Result<ContentHash> parse_hash(std::string_view hex);

// `bytes` are at most chunk_bytes_max.
std::string seal_chunk(std::string_view bytes);

// An Error of kind corrupt when the frame is damaged, holds other bytes than `hash` names, or more than a chunk may.
Result<std::string> open_chunk(const ContentHash& hash, std::string_view zstd);

// The same for a frame from our own disk: by its checksum when it has one, else by the hash.
Result<std::string> reopen_chunk(const ContentHash& hash, std::string_view zstd);

}  // namespace hansa::staging
