// The chunk store as the packer's sink and the unpacker's source; both end early when their operation is dropped.
#pragma once

#include "src/staging/engine.hpp"
#include "src/staging/holders.hpp"

namespace hansa::staging {

class Engine::StoreSink final : public ChunkSink {
 public:
  StoreSink(ChunkStore& chunks, const Operation& op) : chunks_(chunks), op_(op) {}

  Status put(const ContentHash& hash, std::string_view bytes) override {
    if (op_.cancelled) return internal_error("the run's files are not wanted any more");
    return chunks_.put_bytes(hash, bytes);
  }

 private:
  ChunkStore& chunks_;
  const Operation& op_;
};

class Engine::StoreSource final : public ChunkSource {
 public:
  StoreSource(ChunkStore& chunks, const Operation& op) : chunks_(chunks), op_(op) {}

  Result<std::string> read(const ContentHash& hash) override {
    if (op_.cancelled) return internal_error("the run's files are not wanted any more");
    return chunks_.read(hash);
  }

 private:
  ChunkStore& chunks_;
  const Operation& op_;
};

}  // namespace hansa::staging
