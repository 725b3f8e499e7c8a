#include "src/transport/envelope.hpp"

#include <cstring>

#include "protocol/wire/limits.hpp"

namespace hansa::transport {
namespace {

constexpr std::size_t head_bytes = 1 + sizeof(Term);

template <class Number>
char* put(char* out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) *out++ = static_cast<char>(number >> 8 * i & 0xff);
  return out;
}

template <class Number>
Number read(std::string_view in) {
  Number number = 0;
  for (std::size_t i = sizeof number; i-- > 0;) number = number << 8 | static_cast<unsigned char>(in[i]);
  return number;
}

// Takes one length-prefixed frame off the front of `rest`.
bool take_frame(std::string_view& rest, std::size_t bytes_max, std::vector<std::string_view>& frames) {
  if (rest.size() < sizeof(std::uint32_t)) return false;
  const std::size_t length = read<std::uint32_t>(rest);
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

std::string make_greeting(EnvelopeKind kind, Lane lane, Run run) {
  std::string greeting{static_cast<char>(kind), static_cast<char>(envelope_version), static_cast<char>(lane)};
  greeting.resize(greeting.size() + sizeof run);
  put(greeting.data() + greeting.size() - sizeof run, run);
  return greeting;
}

std::optional<Run> read_greeting(std::string_view message, EnvelopeKind kind, Lane lane) {
  const std::string expected = make_greeting(kind, lane, 0);
  const std::size_t fixed = expected.size() - sizeof(Run);
  if (message.size() != expected.size() || message.substr(0, fixed) != std::string_view(expected).substr(0, fixed))
    return std::nullopt;
  return read<Run>(message.substr(fixed));
}

std::size_t packed_size(std::span<const std::string> frames) {
  if (frames.size() == 1) return head_bytes + frames.front().size();
  std::size_t size = head_bytes;
  for (const auto& frame : frames) size += packed_share(frame);
  return size;
}

void pack(std::span<const std::string> frames, char* out) {
  const bool alone = frames.size() == 1;
  *out = static_cast<char>(alone ? EnvelopeKind::frame : EnvelopeKind::frames);
  out = put(out + 1, Term{0});
  for (const auto& frame : frames) {
    if (!alone) out = put(out, static_cast<std::uint32_t>(frame.size()));
    std::memcpy(out, frame.data(), frame.size());
    out += frame.size();
  }
}

void stamp(char* message, Term term) {
  put(message + 1, term);
}

std::optional<Unpacked> unpack(std::string_view message, Lane lane) {
  if (message.size() < head_bytes) return std::nullopt;
  const auto kind = static_cast<EnvelopeKind>(message.front());
  Unpacked unpacked{.term = read<Term>(message.substr(1)), .frames = {}};
  std::string_view rest = message.substr(head_bytes);
  const std::size_t bytes_max = frame_bytes_max(lane);
  if (kind == EnvelopeKind::frame && rest.size() <= bytes_max) {
    unpacked.frames.push_back(rest);
    return unpacked;
  }
  if (kind != EnvelopeKind::frames) return std::nullopt;
  while (!rest.empty())
    if (!take_frame(rest, bytes_max, unpacked.frames)) return std::nullopt;
  return unpacked;
}

}  // namespace hansa::transport
