// A hash of a value by its fields, so that equal requests find each other. Not for secrets; never leaves the process.
#pragma once

#include <bit>
#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "hansa/types/fields.hpp"
#include "hansa/types/ids.hpp"

namespace hansa {

class FieldHash {
 public:
  std::uint64_t value() const { return state_; }

  void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15u;
    state_ ^= state_ >> 32;
  }
  void add(const std::string& text) {
    add(std::uint64_t{text.size()});
    for (const unsigned char c : text) state_ = (state_ ^ c) * 0x100000001b3u;
  }
  void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) void add(T number) { add(static_cast<std::uint64_t>(number)); }
  void add(std::chrono::microseconds duration) { add(static_cast<std::uint64_t>(duration.count())); }
  void add(const SiteName& site) { add(site.value); }
  template <class Tag>
  void add(const Key128<Tag>& key) {
    for (const auto byte : key.bytes) add(std::uint64_t{byte});
  }
  template <class T>
  void add(const std::vector<T>& list) {
    add(std::uint64_t{list.size()});
    for (const auto& item : list) add(item);
  }
  template <HasFields T>
  void add(const T& value) {
    std::apply([this](const auto&... field) { (this->add(field), ...); }, value.fields());
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace hansa
