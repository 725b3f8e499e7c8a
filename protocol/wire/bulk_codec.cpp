// Bulk frames: exactly one message each, most of it a chunk or a piece of a log.
#include "protocol/wire/codec.hpp"
#include "protocol/wire/frame_layout.hpp"
#include "protocol/wire/limits.hpp"

namespace hansa {
namespace {

// A chunk that doesn't compress is a little longer than chunk_bytes_max; everything else is bounded as on the
// control lane.
wire::Bounds bulk_bounds() {
  auto bounds = wire::peer_bounds;
  bounds.string_bytes_max = limits::bulk_frame_bytes_max;
  return bounds;
}

std::size_t expected_size(const BulkMessage& message) {
  if (const auto* chunk = std::get_if<ChunkData>(&message)) return chunk->zstd.size() + 64;
  if (const auto* log = std::get_if<LogData>(&message)) return log->bytes.size() + log->error.size() + 48;
  return 128;
}

}  // namespace

std::string encode_frame(ProtocolVersion version, const BulkMessage& message) {
  wire::Encoder encoder(expected_size(message), version);
  encoder.array(2);
  encoder.put(version);
  wire::put_message(encoder, message);
  return std::move(encoder).take();
}

Result<BulkMessage> decode_bulk_frame(std::string_view bytes) {
  if (bytes.size() > limits::bulk_frame_bytes_max) {
    return corrupt("a bulk frame of " + std::to_string(bytes.size()) + " bytes is larger than the " +
                   std::to_string(limits::bulk_frame_bytes_max) + " that are read");
  }
  wire::Decoder decoder(bytes, bulk_bounds());
  auto& cursor = decoder.cursor();
  BulkMessage message;
  ProtocolVersion version = 0;
  std::uint32_t count = 0;
  if (!wire::take_head(decoder, version, count)) return cursor.error("a bulk frame");
  if (count != 1) return corrupt("a bulk frame can't be read: it holds more than one message");
  const auto taken = wire::take_message(decoder, message);
  if (taken == wire::Taken::unknown_tag) return corrupt("a bulk frame can't be read: its tag is not known here");
  if (taken == wire::Taken::failure || !cursor.finish()) return cursor.error("a bulk frame");
  return message;
}

std::string_view name_of(const BulkMessage& message) {
  return std::visit([](const auto& value) { return wire::type_word<std::decay_t<decltype(value)>>(); }, message);
}

}  // namespace hansa
