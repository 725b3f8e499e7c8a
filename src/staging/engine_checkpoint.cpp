// Checkpoints: of a dead run's outputs only the folder that its job's next run goes on from. It is pulled as outputs
// are, and takes its place among the job's inputs, so that whoever gets the job next fetches it with them.
//
// A checkpoint of which a file is lost is none: a job that starts from the beginning is slow, one that goes on from
// half a state is wrong.
#include <algorithm>

#include "protocol/wire/codec.hpp"
#include "protocol/wire/limits.hpp"
#include "src/staging/engine_store.hpp"

namespace hansa::staging {
namespace {

// Room for what an award holds beside the payload.
constexpr std::size_t payload_bytes_max = limits::control_frame_bytes_max - (64u << 10);

bool is_below(const std::string& folder, const std::string& path) {
  return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace

void keep_below(const std::string& folder, Manifest& manifest) {
  std::erase_if(manifest.entries, [&](const ManifestEntry& entry) { return !is_below(folder, entry.path); });
}

void Engine::start(const BringCheckpoint& command) {
  const auto op = begin(Kind::pull, command.run, command.host);
  if (op == nullptr) return;
  op->outputs = command.outputs;
  op->folder = command.folder;
  op->payload = command.payload;
  load_manifest(op);
}

void Engine::bring_checkpoint_home(const Op& op) {
  in_background(
      op, [this, op] { return next_inputs(*op); },
      [this, op](std::optional<NextInputs> inputs) {
        if (!inputs || is_here(*op)) return checkpoint_home(op, std::move(inputs));
        sync_checkpoint(op, std::move(*inputs));
      });
}

// What the job had for inputs, with the checkpoint in the place of an older one.
std::optional<Engine::NextInputs> Engine::next_inputs(const Operation& op) const {
  auto payload = decode<JobPayload>(*op.payload);
  if (!payload.ok() || !op.has_manifest || op.manifest.empty() || !op.lost.empty()) return std::nullopt;
  auto& entries = payload->inputs.entries;
  std::erase_if(entries, [&](const ManifestEntry& entry) { return is_below(op.folder, entry.path); });
  entries.insert(entries.end(), op.manifest.entries.begin(), op.manifest.entries.end());
  if (!check_manifest(payload->inputs, options_.input_limits, BundleUse::inputs).ok()) return std::nullopt;
  auto encoded = encode(*payload);
  if (encoded.size() > payload_bytes_max) return std::nullopt;
  if (!parts_.bundles.put(job_inputs_holder(op.run.job), payload->inputs).ok()) return std::nullopt;
  return NextInputs{EncodedPayload(std::move(encoded)), payload->inputs.size_bytes()};
}

// This site is about to become the only one that has it.
void Engine::sync_checkpoint(const Op& op, NextInputs inputs) {
  op->working = true;
  auto done = [this, op, inputs = std::move(inputs)](const Status& synced) {
    loop_.post([this, op, inputs, synced] {
      op->working = false;
      if (op->cancelled) return end(op);
      if (synced.ok()) return checkpoint_home(op, inputs);
      retry(op, [this, op] { bring_checkpoint_home(op); });
    });
  };
  parts_.sync.sync(parts_.chunks.files_of(chunks_of(op->manifest)), std::move(done));
}

// As inputs of the job they are held from before this is said until the job's files are dropped.
void Engine::checkpoint_home(const Op& op, std::optional<NextInputs> inputs) {
  end(op);
  parts_.bundles.drop(pull_holder(op->run));
  CheckpointHome home{.run = op->run, .host = op->peer};
  if (inputs) {
    home.payload = inputs->payload;
    home.bundle_bytes = inputs->bytes;
  }
  seams_.handler.on_event(std::move(home));
}

}  // namespace hansa::staging
