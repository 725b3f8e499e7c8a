#include "src/staging/chunk_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hansa/types/ids.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/clock.hpp"

namespace hansa::staging {
namespace {

// A frame of incompressible bytes is a little longer than they are.
constexpr std::size_t frame_bytes_max = chunk_bytes_max + (64u << 10);
constexpr std::string_view chunk_suffix = ".zst";

std::string prefix_of(const ContentHash& hash) {
  return hash_text(hash).substr(0, 2);
}
std::string path_of(const ContentHash& hash) {
  return prefix_of(hash) + '/' + hash_text(hash) + std::string(chunk_suffix);
}

}  // namespace

std::size_t ChunkStore::HashOfHash::operator()(const ContentHash& hash) const {
  std::size_t value = 0;  // the bytes are a hash already
  std::memcpy(&value, hash.bytes.data(), sizeof value);
  return value;
}

ChunkStore::ChunkStore(std::string folder, Fd fd, ChunkStoreOptions options)
    : folder_(std::move(folder)), fd_(std::move(fd)), options_(std::move(options)) {}

Result<std::unique_ptr<ChunkStore>> ChunkStore::open(const std::string& folder, ChunkStoreOptions options) {
  auto fd = make_folder(folder);
  if (!fd.ok()) return fd.error();
  if (!options.clock) options.clock = boot_now;
  std::unique_ptr<ChunkStore> store(new ChunkStore(folder, std::move(fd).value(), std::move(options)));
  store->take_up();
  return store;
}

void ChunkStore::take_up() {
  for (const auto& prefix : names_in(fd_.get())) {
    if (prefix.size() == 2) take_up_folder(prefix);
  }
}

void ChunkStore::take_up_folder(const std::string& prefix) {
  const auto now = options_.clock();
  const Fd folder(::openat(fd_.get(), prefix.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const auto& name : names_in(folder.get())) {
    const auto path = prefix + '/' + name;
    struct stat facts {};
    if (::fstatat(fd_.get(), path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode)) continue;
    const auto hash =
        parse_hash(std::string_view(name).substr(0, name.size() - std::min(name.size(), chunk_suffix.size())));
    if (!hash.ok() || !name.ends_with(chunk_suffix) || facts.st_size == 0) {
      ::unlinkat(fd_.get(), path.c_str(), 0);  // what a killed daemon left half written
      continue;
    }
    const auto bytes = static_cast<std::uint64_t>(facts.st_size);
    entries_[*hash] = {.bytes = bytes, .touched = now};
    ++totals_.chunks;
    totals_.bytes += bytes;
  }
}

std::vector<ContentHash> ChunkStore::missing(const std::vector<ContentHash>& hashes) {
  std::vector<ContentHash> absent;
  const std::lock_guard lock(mutex_);
  const auto now = options_.clock();
  for (const auto& hash : hashes) {
    const auto entry = entries_.find(hash);
    if (entry == entries_.end() || entry->second.bytes == 0) {
      absent.push_back(hash);
    } else {
      entry->second.touched = now;
      entry->second.fresh = true;
    }
  }
  std::sort(absent.begin(), absent.end());
  absent.erase(std::unique(absent.begin(), absent.end()), absent.end());
  return absent;
}

Result<std::size_t> ChunkStore::put_frame(const ContentHash& hash, std::string_view zstd) {
  const auto bytes = open_chunk(hash, zstd);
  if (!bytes.ok()) return bytes.error();
  if (!has(hash)) {
    if (auto written = write(hash, zstd); !written.ok()) return written.error();
  }
  return bytes->size();
}

Status ChunkStore::put_bytes(const ContentHash& hash, std::string_view bytes) {
  if (has(hash)) return success();
  return write(hash, seal_chunk(bytes));
}

Result<std::string> ChunkStore::read(const ContentHash& hash) {
  auto frame = load(hash);
  if (!frame.ok()) return frame;
  auto bytes = reopen_chunk(hash, *frame);
  if (!bytes.ok()) discard(hash);
  return bytes;
}

Result<std::string> ChunkStore::read_frame(const ContentHash& hash) {
  auto frame = load(hash);
  if (!frame.ok()) return frame;
  if (const auto bytes = open_chunk(hash, *frame); !bytes.ok()) {
    discard(hash);
    return bytes.error();
  }
  return frame;
}

Result<std::string> ChunkStore::load(const ContentHash& hash) {
  if (!has(hash)) return not_found("the chunk " + hash_text(hash) + " is not here");
  auto frame = read_file(folder_ + '/' + path_of(hash), frame_bytes_max);
  const bool gone = !frame.ok() && frame.error().kind != ErrorKind::internal;
  if (gone) discard(hash);
  return frame;
}

Status ChunkStore::write(const ContentHash& hash, std::string_view zstd) {
  if (auto room = reserve(zstd.size()); !room.ok()) return room;
  const auto prefix = prefix_of(hash);
  ::mkdirat(fd_.get(), prefix.c_str(), 0700);  // there already, as a rule; else opening it says what is wrong
  const Fd folder(::openat(fd_.get(), prefix.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    const int error = errno;
    unreserve(zstd.size());
    return file_error("enter the folder", folder_ + '/' + prefix, error);
  }
  auto written = write_file_atomically(folder.get(), hash_text(hash) + std::string(chunk_suffix), zstd);
  unreserve(zstd.size());
  if (!written.ok()) return written;
  const std::lock_guard lock(mutex_);
  auto& entry = entries_[hash];
  if (entry.bytes == 0) ++totals_.chunks;
  totals_.bytes += zstd.size() - entry.bytes;  // a twin may have written it at the same time
  entry.bytes = zstd.size();
  entry.touched = options_.clock();
  entry.fresh = true;
  return success();
}

Status ChunkStore::reserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto needed = totals_.bytes + reserved_bytes_ + bytes;
  if (needed > options_.bytes_max && evict(needed - options_.bytes_max) < needed - options_.bytes_max) {
    return overloaded("the chunk store " + in_quotes(folder_) + " is full: it may hold " +
                      std::to_string(options_.bytes_max) + " bytes, and jobs still need what it holds");
  }
  reserved_bytes_ += bytes;
  return success();
}

void ChunkStore::unreserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  reserved_bytes_ -= bytes;
}

// Oldest first, of what nobody holds and nobody was promised. Called with the mutex held.
std::uint64_t ChunkStore::evict(std::uint64_t wanted) {
  const auto now = options_.clock();
  std::vector<std::pair<Instant, ContentHash>> idle;
  for (const auto& [hash, entry] : entries_) {
    const bool promised = entry.fresh && !is_expired(entry, now);
    if (entry.bytes > 0 && entry.holds == 0 && !promised) idle.emplace_back(entry.touched, hash);
  }
  std::sort(idle.begin(), idle.end());
  std::uint64_t freed = 0;
  for (const auto& [touched, hash] : idle) {
    if (freed >= wanted) break;
    const auto entry = entries_.find(hash);
    freed += entry->second.bytes;
    totals_.bytes -= entry->second.bytes;
    --totals_.chunks;
    ++totals_.evicted_total;
    entries_.erase(entry);
    ::unlinkat(fd_.get(), path_of(hash).c_str(), 0);
  }
  return freed;
}

bool ChunkStore::is_expired(const Entry& entry, Instant now) const {
  return now - entry.touched >= options_.grace;
}

std::vector<std::string> ChunkStore::files_of(const std::vector<ContentHash>& hashes) const {
  std::vector<std::string> files;
  for (const auto& hash : hashes) files.push_back(folder_ + '/' + path_of(hash));
  return files;
}

void ChunkStore::hold(const std::vector<ContentHash>& hashes) {
  const std::lock_guard lock(mutex_);
  for (const auto& hash : hashes) ++entries_[hash].holds;
}

void ChunkStore::release(const std::vector<ContentHash>& hashes) {
  const std::lock_guard lock(mutex_);
  const auto now = options_.clock();
  for (const auto& hash : hashes) {
    const auto entry = entries_.find(hash);
    if (entry == entries_.end() || entry->second.holds == 0 || --entry->second.holds > 0) continue;
    entry->second.touched = now;
    entry->second.fresh = false;
    if (entry->second.bytes == 0) entries_.erase(entry);
  }
}

std::uint64_t ChunkStore::collect_garbage() {
  const std::lock_guard lock(mutex_);
  const auto now = options_.clock();
  std::uint64_t freed = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.holds > 0 || entry->second.bytes == 0 || !is_expired(entry->second, now)) {
      ++entry;
      continue;
    }
    freed += entry->second.bytes;
    totals_.bytes -= entry->second.bytes;
    --totals_.chunks;
    ++totals_.evicted_total;
    ::unlinkat(fd_.get(), path_of(entry->first).c_str(), 0);
    entry = entries_.erase(entry);
  }
  return freed;
}

void ChunkStore::discard(const ContentHash& hash) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(hash);
  if (entry == entries_.end() || entry->second.bytes == 0) return;
  ::unlinkat(fd_.get(), path_of(hash).c_str(), 0);
  totals_.bytes -= entry->second.bytes;
  --totals_.chunks;
  ++totals_.damaged_total;
  entry->second.bytes = 0;
  if (entry->second.holds == 0) entries_.erase(entry);
}

ChunkStoreTotals ChunkStore::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace hansa::staging
