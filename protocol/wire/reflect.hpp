// The names that the compiler knows, so that nobody writes them a second time.
//
// A list of enumerators or message names kept by hand is wrong on the day somebody appends to the original. GCC and
// Clang print template arguments in __PRETTY_FUNCTION__, an enumerator by name and any other value as a cast; both
// facts are read at compile time. Holds for enums that count up from 0, as all of ours on the wire do.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace hansa::wire {
namespace detail {

template <auto Value>
constexpr bool is_enumerator() {
  constexpr std::string_view signature = __PRETTY_FUNCTION__;
  constexpr std::string_view mark = "Value = ";
  return signature[signature.find(mark) + mark.size()] != '(';
}

template <class Enum, std::size_t Index = 0>
constexpr std::size_t count_enumerators() {
  static_assert(Index < 128, "not an enum that counts up from 0");
  if constexpr (is_enumerator<static_cast<Enum>(Index)>()) {
    return count_enumerators<Enum, Index + 1>();
  } else {
    return Index;
  }
}

}  // namespace detail

template <class Enum>
inline constexpr std::size_t enumerator_count = detail::count_enumerators<Enum>();

// "Award" for hansa::Award.
template <class T>
constexpr std::string_view type_word() {
  constexpr std::string_view signature = __PRETTY_FUNCTION__;
  constexpr std::string_view mark = "T = ";
  constexpr auto begin = signature.find(mark) + mark.size();
  constexpr auto name = signature.substr(begin, signature.find_first_of(";]", begin) - begin);
  constexpr auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace hansa::wire
