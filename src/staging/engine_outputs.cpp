// Outputs: collected at the host into a manifest, pulled by the origin: the manifest first, then what it names.
#include <algorithm>
#include <filesystem>

#include "protocol/wire/codec.hpp"
#include "src/staging/engine_store.hpp"

namespace hansa::staging {
namespace {

// A run that died early may not have written anything.
bool has_folder(const Result<std::string>& run_folder, const std::string& folder) {
  std::error_code error;
  return !folder.empty() && run_folder.ok() && !run_folder->empty() &&
         std::filesystem::is_directory(*run_folder + "/" + folder, error);
}

}  // namespace

// --- At the host ----------------------------------------------------------------------------------------------------

void Engine::start(const CollectOutputs& command) {
  const auto op = begin(Kind::collect, command.run, options_.self);
  if (op == nullptr) return;
  run_collect(op, command);
}

void Engine::run_collect(const Op& op, const CollectOutputs& command) {
  in_background(
      op, [this, op, command] { return collect(*op, command); },
      [this, op, command](const Result<Collected>& result) { collected(op, command, result); });
}

Result<Collected> Engine::collect(Operation& op, const CollectOutputs& command) {
  const auto decoded = decode<JobPayload>(*command.payload);
  auto globs = decoded.ok() ? decoded->outputs : std::vector<std::string>{};
  if (has_folder(seams_.folders.folder_of(op.run), command.checkpoint)) globs.push_back(command.checkpoint);
  StoreSink sink(parts_.chunks, op);
  auto found = collect_outputs(seams_.folders, op.run, globs, options_.output_limits, parts_.chunks, sink);
  if (!found.ok()) return found;
  if (!decoded.ok()) found->problem = "the job's list of outputs can't be read: " + decoded.error().text;
  if (found->manifest.empty()) return found;
  if (auto held = parts_.bundles.put(collected_holder(op.run), found->manifest); !held.ok()) return held.error();
  parts_.rights.forget(op.run);
  return found;
}

// A full disk is no reason to lose results: tried again until there is room.
void Engine::collected(const Op& op, const CollectOutputs& command, const Result<Collected>& result) {
  if (!result.ok()) return retry(op, [this, op, command] { run_collect(op, command); });
  end(op);
  seams_.handler.on_event(OutputsCollected{op->run, result->hash, result->bytes, result->problem});
}

// --- At the origin --------------------------------------------------------------------------------------------------

void Engine::start(const PullOutputs& command) {
  if (command.outputs.is_zero()) return seams_.handler.on_event(OutputsHome{command.run, ""});
  const auto op = begin(Kind::pull, command.run, command.host);
  if (op == nullptr) return;
  op->outputs = command.outputs;
  load_manifest(op);
}

void Engine::load_manifest(const Op& op) {
  in_background(
      op, [this, op] { return plan_pull(*op); },
      [this, op](const Result<Missing>& missing) { planned_pull(op, missing); });
}

// What is missing: at first the manifest itself.
Result<Engine::Missing> Engine::plan_pull(Operation& op) {
  const auto encoded = parts_.chunks.read(op.outputs);
  if (!encoded.ok()) return Missing{op.outputs};
  auto manifest = decode<Manifest>(*encoded);
  if (!manifest.ok()) return manifest.error();
  if (auto sound = check_manifest(*manifest, options_.output_limits, BundleUse::outputs); !sound.ok()) {
    return sound.error();
  }
  op.manifest = std::move(manifest).value();
  op.has_manifest = true;
  if (!op.folder.empty()) keep_below(op.folder, op.manifest);
  if (auto held = parts_.bundles.put(pull_holder(op.run), op.manifest); !held.ok()) return held.error();
  return parts_.chunks.missing(chunks_of(op.manifest));
}

void Engine::planned_pull(const Op& op, const Result<Missing>& missing) {
  if (!missing.ok() && missing.error().kind == ErrorKind::overloaded) {
    return retry(op, [this, op] { load_manifest(op); });
  }
  if (!missing.ok()) {
    op->problem = missing.error().text;
    op->has_manifest = false;
    return bring_home(op);
  }
  if (missing->empty()) return bring_home(op);
  if (!is_here(*op)) return want(op, *missing);
  op->lost.insert(missing->begin(), missing->end());
  op->problem = std::to_string(missing->size()) + " chunks of the outputs are damaged or gone";
  bring_home(op);
}

void Engine::bring_home(const Op& op) {
  if (!op->folder.empty()) return bring_checkpoint_home(op);
  in_background(
      op, [this, op] { return keep_outputs(*op); }, [this, op](const Status& status) { kept(op, status); });
}

// What the host could not give is left out, so that what is listed can be read.
Status Engine::keep_outputs(Operation& op) {
  if (!op.has_manifest) return success();
  std::erase_if(op.manifest.entries, [&](const ManifestEntry& entry) {
    return std::any_of(entry.chunks.begin(), entry.chunks.end(),
                       [&](const ContentHash& hash) { return op.lost.contains(hash); });
  });
  return parts_.outputs.put(file_name(op.run.job), op.manifest);
}

void Engine::kept(const Op& op, const Status& status) {
  const auto again = [this, op] { bring_home(op); };
  if (!status.ok()) return retry(op, again);
  // Local, no copy is given up by that; and of no manifest there is nothing to sync.
  if (is_here(*op) || !op->has_manifest) return outputs_home(op);
  op->working = true;
  auto files = parts_.chunks.files_of(chunks_of(op->manifest));
  files.push_back(parts_.outputs.path_of(file_name(op->run.job)));
  parts_.sync.sync(std::move(files), [this, op, again](const Status& synced) {
    loop_.post([this, op, again, synced] {
      op->working = false;
      if (op->cancelled) return end(op);
      synced.ok() ? outputs_home(op) : retry(op, again);
    });
  });
}

void Engine::outputs_home(const Op& op) {
  end(op);
  parts_.bundles.drop(pull_holder(op->run));
  seams_.handler.on_event(OutputsHome{op->run, op->problem});
}

}  // namespace hansa::staging
