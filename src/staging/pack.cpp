#include "src/staging/pack.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>

#include "src/staging/beneath.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/paths.hpp"

namespace hansa::staging {
namespace {

bool same_moment(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool unchanged(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && same_moment(before.st_mtim, after.st_mtim) &&
         same_moment(before.st_ctim, after.st_ctim);
}

Error changed_while_read(const std::string& path) {
  return refusal(in_quotes(path) + " changed while it was being read");
}

// A second name of somebody else's file, planted by a job: its content is not the job's to give away.
bool is_foreign_hard_link(int folder, const struct stat& file) {
  struct stat owner {};
  return file.st_nlink > 1 && ::fstat(folder, &owner) == 0 && file.st_uid != owner.st_uid;
}

// O_NONBLOCK: a pipe that took the file's place since the walk must not hold us up.
Result<Fd> open_regular(int folder, const std::string& path) {
  Fd file = open_beneath(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat facts {};
  if (!file.valid() || ::fstat(file.get(), &facts) != 0) {
    return refusal(in_quotes(path) + " can't be read: " + errno_text(errno));
  }
  if (!S_ISREG(facts.st_mode)) return changed_while_read(path);
  if (is_foreign_hard_link(folder, facts)) {
    return refusal(in_quotes(path) + " is another name of a file that belongs to somebody else");
  }
  return file;
}

Result<Manifest> all_or_nothing(Result<PackedTree> packed, const BundleLimits& limits) {
  if (!packed.ok()) return packed.error();
  if (!packed->refused.empty()) return refusal(packed->refused.front().text);
  if (auto sound = check_manifest(packed->manifest, limits, BundleUse::inputs); !sound.ok()) return sound.error();
  return std::move(packed->manifest);
}

// "/home/x/data/a" and "./data/a" as "data/a", when the base is /home/x.
Result<std::string> relative_to(const std::string& base, const std::string& input) {
  std::filesystem::path path(input);
  if (path.is_absolute()) path = path.lexically_normal().lexically_relative(std::filesystem::path(base));
  const auto text = path.lexically_normal().generic_string();
  if (text.empty() || text.starts_with("..")) {
    return refusal("the input " + in_quotes(input) + " lies outside of " + in_quotes(base) +
                   ": name files in or below this folder, or go to theirs with --workdir");
  }
  return text;
}

Result<std::vector<Glob>> parse_inputs(const std::string& base, const std::vector<std::string>& inputs) {
  std::vector<Glob> globs;
  for (const auto& input : inputs) {
    const auto relative = relative_to(base, input);
    if (!relative.ok()) return relative.error();
    if (*relative == "." || *relative == "./") return std::vector<Glob>{};  // the folder itself: everything
    auto glob = Glob::parse(*relative);
    if (!glob.ok()) return glob.error();
    globs.push_back(std::move(glob).value());
  }
  return globs;
}

// Leaves out links that lead outside, until no other link changes its meaning by that.
void leave_out_escaping_links(PackedTree& tree) {
  std::map<std::string, std::string> targets;
  for (const auto& entry : tree.manifest.entries) {
    if (entry.kind == EntryKind::link) targets[entry.path] = entry.target;
  }
  const auto lookup = [&](const std::string& path) -> std::optional<std::string> {
    const auto found = targets.find(path);
    return found == targets.end() ? std::nullopt : std::optional(found->second);
  };
  for (bool again = true; again;) {
    again = std::erase_if(targets,
                          [&](const auto& link) { return !link_stays_inside(link.first, link.second, lookup); }) > 0;
  }
  std::erase_if(tree.manifest.entries, [&](const ManifestEntry& entry) {
    if (entry.kind != EntryKind::link || targets.contains(entry.path)) return false;
    tree.refused.push_back(
        {entry.path, in_quotes(entry.path) + " is a link to " + in_quotes(entry.target) + ", which leaves the folder"});
    return true;
  });
}

}  // namespace

Status pack_file(int file, ManifestEntry& entry, ChunkSink& sink) {
  struct stat before {
  }, after{};
  if (::fstat(file, &before) != 0) return refusal(in_quotes(entry.path) + " can't be read: " + errno_text(errno));
  entry.size_bytes = 0;
  entry.chunks.clear();
  std::string bytes;
  while (true) {
    // One byte more than is left, so that a file that grows is noticed; and no more, as most files are far below a
    // chunk.
    const auto left = static_cast<std::uint64_t>(before.st_size) - entry.size_bytes + 1;
    if (!read_at(file, entry.size_bytes, std::min<std::uint64_t>(left, chunk_bytes_max), bytes)) {
      return refusal(in_quotes(entry.path) + " can't be read: " + errno_text(errno));
    }
    if (bytes.empty()) break;
    entry.chunks.push_back(chunk_hash(bytes));
    entry.size_bytes += bytes.size();
    if (auto put = sink.put(entry.chunks.back(), bytes); !put.ok()) return put;
  }
  const bool same = ::fstat(file, &after) == 0 && unchanged(before, after) &&
                    entry.size_bytes == static_cast<std::uint64_t>(after.st_size);
  if (!same) return changed_while_read(entry.path);
  return success();
}

Result<PackedTree> pack_found(int folder, WalkedTree tree, const BundleLimits& limits, ChunkSink& sink) {
  PackedTree packed{{}, std::move(tree.refused)};
  std::uint64_t room = limits.bytes_max;
  for (auto& entry : tree.found) {
    if (entry.kind == EntryKind::file) {
      if (entry.size_bytes > room) {
        packed.refused.push_back({entry.path, in_quotes(entry.path) + " goes beyond the " +
                                                  std::to_string(limits.bytes_max) + " bytes that a bundle may hold"});
        continue;
      }
      auto file = open_regular(folder, entry.path);
      auto read = file.ok() ? pack_file(file->get(), entry, sink) : Status(file.error());
      if (!read.ok() && read.error().kind != ErrorKind::refused) return read.error();
      if (!read.ok()) {
        packed.refused.push_back({entry.path, read.error().text});
        continue;
      }
      room -= std::min(room, entry.size_bytes);
    }
    packed.manifest.entries.push_back(std::move(entry));
  }
  leave_out_escaping_links(packed);
  return packed;
}

Result<Manifest> pack_folder(const std::string& folder, const BundleLimits& limits, ChunkSink& sink) {
  auto root = open_folder(folder);
  if (!root.ok()) return usage_error(root.error().text);
  auto tree = walk_tree(root->get(), {}, limits);
  if (!tree.refused.empty()) return refusal(tree.refused.front().text);
  return all_or_nothing(pack_found(root->get(), std::move(tree), limits, sink), limits);
}

Result<Manifest> pack_inputs(const std::string& base, const std::vector<std::string>& inputs,
                             const BundleLimits& limits, ChunkSink& sink) {
  const auto globs = parse_inputs(base, inputs);
  if (!globs.ok()) return globs.error();
  if (inputs.empty()) return Manifest{};
  auto root = open_folder(base);
  if (!root.ok()) return usage_error(root.error().text);
  auto tree = walk_tree(root->get(), *globs, limits);
  if (!tree.refused.empty()) return refusal(tree.refused.front().text);
  for (std::size_t i = 0; i < tree.glob_used.size(); ++i) {
    if (tree.glob_used[i]) continue;
    return usage_error("the input " + in_quotes((*globs)[i].pattern()) + " names nothing in " + in_quotes(base));
  }
  return all_or_nothing(pack_found(root->get(), std::move(tree), limits, sink), limits);
}

PackedChunks::PackedChunks(std::string base, const Manifest& manifest) : base_(std::move(base)) {
  for (const auto& entry : manifest.entries) {
    for (std::size_t i = 0; i < entry.chunks.size(); ++i) {
      places_[entry.chunks[i]] = {entry.path, i * chunk_bytes_max, chunk_size(entry.size_bytes, i)};
    }
  }
}

Result<std::string> PackedChunks::read(const ContentHash& hash) const {
  const auto place = places_.find(hash);
  if (place == places_.end()) return not_found("no packed file has the chunk " + hash_text(hash));
  const auto root = open_folder(base_);
  if (!root.ok()) return root.error();
  const auto file = open_regular(root->get(), place->second.path);
  if (!file.ok()) return file.error();
  std::string bytes;
  if (!read_at(file->get(), place->second.offset, place->second.size, bytes)) {
    return file_error("read", place->second.path, errno);
  }
  if (chunk_hash(bytes) != hash) return changed_while_read(place->second.path);
  return bytes;
}

}  // namespace hansa::staging
