#include "src/staging/chunk.hpp"

#include <sodium.h>
#include <zstd.h>

#include <memory>

#include "hansa/types/ids.hpp"

namespace hansa::staging {
namespace {

constexpr int compression_level = 3;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Error bad_frame(const ContentHash& hash, const std::string& what) {
  return corrupt("chunk " + hash_text(hash) + " " + what);
}

// What the frame says that it holds, or the most that it may when it does not say; 0 for a frame that is none.
Result<std::size_t> room_for(const ContentHash& hash, std::string_view zstd) {
  const auto frame_bytes = ZSTD_findFrameCompressedSize(zstd.data(), zstd.size());
  if (ZSTD_isError(frame_bytes) || frame_bytes != zstd.size()) return bad_frame(hash, "is not one whole zstd frame");
  const auto claimed = ZSTD_getFrameContentSize(zstd.data(), zstd.size());
  if (claimed == ZSTD_CONTENTSIZE_ERROR) return bad_frame(hash, "is not one whole zstd frame");
  if (claimed == ZSTD_CONTENTSIZE_UNKNOWN) return static_cast<std::size_t>(chunk_bytes_max);
  if (claimed > chunk_bytes_max) return bad_frame(hash, "unpacks to more than a chunk may hold");
  return static_cast<std::size_t>(claimed);
}

// Checks the frame's own checksum if it has one.
Result<std::string> unpack_frame(const ContentHash& hash, std::string_view zstd) {
  const auto room = room_for(hash, zstd);
  if (!room.ok()) return room.error();
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  std::string bytes(*room, '\0');
  const auto size = ZSTD_decompressDCtx(context.get(), bytes.data(), bytes.size(), zstd.data(), zstd.size());
  if (ZSTD_isError(size)) return bad_frame(hash, "does not unpack: " + std::string(ZSTD_getErrorName(size)));
  bytes.resize(size);
  return bytes;
}

// RFC 8878, 3.1.1.1.1: bit 2 of the frame header descriptor, which follows the magic number.
bool has_checksum(std::string_view zstd) {
  return zstd.size() > 4 && (static_cast<unsigned char>(zstd[4]) & 4) != 0;
}

}  // namespace

ContentHash chunk_hash(std::string_view bytes) {
  ContentHash hash;
  crypto_generichash(hash.bytes.data(), hash.bytes.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  return hash;
}

std::string hash_text(const ContentHash& hash) {
  return to_hex(hash.bytes.data(), hash.bytes.size());
}

Result<ContentHash> parse_hash(std::string_view hex) {
  ContentHash hash;
  std::size_t written = 0;
  const bool whole =
      hex.size() == 2 * hash.bytes.size() &&
      sodium_hex2bin(hash.bytes.data(), hash.bytes.size(), hex.data(), hex.size(), nullptr, &written, nullptr) == 0 &&
      written == hash.bytes.size();
  if (!whole) return usage_error("a chunk is named by 64 hexadecimal digits");
  return hash;
}

std::string seal_chunk(std::string_view bytes) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, compression_level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  frame.resize(ZSTD_compress2(context.get(), frame.data(), frame.size(), bytes.data(), bytes.size()));
  return frame;
}

Result<std::string> open_chunk(const ContentHash& hash, std::string_view zstd) {
  auto bytes = unpack_frame(hash, zstd);
  if (bytes.ok() && chunk_hash(*bytes) != hash) return bad_frame(hash, "holds other bytes than its name says");
  return bytes;
}

Result<std::string> reopen_chunk(const ContentHash& hash, std::string_view zstd) {
  return has_checksum(zstd) ? unpack_frame(hash, zstd) : open_chunk(hash, zstd);
}

}  // namespace hansa::staging
