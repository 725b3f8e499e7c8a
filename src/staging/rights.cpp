#include "src/staging/rights.hpp"

#include <algorithm>

#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/holders.hpp"

namespace hansa::staging {
namespace {

constexpr std::size_t remembered_max = 16;

std::shared_ptr<const std::vector<ContentHash>> sorted(std::vector<ContentHash> hashes) {
  std::sort(hashes.begin(), hashes.end());
  return std::make_shared<const std::vector<ContentHash>>(std::move(hashes));
}

}  // namespace

bool Rights::may_read(const SiteName& asker, const ChunkGet& get) {
  const bool concerned =
      get.side == BundleSide::inputs ? directory_.is_host(asker, get.run) : directory_.is_origin(asker, get.run);
  if (!concerned) return false;
  const auto hashes = hashes_of(get);
  return hashes != nullptr && std::binary_search(hashes->begin(), hashes->end(), get.hash);
}

void Rights::forget(const RunKey& run) {
  const std::lock_guard lock(mutex_);
  recent_.remove_if([&](const Remembered& one) { return one.run == run; });
}

Rights::Hashes Rights::hashes_of(const ChunkGet& get) {
  {
    const std::lock_guard lock(mutex_);
    for (auto one = recent_.begin(); one != recent_.end(); ++one) {
      if (one->run != get.run || one->side != get.side) continue;
      recent_.splice(recent_.begin(), recent_, one);
      return one->hashes;
    }
  }
  auto hashes = look_up(get);
  if (hashes == nullptr) return hashes;
  const std::lock_guard lock(mutex_);
  recent_.push_front({get.run, get.side, hashes});
  if (recent_.size() > remembered_max) recent_.pop_back();
  return hashes;
}

Rights::Hashes Rights::look_up(const ChunkGet& get) {
  if (get.side == BundleSide::inputs) {
    const auto payload = directory_.payload_of(get.run.job);
    if (!payload) return nullptr;
    const auto decoded = decode<JobPayload>(**payload);
    return decoded.ok() ? sorted(chunks_of(decoded->inputs)) : nullptr;
  }
  const auto encoded = collected_.get_encoded(collected_holder(get.run));
  const auto manifest = encoded.ok() ? decode<Manifest>(*encoded) : Result<Manifest>(encoded.error());
  if (!manifest.ok()) return nullptr;
  auto hashes = chunks_of(*manifest);
  hashes.push_back(chunk_hash(*encoded));
  return sorted(std::move(hashes));
}

}  // namespace hansa::staging
