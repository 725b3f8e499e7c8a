#include "src/staging/manifest_check.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "src/staging/fd.hpp"
#include "src/staging/paths.hpp"

namespace hansa::staging {
namespace {

using EntriesByPath = std::map<std::string, const ManifestEntry*>;

Error refused_entry(const std::string& path, const std::string& why) {
  return refusal("the bundle's entry " + in_quotes(path) + " is refused: " + why);
}

Status check_name(const ManifestEntry& entry, const BundleLimits& limits, BundleUse use) {
  const auto plain = check_path(entry.path, limits.path_bytes_max);
  if (!plain.ok()) return refused_entry(entry.path, plain.error().text);
  const bool stream = use == BundleUse::outputs && entry.kind == EntryKind::file &&
                      (entry.path == stdout_entry || entry.path == stderr_entry);
  if (is_reserved(entry.path) && !stream) return refused_entry(entry.path, "the folder .hansa is reserved");
  return success();
}

Status check_content(const ManifestEntry& entry) {
  if (entry.kind != EntryKind::file && (entry.size_bytes != 0 || !entry.chunks.empty())) {
    return refused_entry(entry.path, "only files have a size and chunks");
  }
  if (entry.kind != EntryKind::link && !entry.target.empty()) {
    return refused_entry(entry.path, "only links have a target");
  }
  if (entry.chunks.size() != chunk_count(entry.size_bytes)) {
    return refused_entry(entry.path, "its size does not match its number of chunks");
  }
  return success();
}

// Whatever an entry lies in is a folder, named or not.
Status check_parents(const ManifestEntry& entry, const EntriesByPath& entries) {
  for (auto parent = parent_of(entry.path); !parent.empty(); parent = parent_of(parent)) {
    const auto found = entries.find(parent);
    if (found != entries.end() && found->second->kind != EntryKind::folder) {
      return refused_entry(entry.path, "it lies below " + in_quotes(parent) + ", which is not a folder");
    }
  }
  return success();
}

// Links that lead to links cost a look-up each; a manifest made to waste our time is refused.
constexpr std::size_t link_steps_max = 1'000'000;

Status check_link(const ManifestEntry& entry, const EntriesByPath& entries, std::size_t& steps) {
  if (steps > link_steps_max) return refused_entry(entry.path, "the bundle's links are too entangled");
  const auto lookup = [&](const std::string& path) -> std::optional<std::string> {
    ++steps;
    const auto found = entries.find(path);
    if (found == entries.end() || found->second->kind != EntryKind::link) return std::nullopt;
    return found->second->target;
  };
  if (link_stays_inside(entry.path, entry.target, lookup)) return success();
  return refused_entry(entry.path, "it is a link to " + in_quotes(entry.target) + ", which leaves the folder");
}

bool is_known_kind(EntryKind kind) {
  return kind == EntryKind::file || kind == EntryKind::folder || kind == EntryKind::link;
}

}  // namespace

std::uint64_t chunk_count(std::uint64_t size_bytes) {
  return size_bytes / chunk_bytes_max + (size_bytes % chunk_bytes_max == 0 ? 0 : 1);
}

std::uint64_t chunk_size(std::uint64_t size_bytes, std::size_t index) {
  return std::min(chunk_bytes_max, size_bytes - index * chunk_bytes_max);
}

Status check_manifest(const Manifest& manifest, const BundleLimits& limits, BundleUse use) {
  if (manifest.entries.size() > limits.entries_max) {
    return refusal("the bundle has " + std::to_string(manifest.entries.size()) + " entries, and " +
                   std::to_string(limits.entries_max) + " are allowed: pack them into an archive");
  }
  EntriesByPath entries;
  std::uint64_t room = limits.bytes_max;
  for (const auto& entry : manifest.entries) {
    if (!is_known_kind(entry.kind)) return refused_entry(entry.path, "it is of an unknown kind");
    if (auto named = check_name(entry, limits, use); !named.ok()) return named;
    if (auto content = check_content(entry); !content.ok()) return content;
    if (entry.size_bytes > room) {
      return refusal("the bundle holds more than the " + std::to_string(limits.bytes_max) + " bytes allowed here");
    }
    room -= entry.size_bytes;
    if (!entries.emplace(entry.path, &entry).second) return refused_entry(entry.path, "it is named twice");
  }
  std::size_t steps = 0;
  for (const auto& entry : manifest.entries) {
    if (auto placed = check_parents(entry, entries); !placed.ok()) return placed;
    if (entry.kind != EntryKind::link) continue;
    if (auto inside = check_link(entry, entries, steps); !inside.ok()) return inside;
  }
  return success();
}

}  // namespace hansa::staging
