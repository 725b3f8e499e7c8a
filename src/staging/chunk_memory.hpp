// Keeps the memory of chunks while they move, and gives it back a moment after.
//
// Of the loop's thread alone; what it changes is the whole process's (src/clock/heap.hpp).
#pragma once

#include <chrono>
#include <optional>

#include "hansa/types/time.hpp"
#include "src/clock/heap.hpp"

namespace hansa::staging {

class ChunkMemory {
 public:
  ~ChunkMemory() {
    if (until_) give_back();
  }

  // Chunks move now.
  void use(Instant now) {
    if (!until_) keep_large_buffers();
    until_ = now + std::chrono::seconds(2);
  }

  void tick(Instant now) {
    if (until_ && *until_ <= now) give_back();
  }

  std::optional<Instant> deadline() const { return until_; }

 private:
  void give_back() {
    until_.reset();
    give_large_buffers_back();
    malloc_trim(0);
  }

  std::optional<Instant> until_;
};

}  // namespace hansa::staging
