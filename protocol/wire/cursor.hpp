// One msgpack token after another, read from bytes that nobody vouches for.
//
// A tree of objects would be built before anything is known of its shape, and a header of five bytes may promise four
// billion items. The cursor asks instead: the caller says what must come next, and gets it or a failure. Nothing is
// allocated here; a length is believed only when that many bytes are left and the bounds allow it.
//
// Invariants: never reads outside the bytes; the first failure stays (later calls change nothing that matters, and the
// caller stops); allocations that the caller makes for what it read are charged against one budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hansa/types/result.hpp"

namespace hansa::wire {

struct Bounds {
  std::size_t string_bytes_max;
  std::size_t list_items_max;
  std::size_t nesting_max;
  std::size_t decoded_bytes_max;
};

// For what a peer sent, and for what this site wrote itself (a list there is as long as its bytes can make it).
extern const Bounds peer_bounds;
extern const Bounds own_bounds;

class Cursor {
 public:
  Cursor(std::string_view bytes, const Bounds& bounds) : bytes_(bytes), bounds_(bounds) {}

  // Each takes one token of that kind; false when something else is there.
  bool boolean(bool& value);
  bool unsigned_integer(std::uint64_t& value);
  bool signed_integer(std::int64_t& value);
  bool real(double& value);            // finite
  bool text(std::string_view& value);  // str or bin; a view into the bytes
  bool array(std::uint32_t& count);
  bool map(std::uint32_t& count);  // pairs
  bool nil();                      // taken when next; otherwise nothing moves and nothing fails

  // Passes over one whole value of any kind.
  bool skip() { return skip(0); }

  // To be asked before memory is taken for a value that was read.
  bool charge(std::size_t size);
  std::size_t budget() const { return bounds_.decoded_bytes_max; }
  const Bounds& bounds() const { return bounds_; }

  bool fail(const char* why);
  bool at_end() const { return position_ == bytes_.size(); }
  // After everything was read: trailing bytes are a failure as well.
  bool finish() { return at_end() || fail("bytes follow its end"); }

  // "a frame can't be read: an integer is missing at byte 7 of 20".
  Error error(std::string_view what) const;

 private:
  struct Integer {
    bool negative = false;
    std::uint64_t bits = 0;
  };

  std::size_t left() const { return bytes_.size() - position_; }
  bool peek(std::uint8_t& byte) const;
  bool big_endian(std::size_t size, std::uint64_t& value);
  bool integer(Integer& value);
  bool sized(std::uint64_t length, std::string_view& value);
  bool count_of(std::uint64_t items, std::size_t bytes_each, std::uint32_t& count);
  bool skip(std::size_t depth);
  bool skip_items(std::uint64_t items, std::size_t depth);

  std::string_view bytes_;
  std::size_t position_ = 0;
  Bounds bounds_;
  const char* why_ = nullptr;
  std::size_t failed_at_ = 0;
};

}  // namespace hansa::wire
