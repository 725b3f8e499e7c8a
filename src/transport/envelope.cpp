#include "src/transport/envelope.hpp"

#include <cstring>

#include "protocol/wire/limits.hpp"

namespace hansa::transport {
namespace {

char* put_length(char* out, std::size_t length) {
  for (int shift = 0; shift < 32; shift += 8) *out++ = static_cast<char>(length >> shift & 0xff);
  return out;
}

std::size_t read_length(std::string_view in) {
  std::size_t length = 0;
  for (int i = 3; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
  return length;
}

// Takes one length-prefixed frame off the front of `rest`.
bool take_frame(std::string_view& rest, std::size_t bytes_max, std::vector<std::string_view>& frames) {
  if (rest.size() < sizeof(std::uint32_t)) return false;
  const std::size_t length = read_length(rest);
  rest.remove_prefix(sizeof(std::uint32_t));
  if (length > bytes_max || length > rest.size()) return false;
  frames.push_back(rest.substr(0, length));
  rest.remove_prefix(length);
  return true;
}

}  // namespace

std::size_t frame_bytes_max(Lane lane) {
  return lane == Lane::control ? limits::control_frame_bytes_max : limits::bulk_frame_bytes_max;
}

std::string make_greeting(EnvelopeKind kind, Lane lane) {
  return {static_cast<char>(kind), static_cast<char>(envelope_version), static_cast<char>(lane)};
}

bool is_greeting(std::string_view message, EnvelopeKind kind, Lane lane) {
  return message == make_greeting(kind, lane);
}

std::size_t packed_size(std::span<const std::string> frames) {
  if (frames.size() == 1) return 1 + frames.front().size();
  std::size_t size = 1;
  for (const auto& frame : frames) size += packed_share(frame);
  return size;
}

void pack(std::span<const std::string> frames, char* out) {
  const bool alone = frames.size() == 1;
  *out++ = static_cast<char>(alone ? EnvelopeKind::frame : EnvelopeKind::frames);
  for (const auto& frame : frames) {
    if (!alone) out = put_length(out, frame.size());
    std::memcpy(out, frame.data(), frame.size());
    out += frame.size();
  }
}

std::optional<std::vector<std::string_view>> unpack(std::string_view message, Lane lane) {
  if (message.empty()) return std::nullopt;
  const auto kind = static_cast<EnvelopeKind>(message.front());
  std::string_view rest = message.substr(1);
  const std::size_t bytes_max = frame_bytes_max(lane);
  if (kind == EnvelopeKind::frame && rest.size() <= bytes_max) return std::vector{rest};
  if (kind != EnvelopeKind::frames) return std::nullopt;
  std::vector<std::string_view> frames;
  while (!rest.empty())
    if (!take_frame(rest, bytes_max, frames)) return std::nullopt;
  return frames;
}

}  // namespace hansa::transport
