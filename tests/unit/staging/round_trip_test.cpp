// Any tree that can travel comes out as it went in.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/staging/memory_chunks.hpp"
#include "tests/unit/staging/temp_folder.hpp"

namespace hansa::staging {
namespace {

// A few names, so that paths meet: files in folders that links lead to, names that look odd.
std::string some_name() {
  return *rc::gen::element<std::string>("a", "b", ".dot", "with space", "日本", "[x]", "-f", "..x", "new\nline");
}

std::string some_bytes() {
  const auto size = *rc::gen::weightedOneOf<std::size_t>(
      {{8, rc::gen::inRange<std::size_t>(0, 200)},
       {1, rc::gen::element<std::size_t>(chunk_bytes_max - 1, chunk_bytes_max, chunk_bytes_max + 1)}});
  return *rc::gen::arbitrary<bool>() ? noise(size, *rc::gen::inRange<std::uint64_t>(1, 4)) : std::string(size, 'x');
}

void grow(const TempFolder& folder, const std::string& at, int depth) {
  const auto count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    const auto path = at + some_name();
    if (folder.exists(path)) continue;
    const auto kind = *rc::gen::inRange(0, 4);
    if (kind == 0 && depth < 3) {
      folder.folder(path);
      grow(folder, path + '/', depth + 1);
    } else if (kind == 1) {
      folder.link(path, some_name());
    } else {
      folder.write(path, some_bytes());
      ::chmod(folder.path(path).c_str(), *rc::gen::element<mode_t>(0644, 0755, 0600));
    }
  }
}

RC_GTEST_PROP(RoundTrip, WhatIsPackedIsUnpackedTheSame, ()) {
  TempFolder from, to;
  grow(from, "", 0);
  MemoryChunks chunks;
  const auto packed = pack_folder(from.path(), {}, chunks);
  if (!packed.ok()) {  // links that lead to themselves are the only thing here that can't travel
    RC_ASSERT(packed.error().text.find("is a link to") != std::string::npos);
    return;
  }
  RC_ASSERT(unpack(*packed, to.path(), chunks, {}).ok());
  MemoryChunks again;
  const auto repacked = pack_folder(to.path(), {}, again);
  RC_ASSERT(repacked.ok());
  RC_ASSERT(*repacked == *packed);
}

// Whatever a manifest says, unpacking it touches nothing outside of its folder.
RC_GTEST_PROP(RoundTrip, NoManifestWritesOutside, ()) {
  TempFolder around;
  around.folder("in");
  around.write("victim", "precious");
  MemoryChunks chunks;
  (void)chunks.put(chunk_hash("evil"), "evil");
  Manifest manifest;
  const auto count = *rc::gen::inRange(1, 6);
  for (int i = 0; i < count; ++i) {
    std::string path =
        *rc::gen::element<std::string>("a", "b", "a/b", "../victim", "a/../../victim", "b/victim", "a/victim");
    const auto kind = *rc::gen::element(EntryKind::file, EntryKind::folder, EntryKind::link);
    ManifestEntry entry{.path = path, .kind = kind};
    if (kind == EntryKind::file) entry.size_bytes = 4, entry.chunks = {chunk_hash("evil")};
    if (kind == EntryKind::link)
      entry.target = *rc::gen::element<std::string>("..", "../..", "b", ".", "../victim", "a/..");
    manifest.entries.push_back(entry);
  }
  (void)unpack(manifest, around.path("in"), chunks, {});
  RC_ASSERT(around.read("victim") == "precious");
  RC_ASSERT(std::distance(std::filesystem::directory_iterator(around.path()), std::filesystem::directory_iterator()) ==
            2);
}

}  // namespace
}  // namespace hansa::staging
