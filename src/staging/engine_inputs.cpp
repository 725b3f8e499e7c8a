// Inputs: from what a payload names, by way of the chunks that are missing, to files in the run's folder.
//
// Chunks are asked for in the order in which they are laid out, and each go of laying out ends at the first that is not
// here. A worker is never held by a chunk that is still to come.
#include "protocol/wire/codec.hpp"
#include "src/staging/clock.hpp"
#include "src/staging/engine_store.hpp"

namespace hansa::staging {
namespace {

constexpr int rounds_max = 5;

}  // namespace

void Engine::start(const FetchInputs& command) {
  const auto op = begin(Kind::fetch, command.run, command.origin);
  if (op == nullptr) return;
  in_background(
      op, [this, op, payload = command.payload] { return plan_fetch(*op, payload); },
      [this, op](Result<Missing> missing) {
        if (!missing.ok()) return fail_inputs(op, missing.error().text);
        fetch_or_lay_out(op, *missing);
      });
}

// Held before it is asked what is missing, so that nothing goes in between.
Result<Engine::Missing> Engine::plan_fetch(Operation& op, const EncodedPayload& payload) {
  auto decoded = decode<JobPayload>(*payload);
  if (!decoded.ok()) return decoded.error();
  op.manifest = std::move(decoded->inputs);
  if (auto sound = check_manifest(op.manifest, options_.input_limits, BundleUse::inputs); !sound.ok()) {
    return sound.error();
  }
  const auto chunks = chunks_of(op.manifest);
  if (chunks.empty()) return Missing{};
  if (auto held = parts_.bundles.put(run_inputs_holder(op.run), op.manifest); !held.ok()) return held.error();
  auto missing = missing_of(op.manifest);
  const std::set<ContentHash> absent(missing.begin(), missing.end());
  for (const auto& entry : op.manifest.entries) {
    for (std::size_t i = 0; i < entry.chunks.size(); ++i) {
      if (!absent.contains(entry.chunks[i])) op.bytes_here += chunk_size(entry.size_bytes, i);
    }
  }
  return missing;
}

// Each once, in the order of the manifest.
Engine::Missing Engine::missing_of(const Manifest& manifest) {
  const auto sorted = parts_.chunks.missing(chunks_of(manifest));
  std::set<ContentHash> absent(sorted.begin(), sorted.end());
  Missing missing;
  for (const auto& entry : manifest.entries) {
    for (const auto& hash : entry.chunks) {
      if (absent.erase(hash) > 0) missing.push_back(hash);
    }
  }
  return missing;
}

void Engine::fetch_or_lay_out(const Op& op, const Missing& missing) {
  if (missing.empty()) return lay_out(op);
  if (!is_here(*op)) return want(op, missing);
  fail_inputs(op, std::to_string(missing.size()) + " of the job's chunks are not here any more: submit it again");
}

// As far as the chunks reach that are here.
void Engine::lay_out(const Op& op) {
  op->arrivals = op->working;
  if (op->working) return;
  const bool all_came = !downloads_.has({op->run, BundleSide::inputs});
  in_background(
      op, [this, op, all_came] { return unpack_inputs(*op, all_came); },
      [this, op](const Result<bool>& done) { laid_out(op, done); });
}

Result<bool> Engine::unpack_inputs(Operation& op, bool all_came) {
  const auto folder = seams_.folders.folder_of(op.run);
  if (!folder.ok()) return folder.error();
  if (folder->empty()) return all_came;  // a backend that lays files out itself
  StoreSource source(parts_.chunks, op);
  return op.layout.go_on(op.manifest, *folder, source,
                         {.limits = options_.input_limits, .use = BundleUse::inputs, .owner = options_.owner});
}

void Engine::laid_out(const Op& op, const Result<bool>& done) {
  if (op->failure) return fail_inputs(op, *op->failure);
  if (!done.ok() && done.error().kind != ErrorKind::corrupt) return fail_inputs(op, done.error().text);
  if (!done.ok()) return lay_out_again(op, done.error().text);
  if (*done) {
    downloads_.drop({op->run, BundleSide::inputs});
    end(op);
    return seams_.handler.on_event(InputsReady{op->run});
  }
  if (op->arrivals) return lay_out(op);
  if (!downloads_.has({op->run, BundleSide::inputs})) lay_out_again(op, "a chunk that came is not here any more");
}

// A chunk found damaged on our own disk was thrown away, and is fetched again.
void Engine::lay_out_again(const Op& op, const std::string& problem) {
  const auto missing = missing_of(op->manifest);
  if (missing.empty() || ++op->rounds >= rounds_max) return fail_inputs(op, problem);
  fetch_or_lay_out(op, missing);
}

void Engine::fail_inputs(const Op& op, const std::string& why) {
  downloads_.drop({op->run, BundleSide::inputs});
  if (op->working) {
    op->failure = why;
    return;
  }
  end(op);
  seams_.handler.on_event(InputsFailed{op->run, why});
}

void Engine::tell_progress(const Op& op, std::size_t bytes) {
  op->bytes_here += bytes;
  const auto now = boot_now();
  if (now - op->told < options_.progress_every) return;
  op->told = now;
  seams_.handler.on_event(InputsProgress{op->run, op->bytes_here});
}

}  // namespace hansa::staging
