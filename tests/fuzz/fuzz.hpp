// What every target includes: bytes come in, and nothing but an answer may come out.
//
// A broken promise ends the program, as a crash does: libFuzzer then keeps the bytes. They become a unit test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace hansa::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "a promise was broken: %s\n", what);
  std::abort();
}

}  // namespace hansa::fuzz
