// msgpack to values: the mirror of encoder.hpp, for bytes that nobody vouches for.
//
// Each kind of field has one overload of get(), which checks the range of what it takes: a value that comes out is one
// that the type allows. A struct takes as many fields as are there; missing ones keep their defaults, surplus ones are
// passed over. Lists grow as their items arrive, and each item is charged before it is made.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "hansa/types/crypto.hpp"
#include "hansa/types/fields.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"
#include "protocol/wire/cursor.hpp"
#include "protocol/wire/reflect.hpp"

namespace hansa::wire {

class Decoder {
 public:
  Decoder(std::string_view bytes, const Bounds& bounds) : cursor_(bytes, bounds) {}

  Cursor& cursor() { return cursor_; }

  bool get(bool& value) { return cursor_.boolean(value); }
  bool get(double& value) { return cursor_.real(value); }

  template <std::integral T>
  bool get(T& value) {
    std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> read = 0;
    if constexpr (std::is_signed_v<T>) {
      if (!cursor_.signed_integer(read)) return false;
    } else {
      if (!cursor_.unsigned_integer(read)) return false;
    }
    if (!std::in_range<T>(read)) return cursor_.fail("an integer is out of range");
    value = static_cast<T>(read);
    return true;
  }
  template <class E>
  requires std::is_enum_v<E>
  bool get(E& value) {
    std::uint64_t read = 0;
    if (!cursor_.unsigned_integer(read)) return false;
    if (read >= enumerator_count<E>) return cursor_.fail("a word of a closed list is not known");
    value = static_cast<E>(read);
    return true;
  }
  bool get(std::string& value) {
    std::string_view read;
    if (!cursor_.text(read) || !cursor_.charge(read.size())) return false;
    value.assign(read);
    return true;
  }
  // Empty, or a name as parse_site_name() has it.
  bool get(SiteName& value) {
    std::string_view read;
    if (!cursor_.text(read)) return false;
    if (read.empty()) return true;
    auto name = parse_site_name(read);
    if (!name) return cursor_.fail("a site's name is malformed");
    value = std::move(*name);
    return true;
  }
  bool get(Duration& value) {
    std::int64_t read = 0;
    if (!cursor_.signed_integer(read)) return false;
    if (read > forever.count() || read < -forever.count()) return cursor_.fail("a duration is out of range");
    value = Duration(read);
    return true;
  }
  bool get(Instant& value) {
    Duration read{0};
    if (!get(read)) return false;
    value = Instant(read);
    return true;
  }
  bool get(WallTime& value) { return cursor_.signed_integer(value.unix_ms); }

  template <class Tag>
  bool get(Key128<Tag>& value) {
    return exact(value.bytes);
  }
  template <class Tag, std::size_t Size>
  bool get(Blob<Tag, Size>& value) {
    return exact(value.bytes);
  }
  template <class Tag>
  bool get(Counter<Tag>& value) {
    return cursor_.unsigned_integer(value.value);
  }
  template <class T>
  bool get(Shared<T>& value) {
    T read;
    if (!cursor_.charge(sizeof(T)) || !get(read)) return false;
    value = read == T{} ? Shared<T>() : Shared<T>(std::move(read));
    return true;
  }
  template <class T>
  bool get(Rare<T>& value) {
    T read;
    if (!get(read)) return false;
    value = std::move(read);
    return true;
  }
  // Only bytes and signature travel: the value is what the bytes say. No bytes at all stand for a default value, which
  // no signature makes valid.
  template <class T>
  bool get(Signed<T>& value) {
    std::uint32_t count = 0;
    if (!cursor_.array(count)) return false;
    if (count < 2) return cursor_.fail("a signature is missing");
    if (!get(value.bytes) || !get(value.signature) || !skip(count - 2)) return false;
    return value.bytes.empty() || inner(value.bytes, value.value);
  }
  template <class T>
  bool get(std::optional<T>& value) {
    if (cursor_.nil()) return true;
    return get(value.emplace());
  }
  template <class T>
  bool get(std::vector<T>& values) {
    std::uint32_t count = 0;
    if (!cursor_.array(count)) return false;
    values.reserve(std::min<std::size_t>(count, 1 + 4096 / sizeof(T)));
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!cursor_.charge(sizeof(T)) || !get(values.emplace_back())) return false;
    }
    return true;
  }
  template <class K, class V>
  bool get(std::map<K, V>& values) {
    std::uint32_t count = 0;
    if (!cursor_.map(count)) return false;
    for (std::uint32_t i = 0; i < count; ++i) {
      K key;
      V value;
      if (!cursor_.charge(sizeof(K) + sizeof(V)) || !get(key) || !get(value)) return false;
      values.insert_or_assign(std::move(key), std::move(value));
    }
    return true;
  }
  template <class... Ts>
  bool get(std::variant<Ts...>& value) {
    std::uint32_t count = 0;
    std::uint64_t index = 0;
    if (!cursor_.array(count)) return false;
    if (count < 2) return cursor_.fail("a choice is missing");
    if (!cursor_.unsigned_integer(index)) return false;
    if (index >= sizeof...(Ts)) return cursor_.fail("a choice is not known");
    return alternative(value, index, std::index_sequence_for<Ts...>{}) && skip(count - 2);
  }
  template <HasFields T>
  bool get(T& value) {
    std::uint32_t count = 0;
    if (!cursor_.array(count)) return false;
    return std::apply(
        [&](auto&... field) {
          std::uint32_t taken = 0;
          const bool read = ((taken == count || (++taken, get(field))) && ...);
          return read && skip(count - taken);
        },
        value.fields());
  }

  bool skip(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!cursor_.skip()) return false;
    }
    return true;
  }

 private:
  template <std::size_t Size>
  bool exact(std::array<std::uint8_t, Size>& bytes) {
    std::string_view read;
    if (!cursor_.text(read)) return false;
    if (read.size() != Size) return cursor_.fail("a key or hash has the wrong size");
    std::copy(read.begin(), read.end(), bytes.begin());
    return true;
  }
  template <class T>
  bool inner(std::string_view bytes, T& value) {
    auto bounds = cursor_.bounds();
    Decoder decoder(bytes, bounds);
    if (!decoder.get(value) || !decoder.cursor().finish()) return cursor_.fail("a signed value before it is malformed");
    return cursor_.charge(bounds.decoded_bytes_max - decoder.cursor().budget());
  }
  template <class... Ts, std::size_t... Is>
  bool alternative(std::variant<Ts...>& value, std::size_t index, std::index_sequence<Is...>) {
    bool read = false;
    (void)((index == Is && (read = get(value.template emplace<Is>()), true)) || ...);
    return read;
  }

  Cursor cursor_;
};

// A whole value from `bytes`, and nothing after it.
template <class T>
Result<T> decode_value(std::string_view bytes, const Bounds& bounds, std::string_view what) {
  T value;
  Decoder decoder(bytes, bounds);
  if (!decoder.get(value) || !decoder.cursor().finish()) return decoder.cursor().error(what);
  return value;
}

}  // namespace hansa::wire
