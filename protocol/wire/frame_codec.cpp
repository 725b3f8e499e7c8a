// Control frames: one or more messages between two sites.
#include "protocol/wire/codec.hpp"
#include "protocol/wire/frame_layout.hpp"
#include "protocol/wire/limits.hpp"

namespace hansa {
namespace {

Error oversized(std::size_t size) {
  return corrupt("a frame of " + std::to_string(size) + " bytes is larger than the " +
                 std::to_string(limits::control_frame_bytes_max) + " that are read");
}

// What can't be said by the type: a bid offers no more tasks than any call may ask for.
bool is_sane(const Message& message) {
  const auto* bid = std::get_if<Bid>(&message);
  return bid == nullptr || bid->bids.size() <= limits::bids_per_call_max;
}

bool take_messages(wire::Decoder& decoder, std::uint32_t count, DecodedFrame& frame) {
  if (count > limits::messages_per_frame_max) return decoder.cursor().fail("it holds more messages than are allowed");
  for (std::uint32_t i = 0; i < count; ++i) {
    Message message;
    if (!decoder.cursor().charge(sizeof(Message))) return false;
    const auto taken = wire::take_message(decoder, message);
    if (taken == wire::Taken::failure) return false;
    if (taken == wire::Taken::unknown_tag) {
      ++frame.unknown_tags;
      continue;
    }
    if (!is_sane(message)) return decoder.cursor().fail("a bid offers more than any call may ask for");
    frame.messages.push_back(std::move(message));
  }
  return decoder.cursor().finish();
}

}  // namespace

std::string encode_frame(ProtocolVersion version, const std::vector<Message>& messages) {
  wire::Encoder encoder(16 + 96 * messages.size(), version);
  encoder.array(1 + messages.size());
  encoder.put(version);
  for (const auto& message : messages) wire::put_message(encoder, message);
  return std::move(encoder).take();
}

Result<DecodedFrame> decode_frame(std::string_view bytes) {
  if (bytes.size() > limits::control_frame_bytes_max) return oversized(bytes.size());
  wire::Decoder decoder(bytes, wire::peer_bounds);
  DecodedFrame frame;
  std::uint32_t count = 0;
  if (!wire::take_head(decoder, frame.version, count) || !take_messages(decoder, count, frame)) {
    return decoder.cursor().error("a frame");
  }
  return frame;
}

std::string_view name_of(const Message& message) {
  return std::visit([](const auto& value) { return wire::type_word<std::decay_t<decltype(value)>>(); }, message);
}

}  // namespace hansa
