#include "src/staging/collect.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/paths.hpp"
#include "src/staging/run_stream.hpp"

namespace hansa::staging {
namespace {

class Problems {
 public:
  void add(const std::string& text) {
    if (++count_ <= named_max) text_ += (text_.empty() ? "" : "; ") + text;
  }
  std::string text() const {
    if (count_ <= named_max) return text_;
    return text_ + "; and " + std::to_string(count_ - named_max) + " more";
  }

 private:
  static constexpr std::size_t named_max = 10;
  std::size_t count_ = 0;
  std::string text_;
};

std::vector<Glob> usable(const std::vector<std::string>& patterns, Problems& problems) {
  std::vector<Glob> globs;
  for (const auto& pattern : patterns) {
    auto glob = Glob::parse(pattern);
    if (glob.ok()) {
      globs.push_back(std::move(glob).value());
    } else {
      problems.add(glob.error().text);
    }
  }
  return globs;
}

Status add_stream(RunFolders& folders, const RunKey& run, LogStream stream, const BundleLimits& limits, ChunkSink& sink,
                  Manifest& manifest, Problems& problems) {
  const auto file = open_stream(folders, run, stream);
  if (!file.ok()) return success();
  ManifestEntry entry{.path = std::string(stream == LogStream::out ? stdout_entry : stderr_entry), .mode = 0644};
  struct stat facts {};
  const bool fits = ::fstat(file->get(), &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) <= limits.bytes_max;
  if (!fits) {
    problems.add("the stream " + entry.path + " is longer than outputs may be");
    return success();
  }
  auto packed = pack_file(file->get(), entry, sink);
  if (!packed.ok() && packed.error().kind != ErrorKind::refused) return packed;
  if (!packed.ok()) problems.add(packed.error().text);
  if (packed.ok() && entry.size_bytes > 0) manifest.entries.push_back(std::move(entry));
  return success();
}

// Adds what the globs select; limits count the streams that are in already.
Status add_files(const std::string& folder, const std::vector<Glob>& globs, BundleLimits limits, ChunkSink& sink,
                 Manifest& manifest, Problems& problems) {
  const auto root = open_folder(folder);
  if (!root.ok()) {
    problems.add(root.error().text);
    return success();
  }
  limits.bytes_max -= std::min(limits.bytes_max, manifest.size_bytes());
  limits.entries_max -= std::min(limits.entries_max, manifest.entries.size());
  auto tree = walk_tree(root->get(), globs, limits);
  for (std::size_t i = 0; i < globs.size(); ++i) {
    if (!tree.glob_used[i]) problems.add("the output " + in_quotes(globs[i].pattern()) + " names nothing");
  }
  auto packed = pack_found(root->get(), std::move(tree), limits, sink);
  if (!packed.ok()) return packed.error();
  for (const auto& refused : packed->refused) problems.add(refused.text);
  for (auto& entry : packed->manifest.entries) manifest.entries.push_back(std::move(entry));
  return success();
}

// A file below a folder that turned into a link meanwhile, for instance: the job's doing, and its loss.
void keep_only_sound(Manifest& manifest, std::size_t streams, const BundleLimits& limits, Problems& problems) {
  auto sound = check_manifest(manifest, limits, BundleUse::outputs);
  if (sound.ok()) return;
  problems.add(sound.error().text);
  manifest.entries.resize(streams);
}

}  // namespace

Result<Collected> collect_outputs(RunFolders& folders, const RunKey& run, const std::vector<std::string>& patterns,
                                  const BundleLimits& limits, ChunkStore& chunks, ChunkSink& sink) {
  Collected collected;
  Problems problems;
  auto& manifest = collected.manifest;
  for (const auto stream : {LogStream::out, LogStream::err}) {
    auto added = add_stream(folders, run, stream, limits, sink, manifest, problems);
    if (!added.ok()) return added.error();
  }
  const auto streams = manifest.entries.size();
  const auto globs = usable(patterns, problems);
  const auto folder = globs.empty() ? Result<std::string>(std::string()) : folders.folder_of(run);
  if (!folder.ok()) problems.add(folder.error().text);
  if (!globs.empty() && folder.ok() && !folder->empty()) {
    auto added = add_files(*folder, globs, limits, sink, manifest, problems);
    if (!added.ok()) return added.error();
  }
  keep_only_sound(manifest, streams, limits, problems);
  auto encoded = encode(manifest);
  if (encoded.size() > chunk_bytes_max) {
    problems.add("the list of " + std::to_string(manifest.entries.size()) +
                 " outputs is longer than 4 MiB: pack them into an archive");
    manifest.entries.resize(streams);
    encoded = encode(manifest);
  }
  collected.problem = problems.text();
  if (manifest.empty()) return collected;
  collected.hash = chunk_hash(encoded);
  collected.bytes = manifest.size_bytes();
  if (auto stored = chunks.put_bytes(collected.hash, encoded); !stored.ok()) return stored.error();
  return collected;
}

}  // namespace hansa::staging
