#include "src/staging/manifest_book.hpp"

#include <unistd.h>

#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"

namespace hansa::staging {
namespace {

constexpr std::string_view manifest_suffix = ".manifest";
constexpr std::size_t encoded_bytes_max = 64u << 20;

std::vector<ContentHash> held_by(const Manifest& manifest, std::string_view encoded) {
  auto hashes = chunks_of(manifest);
  hashes.push_back(chunk_hash(encoded));
  return hashes;
}

}  // namespace

std::vector<ContentHash> chunks_of(const Manifest& manifest) {
  std::vector<ContentHash> hashes;
  for (const auto& entry : manifest.entries) hashes.insert(hashes.end(), entry.chunks.begin(), entry.chunks.end());
  return hashes;
}

ManifestBook::ManifestBook(std::string folder, Fd fd, ChunkStore& chunks)
    : folder_(std::move(folder)), fd_(std::move(fd)), chunks_(chunks) {}

Result<std::unique_ptr<ManifestBook>> ManifestBook::open(const std::string& folder, ChunkStore& chunks) {
  auto fd = make_folder(folder);
  if (!fd.ok()) return fd.error();
  std::unique_ptr<ManifestBook> book(new ManifestBook(folder, std::move(fd).value(), chunks));
  book->take_up();
  return book;
}

void ManifestBook::take_up() {
  for (const auto& name : names_in(fd_.get())) {
    const auto encoded = read_file(folder_ + '/' + name, encoded_bytes_max);
    if (!encoded.ok() && encoded.error().kind == ErrorKind::internal) continue;
    const auto manifest = encoded.ok() ? decode<Manifest>(*encoded) : Result<Manifest>(encoded.error());
    if (manifest.ok() && name.ends_with(manifest_suffix)) {
      chunks_.hold(held_by(*manifest, *encoded));
    } else {
      ::unlinkat(fd_.get(), name.c_str(), 0);
    }
  }
}

std::vector<std::string> ManifestBook::holders() const {
  std::vector<std::string> holders;
  for (const auto& name : names_in(fd_.get())) {
    if (name.ends_with(manifest_suffix)) holders.push_back(name.substr(0, name.size() - manifest_suffix.size()));
  }
  return holders;
}

std::string ManifestBook::path_of(const std::string& holder) const {
  return folder_ + '/' + holder + std::string(manifest_suffix);
}

Status ManifestBook::put(const std::string& holder, const Manifest& manifest) {
  const std::lock_guard lock(mutex_);
  const auto encoded = encode(manifest);
  const auto before = get_encoded(holder);
  chunks_.hold(held_by(manifest, encoded));  // the new first: what both name stays held
  auto written = write_file_atomically(fd_.get(), holder + std::string(manifest_suffix), encoded);
  if (!written.ok()) {
    chunks_.release(held_by(manifest, encoded));
  } else if (before.ok()) {
    release(*before);
  }
  return written;
}

Result<std::string> ManifestBook::get_encoded(const std::string& holder) const {
  return read_file(path_of(holder), encoded_bytes_max);
}

Result<Manifest> ManifestBook::get(const std::string& holder) const {
  const auto encoded = get_encoded(holder);
  if (!encoded.ok()) return encoded.error();
  return decode<Manifest>(*encoded);
}

void ManifestBook::drop(const std::string& holder) {
  const std::lock_guard lock(mutex_);
  const auto encoded = get_encoded(holder);
  if (!encoded.ok()) return;
  ::unlinkat(fd_.get(), (holder + std::string(manifest_suffix)).c_str(), 0);
  release(*encoded);
}

void ManifestBook::release(const std::string& encoded) {
  if (const auto manifest = decode<Manifest>(encoded); manifest.ok()) chunks_.release(held_by(*manifest, encoded));
}

}  // namespace hansa::staging
