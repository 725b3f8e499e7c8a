#include "protocol/wire/cursor.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "protocol/wire/limits.hpp"

namespace hansa::wire {

const Bounds peer_bounds{.string_bytes_max = limits::string_bytes_max,
                         .list_items_max = limits::list_items_max,
                         .nesting_max = limits::nesting_max,
                         .decoded_bytes_max = limits::decoded_bytes_max};

const Bounds own_bounds{.string_bytes_max = std::numeric_limits<std::uint32_t>::max(),
                        .list_items_max = std::numeric_limits<std::uint32_t>::max(),
                        .nesting_max = limits::nesting_max,
                        .decoded_bytes_max = std::numeric_limits<std::size_t>::max()};

bool Cursor::fail(const char* why) {
  if (why_ == nullptr) {
    why_ = why;
    failed_at_ = position_;
  }
  return false;
}

Error Cursor::error(std::string_view what) const {
  return corrupt(std::string(what) + " can't be read: " + (why_ == nullptr ? "it makes no sense" : why_) + " at byte " +
                 std::to_string(failed_at_) + " of " + std::to_string(bytes_.size()));
}

bool Cursor::charge(std::size_t size) {
  if (size > bounds_.decoded_bytes_max) return fail("it would take more memory than is allowed");
  bounds_.decoded_bytes_max -= size;
  return true;
}

bool Cursor::peek(std::uint8_t& byte) const {
  if (at_end()) return false;
  byte = static_cast<std::uint8_t>(bytes_[position_]);
  return true;
}

bool Cursor::big_endian(std::size_t size, std::uint64_t& value) {
  if (left() < size) return fail("it is cut short");
  value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes_[position_ + i]);
  position_ += size;
  return true;
}

bool Cursor::boolean(bool& value) {
  std::uint8_t head = 0;
  if (!peek(head) || (head != 0xc2 && head != 0xc3)) return fail("true or false is missing");
  ++position_;
  value = head == 0xc3;
  return true;
}

bool Cursor::nil() {
  std::uint8_t head = 0;
  if (!peek(head) || head != 0xc0) return false;
  ++position_;
  return true;
}

bool Cursor::integer(Integer& value) {
  std::uint8_t head = 0;
  if (!peek(head)) return fail("an integer is missing");
  if (head <= 0x7f || head >= 0xe0) {
    ++position_;
    value.negative = head >= 0xe0;
    value.bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int8_t>(head)));
    return true;
  }
  if (head < 0xcc || head > 0xd3) return fail("an integer is missing");
  ++position_;
  const bool is_signed = head >= 0xd0;
  const std::size_t size = std::size_t{1} << ((head - 0xcc) & 3);
  if (!big_endian(size, value.bits)) return false;
  const auto sign = std::uint64_t{1} << (size * 8 - 1);
  value.negative = is_signed && (value.bits & sign) != 0;
  if (value.negative) value.bits |= ~(sign - 1);
  return true;
}

bool Cursor::unsigned_integer(std::uint64_t& value) {
  Integer read;
  if (!integer(read)) return false;
  if (read.negative) return fail("an integer is negative that must not be");
  value = read.bits;
  return true;
}

bool Cursor::signed_integer(std::int64_t& value) {
  Integer read;
  if (!integer(read)) return false;
  if (!read.negative && read.bits > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return fail("an integer is too large");
  }
  value = static_cast<std::int64_t>(read.bits);
  return true;
}

bool Cursor::real(double& value) {
  std::uint8_t head = 0;
  std::uint64_t bits = 0;
  if (!peek(head)) return fail("a number is missing");
  if (head != 0xca && head != 0xcb) {  // a whole number may be written as an integer, which is shorter
    Integer whole;
    if (!integer(whole)) return false;
    value =
        whole.negative ? static_cast<double>(static_cast<std::int64_t>(whole.bits)) : static_cast<double>(whole.bits);
    return true;
  }
  ++position_;
  if (!big_endian(head == 0xca ? 4 : 8, bits)) return false;
  value = head == 0xca ? double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))} : std::bit_cast<double>(bits);
  return std::isfinite(value) || fail("a number is not finite");
}

bool Cursor::sized(std::uint64_t length, std::string_view& value) {
  if (length > bounds_.string_bytes_max) return fail("a text is longer than is allowed");
  if (length > left()) return fail("it is cut short");
  value = bytes_.substr(position_, static_cast<std::size_t>(length));
  position_ += static_cast<std::size_t>(length);
  return true;
}

bool Cursor::text(std::string_view& value) {
  std::uint8_t head = 0;
  if (!peek(head)) return fail("a text is missing");
  if ((head & 0xe0) == 0xa0) {
    ++position_;
    return sized(head & 0x1f, value);
  }
  std::size_t size = 0;
  if (head >= 0xd9 && head <= 0xdb) size = std::size_t{1} << (head - 0xd9);
  if (head >= 0xc4 && head <= 0xc6) size = std::size_t{1} << (head - 0xc4);
  if (size == 0) return fail("a text is missing");
  ++position_;
  std::uint64_t length = 0;
  return big_endian(size, length) && sized(length, value);
}

// Every item takes a byte at least, so that a count which the remaining bytes can't hold is refused before any work.
bool Cursor::count_of(std::uint64_t items, std::size_t bytes_each, std::uint32_t& count) {
  if (items > bounds_.list_items_max) return fail("a list is longer than is allowed");
  if (items * bytes_each > left()) return fail("it is cut short");
  count = static_cast<std::uint32_t>(items);
  return true;
}

bool Cursor::array(std::uint32_t& count) {
  std::uint8_t head = 0;
  std::uint64_t items = 0;
  if (!peek(head)) return fail("a list is missing");
  if ((head & 0xf0) == 0x90) {
    items = head & 0x0f;
    ++position_;
  } else if (head == 0xdc || head == 0xdd) {
    ++position_;
    if (!big_endian(head == 0xdc ? 2 : 4, items)) return false;
  } else {
    return fail("a list is missing");
  }
  return count_of(items, 1, count);
}

bool Cursor::map(std::uint32_t& count) {
  std::uint8_t head = 0;
  std::uint64_t items = 0;
  if (!peek(head)) return fail("a map is missing");
  if ((head & 0xf0) == 0x80) {
    items = head & 0x0f;
    ++position_;
  } else if (head == 0xde || head == 0xdf) {
    ++position_;
    if (!big_endian(head == 0xde ? 2 : 4, items)) return false;
  } else {
    return fail("a map is missing");
  }
  return count_of(items, 2, count);
}

bool Cursor::skip_items(std::uint64_t items, std::size_t depth) {
  for (std::uint64_t i = 0; i < items; ++i) {
    if (!skip(depth + 1)) return false;
  }
  return true;
}

bool Cursor::skip(std::size_t depth) {
  if (depth > bounds_.nesting_max) return fail("lists are nested deeper than is allowed");
  std::uint8_t head = 0;
  if (!peek(head)) return fail("it is cut short");
  std::uint32_t count = 0;
  std::string_view ignored;
  if ((head & 0xf0) == 0x90 || head == 0xdc || head == 0xdd) return array(count) && skip_items(count, depth);
  if ((head & 0xf0) == 0x80 || head == 0xde || head == 0xdf) return map(count) && skip_items(2ull * count, depth);
  if ((head & 0xe0) == 0xa0 || (head >= 0xd9 && head <= 0xdb) || (head >= 0xc4 && head <= 0xc6)) return text(ignored);
  if (head == 0xc1) return fail("a byte means nothing");
  ++position_;
  if (head <= 0x7f || head >= 0xe0 || head <= 0xc3) return true;
  std::uint64_t length = 0;
  if (head >= 0xc7 && head <= 0xc9) {  // ext 8, 16, 32: a length, a type, that many bytes
    return big_endian(std::size_t{1} << (head - 0xc7), length) && sized(length + 1, ignored);
  }
  if (head >= 0xd4 && head <= 0xd8) return sized((1u << (head - 0xd4)) + 1, ignored);  // fixext 1 … 16
  if (head == 0xca || head == 0xcb) return big_endian(head == 0xca ? 4 : 8, length);
  return big_endian(std::size_t{1} << ((head - 0xcc) & 3), length);
}

}  // namespace hansa::wire
