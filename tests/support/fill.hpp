// Fills any value of the protocol, field by field, from a source of numbers: what walks fields() to encode can also
// walk them to make something to encode. A field that is appended to a struct is thereby tested without a word.
//
// CountingSource gives 1, 2, 3, …: values that a reader of a golden vector can follow. SeededSource gives anything that
// the types allow, with a liking for the edges.
#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "hansa/types/fields.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/reflect.hpp"

namespace hansa::test {

class CountingSource {
 public:
  std::uint64_t number() { return ++count_; }
  std::uint64_t below(std::uint64_t n) { return ++count_ % n; }
  std::size_t length() { return 2; }
  std::string text() { return "text-" + std::to_string(++count_); }
  double real() { return static_cast<double>(++count_) + 0.5; }

 private:
  std::uint64_t count_ = 0;
};

class SeededSource {
 public:
  explicit SeededSource(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Every width of an integer as often as any other, and the edges themselves now and then.
  std::uint64_t number() {
    const auto kind = bits() % 70;
    if (kind >= 64) return kind % 2 ? std::numeric_limits<std::uint64_t>::max() : 0;
    return bits() >> kind;
  }
  std::uint64_t below(std::uint64_t n) { return bits() % n; }
  std::size_t length() { return below(4); }
  std::string text() {
    const std::size_t sizes[] = {0, 5, 31, 32, 255, 256, 70'000};
    std::string made(below(50) == 0 ? sizes[6] : sizes[below(6)], '\0');
    for (auto& c : made) c = static_cast<char>(bits());
    return made;
  }
  double real() {
    const auto made = std::bit_cast<double>(bits());
    return std::isfinite(made) ? made : 0;
  }

 private:
  std::uint64_t state_;
};

template <class Source>
class Filler {
 public:
  explicit Filler(Source source) : source_(std::move(source)) {}

  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

  void fill(bool& value) { value = source_.below(2) == 1; }
  void fill(double& value) { value = source_.real(); }
  template <std::integral T>
  void fill(T& value) {
    value = static_cast<T>(source_.number());
  }
  template <class E>
  requires std::is_enum_v<E>
  void fill(E& value) { value = static_cast<E>(source_.below(wire::enumerator_count<E>)); }
  void fill(std::string& value) { value = source_.text(); }
  void fill(SiteName& value) { value.value = "site-" + std::to_string(source_.number()); }
  void fill(Duration& value) {
    const auto size = static_cast<std::int64_t>(source_.number() % static_cast<std::uint64_t>(forever.count() + 1));
    value = Duration(size);
  }
  void fill(Instant& value) {
    Duration since{0};
    fill(since);
    value = Instant(since);
  }
  void fill(WallTime& value) { fill(value.unix_ms); }
  template <class Tag>
  void fill(Key128<Tag>& value) {
    value.bytes.fill(static_cast<std::uint8_t>(source_.number()));
  }
  template <class Tag, std::size_t Size>
  void fill(Blob<Tag, Size>& value) {
    value.bytes.fill(static_cast<std::uint8_t>(source_.number()));
  }
  template <class Tag>
  void fill(Counter<Tag>& value) {
    value.value = source_.number();
  }
  template <class T>
  void fill(Shared<T>& value) {
    value = Shared<T>(make<T>());
  }
  template <class T>
  void fill(Rare<T>& value) {
    value = make<T>();
  }
  template <class T>
  void fill(Signed<T>& value) {
    fill(value.value);
    value.bytes = encode(value.value);
    fill(value.signature);
  }
  template <class T>
  void fill(std::optional<T>& value) {
    if (source_.below(2) == 1) fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.resize(source_.length());
    for (auto& value : values) fill(value);
  }
  template <class K, class V>
  void fill(std::map<K, V>& values) {
    for (auto left = source_.length(); left > 0; --left) {
      auto key = make<K>();
      values[std::move(key)] = make<V>();
    }
  }
  template <class... Ts>
  void fill(std::variant<Ts...>& value) {
    fill_alternative(value, source_.below(sizeof...(Ts)), std::index_sequence_for<Ts...>{});
  }
  template <HasFields T>
  void fill(T& value) {
    std::apply([this](auto&... field) { (this->fill(field), ...); }, value.fields());
  }

 private:
  template <class... Ts, std::size_t... Is>
  void fill_alternative(std::variant<Ts...>& value, std::size_t index, std::index_sequence<Is...>) {
    ((index == Is ? fill(value.template emplace<Is>()) : void()), ...);
  }

  Source source_;
};

template <class T>
T counted() {
  return Filler(CountingSource{}).template make<T>();
}
template <class T>
T seeded(std::uint64_t seed) {
  return Filler(SeededSource{seed}).template make<T>();
}

// One value of every alternative, in declared order.
template <class... Ts>
std::vector<std::variant<Ts...>> one_of_each(std::type_identity<std::variant<Ts...>>) {
  return {std::variant<Ts...>(counted<Ts>())...};
}
inline std::vector<Message> every_message() {
  return one_of_each(std::type_identity<Message>{});
}
inline std::vector<BulkMessage> every_bulk_message() {
  return one_of_each(std::type_identity<BulkMessage>{});
}

}  // namespace hansa::test
