#include "src/gateway/json_manifest.hpp"

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"

namespace hansa::gateway {
namespace {

using nlohmann::json;

constexpr std::size_t manifest_items_max = 65'536;
constexpr std::size_t path_bytes_max = 4'096;

std::string_view kind_name(EntryKind kind) {
  switch (kind) {
    case EntryKind::file:
      return "file";
    case EntryKind::folder:
      return "folder";
    case EntryKind::link:
      return "link";
  }
  return "file";
}

Error bad(std::string_view path, std::string_view what) {
  return usage_error("manifest: entry '" + std::string(path.substr(0, 200)) + "': " + std::string(what));
}

bool read_kind(const json& value, EntryKind& kind) {
  if (!value.is_string()) return false;
  for (const auto known : {EntryKind::file, EntryKind::folder, EntryKind::link}) {
    if (value.get_ref<const std::string&>() != kind_name(known)) continue;
    kind = known;
    return true;
  }
  return false;
}

bool read_mode(const json& value, std::uint32_t& mode) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  char* end = nullptr;
  const auto number = std::strtoul(text.c_str(), &end, 8);
  mode = static_cast<std::uint32_t>(number);
  return !text.empty() && *end == '\0' && number <= 0777;
}

Status read_chunks(const json& value, ManifestEntry& entry) {
  if (!value.is_array() || value.size() > manifest_items_max) return bad(entry.path, "chunks is no list of hashes");
  for (const auto& item : value) {
    if (!item.is_string()) return bad(entry.path, "chunks is no list of hashes");
    auto hash = parse_hash(item.get_ref<const std::string&>());
    if (!hash) return bad(entry.path, hash.error().text);
    entry.chunks.push_back(*hash);
  }
  return success();
}

Status read_field(const std::string& key, const json& value, ManifestEntry& entry) {
  if (key == "path") return success();
  if (key == "kind") return read_kind(value, entry.kind) ? success() : bad(entry.path, "kind is file, folder or link");
  if (key == "mode") return read_mode(value, entry.mode) ? success() : bad(entry.path, "mode is octal, as in \"0644\"");
  if (key == "chunks") return read_chunks(value, entry);
  if (key == "size_bytes") {
    if (!value.is_number_unsigned()) return bad(entry.path, "size_bytes is no whole number");
    entry.size_bytes = value.get<std::uint64_t>();
    return success();
  }
  if (key == "target") {
    if (!value.is_string()) return bad(entry.path, "target is no text");
    entry.target = value.get<std::string>();
    if (entry.target.size() > path_bytes_max) return bad(entry.path, "target is too long");
    return success();
  }
  return bad(entry.path, "unknown field '" + key.substr(0, 40) + "'");
}

Result<ManifestEntry> read_entry(const json& value) {
  const auto path = value.is_object() ? value.find("path") : value.end();
  if (!value.is_object() || path == value.end() || !path->is_string()) {
    return usage_error("manifest: every entry is an object with a path");
  }
  ManifestEntry entry{.path = path->get<std::string>()};
  if (entry.path.empty() || entry.path.size() > path_bytes_max) return bad(entry.path, "a path has 1 to 4096 bytes");
  for (const auto& [key, item] : value.items()) {
    if (auto read = read_field(key, item, entry); !read) return read.error();
  }
  const auto chunks_needed = (entry.size_bytes + chunk_bytes_max - 1) / chunk_bytes_max;
  if (entry.kind == EntryKind::file && chunks_needed != entry.chunks.size()) {
    return bad(entry.path, "a file has one chunk for each 4 MiB of its size");
  }
  return entry;
}

}  // namespace

nlohmann::ordered_json manifest_json(const Manifest& manifest) {
  auto entries = nlohmann::ordered_json::array();
  for (const auto& entry : manifest.entries) {
    char mode[16];
    std::snprintf(mode, sizeof mode, "%04o", entry.mode);
    nlohmann::ordered_json item{{"path", entry.path}, {"kind", kind_name(entry.kind)}, {"mode", mode}};
    if (entry.kind == EntryKind::link) item["target"] = entry.target;
    if (entry.kind == EntryKind::file) {
      item["size_bytes"] = entry.size_bytes;
      auto& chunks = item["chunks"] = nlohmann::ordered_json::array();
      for (const auto& hash : entry.chunks) chunks.push_back(to_hex(hash));
    }
    entries.push_back(std::move(item));
  }
  return {{"size_bytes", manifest.size_bytes()}, {"entries", std::move(entries)}};
}

Result<Manifest> read_manifest(const json& value) {
  const auto entries = value.is_object() ? value.find("entries") : value.end();
  if (!value.is_object() || entries == value.end() || !entries->is_array()) {
    return usage_error("manifest: an object with a list of entries is wanted");
  }
  if (entries->size() > manifest_items_max) return usage_error("manifest: it has more than 65536 entries");
  Manifest manifest;
  for (const auto& item : *entries) {
    auto entry = read_entry(item);
    if (!entry) return entry.error();
    manifest.entries.push_back(std::move(*entry));
  }
  return manifest;
}

}  // namespace hansa::gateway
