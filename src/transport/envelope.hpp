// Envelope: how frames are laid into ZeroMQ messages, and what connections say to each other first.
//
// Small frames that wait together travel in one message: encryption, wake-ups and system calls are paid once for many.
// A message is a kind byte and its content:
//   hello, welcome   version, lane        the first message of a dialled connection, and its answer
//   frames           (u32 length, little-endian; bytes)…
//   frame            bytes                one frame that is large enough to travel alone
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

namespace hansa::transport {

inline constexpr std::uint8_t envelope_version = 1;

// Frames are packed together up to this size; a larger one travels alone.
inline constexpr std::size_t packed_bytes_max = 64u << 10;
// What an envelope and CURVE add to the largest frame, rounded up.
inline constexpr std::size_t envelope_bytes_max = 256;

enum class EnvelopeKind : std::uint8_t { hello = 1, welcome = 2, frames = 3, frame = 4 };

std::size_t frame_bytes_max(Lane lane);

std::string make_greeting(EnvelopeKind kind, Lane lane);
bool is_greeting(std::string_view message, EnvelopeKind kind, Lane lane);

// The size of the message that holds these frames, and the message itself, written to `out`.
std::size_t packed_size(std::span<const std::string> frames);
void pack(std::span<const std::string> frames, char* out);

// What a frame adds to a packed message.
inline std::size_t packed_share(const std::string& frame) {
  return sizeof(std::uint32_t) + frame.size();
}

// The frames in a message, as views into it; nothing when any part of it is malformed or too large.
std::optional<std::vector<std::string_view>> unpack(std::string_view message, Lane lane);

}  // namespace hansa::transport
