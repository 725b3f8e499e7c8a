// The shape that both lanes share: [protocol version, [tag, value], …], and finding the type that a tag names.
//
// The first number of a frame is its version and a message is its tag and one value, in every version there will ever
// be: a reader can always tell what it can't read.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <variant>

#include "protocol/wire/decoder.hpp"
#include "protocol/wire/encoder.hpp"

namespace hansa::wire {

template <class... Ts>
void put_message(Encoder& encoder, const std::variant<Ts...>& message) {
  std::visit(
      [&](const auto& value) {
        encoder.array(2);
        encoder.put(std::decay_t<decltype(value)>::tag);
        encoder.put(value);
      },
      message);
}

template <class Variant>
using Reader = bool (*)(Decoder&, Variant&);

template <class... Ts>
constexpr auto readers_by_tag(std::type_identity<std::variant<Ts...>>) {
  using Variant = std::variant<Ts...>;
  std::array<Reader<Variant>, 256> readers{};
  ((readers[Ts::tag] = [](Decoder& decoder, Variant& out) { return decoder.get(out.template emplace<Ts>()); }), ...);
  return readers;
}

template <class... Ts>
constexpr bool tags_are_unique(std::type_identity<std::variant<Ts...>>) {
  std::array<bool, 256> taken{};
  bool unique = true;
  ((unique = unique && !taken[Ts::tag], taken[Ts::tag] = true), ...);
  return unique;
}

enum class Taken : std::uint8_t { message, unknown_tag, failure };

// One [tag, value]; a tag that this build doesn't know is passed over with its value.
template <class Variant>
Taken take_message(Decoder& decoder, Variant& out) {
  static_assert(tags_are_unique(std::type_identity<Variant>{}), "two messages share a tag");
  static constexpr auto readers = readers_by_tag(std::type_identity<Variant>{});
  auto& cursor = decoder.cursor();
  std::uint32_t count = 0;
  std::uint64_t tag = 0;
  if (!cursor.array(count)) return Taken::failure;
  if (count < 2) return cursor.fail("a message lacks its tag or its value"), Taken::failure;
  if (!cursor.unsigned_integer(tag)) return Taken::failure;
  if (tag >= readers.size() || readers[tag] == nullptr) {
    return decoder.skip(count - 1) ? Taken::unknown_tag : Taken::failure;
  }
  return readers[tag](decoder, out) && decoder.skip(count - 2) ? Taken::message : Taken::failure;
}

// The head of a frame: how many messages follow, and in which version.
inline bool take_head(Decoder& decoder, std::uint16_t& version, std::uint32_t& messages) {
  std::uint32_t count = 0;
  if (!decoder.cursor().array(count)) return false;
  if (count < 2) return decoder.cursor().fail("there is no message in it");
  messages = count - 1;
  return decoder.get(version);
}

}  // namespace hansa::wire
