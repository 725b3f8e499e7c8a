// Chunks: asked of peers, stored when they come, and given to peers who may have them.
#include "src/staging/chunk.hpp"
#include "src/staging/clock.hpp"
#include "src/staging/engine_store.hpp"

namespace hansa::staging {
namespace {

// Beyond what can have been asked for; whoever sends more was not asked.
std::uint64_t queued_bytes_max(const DownloadOptions& options) {
  return (options.window_total + options.window_per_peer) * chunk_bytes_max;
}

}  // namespace

// --- Asking ---------------------------------------------------------------------------------------------------------

void Engine::want(const Op& op, const Missing& missing) {
  const auto side = op->kind == Kind::fetch ? BundleSide::inputs : BundleSide::outputs;
  downloads_.want({op->run, side}, op->peer, missing);
}

void Engine::on_data(const SiteName& from, ChunkData data) {
  const auto size = data.zstd.size();
  if (queued_bytes_.fetch_add(size) + size > queued_bytes_max(options_.downloads)) {
    queued_bytes_ -= size;
    return;
  }
  loop_.post([this, from, size, data = std::make_shared<ChunkData>(std::move(data))] {
    if (!downloads_.answered(from, data->hash, boot_now())) {
      queued_bytes_ -= size;
      return;
    }
    chunk_workers_.submit([this, from, size, data] {
      const auto stored = parts_.chunks.put_frame(data->hash, data->zstd);
      data->zstd = {};
      queued_bytes_ -= size;
      loop_.post([this, from, hash = data->hash, stored] { chunk_stored(from, hash, stored); });
    });
  });
}

void Engine::chunk_stored(const SiteName& from, const ContentHash& hash, const Result<std::size_t>& stored) {
  if (stored.ok()) return chunk_here(hash, *stored);
  if (stored.error().kind != ErrorKind::corrupt) return no_room_for(hash, stored.error().text);
  if (downloads_.again(hash)) return;
  for (const auto& transfer : downloads_.waiting_for(hash)) {
    const auto op = find(transfer);
    if (op != nullptr && op->peer == from) chunk_lost(transfer, hash, "what it sends is damaged");
  }
}

void Engine::chunk_here(const ContentHash& hash, std::size_t bytes) {
  for (const auto& [transfer, is_complete] : downloads_.arrived(hash)) {
    const auto op = find(transfer);
    if (op == nullptr) continue;
    if (op->kind == Kind::fetch) {
      tell_progress(op, bytes);
      lay_out(op);
    } else if (is_complete) {
      complete(op);
    }
  }
}

// Inputs can go to another host; outputs have nowhere else to go, and wait until there is room.
void Engine::no_room_for(const ContentHash& hash, const std::string& why) {
  downloads_.later(hash, options_.retry_after, boot_now());
  for (const auto& transfer : downloads_.waiting_for(hash)) {
    const auto op = find(transfer);
    if (op != nullptr && op->kind == Kind::fetch) fail_inputs(op, why);
  }
}

void Engine::on_missing(const SiteName& from, const ChunkMissing& missing) {
  loop_.offer([this, from, missing] {
    const auto transfer = downloads_.answered(from, missing.hash, boot_now());
    if (transfer) chunk_lost(*transfer, missing.hash, missing.reason);
  });
}

void Engine::chunk_lost(const TransferKey& transfer, const ContentHash& hash, const std::string& why) {
  const auto op = find(transfer);
  const auto arrival = downloads_.give_up(transfer, hash);
  if (op == nullptr) return;
  const auto text = "site " + op->peer.value + " can't give chunk " + hash_text(hash).substr(0, 12) + ": " + why;
  if (op->kind == Kind::fetch) return fail_inputs(op, text);
  op->lost.insert(hash);
  op->problem = text;
  if (arrival.complete) complete(op);
}

// All outputs that were asked for have come, or never will.
void Engine::complete(const Op& op) {
  if (op->has_manifest || op->lost.contains(op->outputs)) return bring_home(op);
  load_manifest(op);
}

// --- Giving ---------------------------------------------------------------------------------------------------------

void Engine::on_get(const SiteName& from, const ChunkGet& get) {
  loop_.offer([this, from, get] {
    auto& preparing = serving_[from];
    if (preparing >= options_.serving_per_peer_max) return;  // asked beyond its window: asks again
    ++preparing;
    memory_.use(boot_now());
    chunk_workers_.submit([this, from, get] {
      serve(from, get);
      loop_.post([this, from] {
        if (--serving_[from] == 0) serving_.erase(from);
      });
    });
  });
}

void Engine::serve(const SiteName& from, const ChunkGet& get) {
  if (!parts_.rights.may_read(from, get)) {
    seams_.sender.send(from, ChunkMissing{get.request, get.hash, "no file of this run has it"});
    return;
  }
  const bool doubtful = sent_.again(from, get.hash);
  auto frame = doubtful ? parts_.chunks.read_frame(get.hash) : parts_.chunks.load(get.hash);
  if (frame.ok()) {
    seams_.sender.send(from, ChunkData{get.request, get.hash, std::move(frame).value()});
  } else if (frame.error().kind != ErrorKind::internal) {  // else it may be readable later: no answer, it asks again
    seams_.sender.send(from, ChunkMissing{get.request, get.hash, frame.error().text});
  }
}

}  // namespace hansa::staging
