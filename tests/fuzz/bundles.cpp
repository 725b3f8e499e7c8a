// Bundles: manifests that a peer or a client sent, and the chunks that come with them. What passes the check holds what
// unpacking relies on. The first byte says which.
#include <algorithm>

#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/manifest_check.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

namespace {

void read_manifest(std::string_view bytes, staging::BundleUse use) {
  const auto manifest = decode<Manifest>(bytes);
  if (!manifest || !staging::check_manifest(*manifest, {.bytes_max = 1u << 30, .entries_max = 100}, use)) return;
  for (const auto& entry : manifest->entries) {
    fuzz::promise(!entry.path.empty() && entry.path.front() != '/', "no path is absolute");
    fuzz::promise(("/" + entry.path + "/").find("/../") == std::string::npos, "no path leaves its folder");
    fuzz::promise(entry.path.find('\0') == std::string::npos, "no path ends early");
    if (entry.kind != EntryKind::file) continue;
    fuzz::promise(entry.chunks.size() == staging::chunk_count(entry.size_bytes), "a file has the chunks of its size");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      read_manifest(bytes, staging::BundleUse::inputs);
      break;
    case 1:
      read_manifest(bytes, staging::BundleUse::outputs);
      break;
    case 2: {
      const auto opened = staging::open_chunk(ContentHash{}, bytes);
      fuzz::promise(!opened.ok(), "no bytes have the hash zero");
      break;
    }
    default: {
      const auto piece = bytes.substr(0, 4096);
      const auto opened = staging::open_chunk(staging::chunk_hash(piece), staging::seal_chunk(piece));
      fuzz::promise(opened.ok() && *opened == piece, "a chunk is opened as it was sealed");
      (void)staging::reopen_chunk(ContentHash{}, bytes);
    }
  }
  return 0;
}
