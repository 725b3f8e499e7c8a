// Chunks in memory: a sink for what is packed and a source for what is unpacked.
#pragma once

#include <map>
#include <string>

#include "src/staging/chunk.hpp"
#include "src/staging/pack.hpp"
#include "src/staging/unpack.hpp"

namespace hansa::staging {

class MemoryChunks final : public ChunkSink, public ChunkSource {
 public:
  Status put(const ContentHash& hash, std::string_view bytes) override {
    frames_[hash] = seal_chunk(bytes);
    if (after_put) after_put();
    return success();
  }
  Result<std::string> read(const ContentHash& hash) override {
    const auto frame = frames_.find(hash);
    if (frame == frames_.end()) return not_found("no such chunk");
    return open_chunk(hash, frame->second);
  }
  std::size_t size() const { return frames_.size(); }
  void damage(const ContentHash& hash) { frames_[hash][frames_[hash].size() / 2] ^= 1; }

  std::function<void()> after_put;

 private:
  std::map<ContentHash, std::string> frames_;
};

}  // namespace hansa::staging
