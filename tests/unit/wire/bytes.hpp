// msgpack by hand, for frames that the encoder would never write.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace hansa::test {

inline std::string bytes(std::initializer_list<int> values) {
  std::string made;
  for (const int value : values) made.push_back(static_cast<char>(value));
  return made;
}

inline std::string big_endian(std::uint64_t value, int size) {
  std::string made;
  for (int i = size - 1; i >= 0; --i) made.push_back(static_cast<char>(value >> (8 * i)));
  return made;
}

inline std::string array32(std::uint32_t count) {
  return bytes({0xdd}) + big_endian(count, 4);
}
inline std::string bin32(std::uint32_t count) {
  return bytes({0xc6}) + big_endian(count, 4);
}

}  // namespace hansa::test
