// FlatMap: 64-bit keys to 32-bit values, open addressing. The explorer asks it millions of times a second.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace hansa::model {

class FlatMap {
 public:
  FlatMap() : slots_(1u << 10) {}

  std::optional<std::uint32_t> find(std::uint64_t key) const {
    for (auto i = place(key);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].key == free) return std::nullopt;
      if (slots_[i].key == key) return slots_[i].value;
    }
  }

  // The key must be new.
  void insert(std::uint64_t key, std::uint32_t value) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    put(key, value);
    ++size_;
  }

 private:
  static constexpr std::uint64_t free = ~std::uint64_t{0};
  struct Slot {
    std::uint64_t key = free;
    std::uint32_t value = 0;
  };
  std::vector<Slot> slots_;
  std::size_t size_ = 0;

  std::size_t place(std::uint64_t key) const {
    key *= 0x9e3779b97f4a7c15u;
    return (key ^ (key >> 32)) & (slots_.size() - 1);
  }
  void put(std::uint64_t key, std::uint32_t value) {
    auto i = place(key);
    while (slots_[i].key != free) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = {key, value};
  }
  void grow() {
    auto old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    for (const auto& slot : old) {
      if (slot.key != free) put(slot.key, slot.value);
    }
  }
};

}  // namespace hansa::model
