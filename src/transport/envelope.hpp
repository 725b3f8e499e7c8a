// Envelope: how frames are laid into ZeroMQ messages, and what connections say to each other first.
//
// Small frames that wait together travel in one message: encryption, wake-ups and system calls are paid once for many.
// A message is a kind byte and its content, numbers little-endian:
//   hello, welcome   u8 version, u8 lane, u64 run    the first message of a dialled connection, and its answer
//   frames           u32 term, (u32 length, bytes)…
//   frame            u32 term, bytes                 one frame that travels alone
// What run and term are for: link.hpp.
// Anything else is a breach, and so is a message of several ZeroMQ parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/ports/transport.hpp"
#include "src/transport/link.hpp"

namespace hansa::transport {

inline constexpr std::uint8_t envelope_version = 1;

// Frames are packed together up to this size; a larger one travels alone.
inline constexpr std::size_t packed_bytes_max = 64u << 10;
// What an envelope and CURVE add to the largest frame, rounded up.
inline constexpr std::size_t envelope_bytes_max = 256;

enum class EnvelopeKind : std::uint8_t { hello = 1, welcome = 2, frames = 3, frame = 4 };

std::size_t frame_bytes_max(Lane lane);

std::string make_greeting(EnvelopeKind kind, Lane lane, Run run);
// The run that it names; nothing when this is no such greeting.
std::optional<Run> read_greeting(std::string_view message, EnvelopeKind kind, Lane lane);

// The size of the message that holds these frames, and the message itself, written to `out`; then its term.
std::size_t packed_size(std::span<const std::string> frames);
void pack(std::span<const std::string> frames, char* out);
void stamp(char* message, Term term);

// What a frame adds to a packed message.
inline std::size_t packed_share(const std::string& frame) {
  return sizeof(std::uint32_t) + frame.size();
}

struct Unpacked {
  Term term = 0;
  std::vector<std::string_view> frames;  // within the message
};
// Nothing when any part of the message is malformed or too large.
std::optional<Unpacked> unpack(std::string_view message, Lane lane);

}  // namespace hansa::transport
