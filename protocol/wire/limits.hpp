// The largest things that are read from a peer. What is larger is refused before anything is allocated for it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hansa::limits {

inline constexpr std::size_t control_frame_bytes_max = 4u << 20;
inline constexpr std::size_t bulk_frame_bytes_max = 6u << 20;  // a chunk of 4 MiB that doesn't compress, and its head
inline constexpr std::size_t string_bytes_max = 4u << 20;      // a script, a payload
inline constexpr std::size_t list_items_max = 65'536;
inline constexpr std::size_t nesting_max = 24;
inline constexpr std::size_t messages_per_frame_max = 4'096;
// All values made from one frame: a list of empty values takes a byte an item there and hundreds here.
inline constexpr std::size_t decoded_bytes_max = 64u << 20;
inline constexpr std::uint32_t bids_per_call_max = 1'024;

}  // namespace hansa::limits
