// Values to msgpack, straight into one buffer.
//
// Each kind of field has one overload of put(); a struct is the array of its fields(). What the decoder would refuse is
// never written: durations are held within ±forever and numbers that are none (NaN, infinity) become 0, which the
// protocol's doubles all read as 'unknown'.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <map>
#include <msgpack/pack.hpp>
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
#include "protocol/wire/versions.hpp"

namespace hansa::wire {

class Encoder {
 public:
  explicit Encoder(std::size_t expected_bytes, ProtocolVersion version = spoken_versions.newest)
      : version_(version), packer_(sink_) {
    sink_.bytes.reserve(expected_bytes);
  }

  std::string take() && { return std::move(sink_.bytes); }

  void array(std::size_t count) { packer_.pack_array(static_cast<std::uint32_t>(count)); }
  void binary(const void* data, std::size_t size) {
    packer_.pack_bin(static_cast<std::uint32_t>(size));
    packer_.pack_bin_body(static_cast<const char*>(data), static_cast<std::uint32_t>(size));
  }

  template <class T>
  requires std::integral<T> || std::is_enum_v<T>
  void put(T value) {
    if constexpr (std::is_same_v<T, bool>) {
      value ? packer_.pack_true() : packer_.pack_false();
    } else if constexpr (std::is_enum_v<T>) {
      packer_.pack_uint64(static_cast<std::uint64_t>(word_in(version_, value)));
    } else if constexpr (std::is_signed_v<T>) {
      packer_.pack_int64(value);
    } else {
      packer_.pack_uint64(static_cast<std::uint64_t>(value));
    }
  }
  void put(double value) { packer_.pack_double(std::isfinite(value) ? value : 0.0); }
  void put(const std::string& value) {
    packer_.pack_str(static_cast<std::uint32_t>(value.size()));
    packer_.pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
  }
  void put(const SiteName& value) { put(value.value); }
  void put(Duration value) { packer_.pack_int64(std::clamp(value, -forever, forever).count()); }
  void put(Instant value) { put(value.time_since_epoch()); }
  void put(WallTime value) { packer_.pack_int64(value.unix_ms); }
  void put(const Shared<std::string>& value) { binary(value->data(), value->size()); }

  template <class Tag>
  void put(const Key128<Tag>& value) {
    binary(value.bytes.data(), value.bytes.size());
  }
  template <class Tag, std::size_t Size>
  void put(const Blob<Tag, Size>& value) {
    binary(value.bytes.data(), value.bytes.size());
  }
  template <class Tag>
  void put(Counter<Tag> value) {
    packer_.pack_uint64(value.value);
  }
  template <class T>
  void put(const Shared<T>& value) {
    put(*value);
  }
  template <class T>
  void put(const Rare<T>& value) {
    put(*value);
  }
  template <class T>
  void put(const Signed<T>& value) {
    array(2);
    binary(value.bytes.data(), value.bytes.size());
    put(value.signature);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value) {
      put(*value);
    } else {
      packer_.pack_nil();
    }
  }
  template <class T>
  void put(const std::vector<T>& values) {
    array(values.size());
    for (const auto& value : values) put(value);
  }
  template <class K, class V>
  void put(const std::map<K, V>& values) {
    packer_.pack_map(static_cast<std::uint32_t>(values.size()));
    for (const auto& [key, value] : values) {
      put(key);
      put(value);
    }
  }
  template <class... Ts>
  void put(const std::variant<Ts...>& value) {
    array(2);
    packer_.pack_uint64(value.index());
    std::visit([this](const auto& alternative) { this->put(alternative); }, value);
  }
  template <HasFields T>
  void put(const T& value) {
    std::apply(
        [this](const auto&... field) {
          const auto count = fields_in<T>(version_, sizeof...(field));
          std::size_t said = 0;
          array(count);
          ((said++ < count ? put(field) : void()), ...);
        },
        value.fields());
  }

 private:
  struct Sink {
    std::string bytes;
    void write(const char* data, std::size_t size) { bytes.append(data, size); }
  };
  ProtocolVersion version_;
  Sink sink_;
  msgpack::packer<Sink> packer_;
};

}  // namespace hansa::wire
