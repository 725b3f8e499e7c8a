// One list of a struct's fields, read by everything that walks it: codec, journal, equality, hash, golden tests.
//
// A value type says `HANSA_FIELDS(a, b, c)` once. The order is the order on the wire and in the journal, so fields
// are appended, never moved: a reader fills what is missing with defaults and skips what it does not know.
#pragma once

#include <concepts>
#include <memory>
#include <tuple>
#include <utility>

#define HANSA_FIELDS(...)         \
  auto fields() {                 \
    return std::tie(__VA_ARGS__); \
  }                               \
  auto fields() const {           \
    return std::tie(__VA_ARGS__); \
  }

#define HANSA_FIELDS_NONE       \
  std::tuple<> fields() const { \
    return {};                  \
  }

namespace hansa {

template <class T>
concept HasFields = requires(const T& value) {
  value.fields();
};

// An immutable value held by many: a job's request sits in the origin's record, in a call for bids and in an award
// at once, and only one copy of it exists. All default values are one object, so that what most of 100,000 records do
// not have costs each of them a pointer. Compares by value; never null.
template <class T>
class Shared {
 public:
  Shared() : value_(empty()) {}
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  bool same_object(const Shared& other) const { return value_ == other.value_; }
  // A copy that only this one holds, to be changed.
  T& edit() {
    auto own = std::make_shared<T>(*value_);
    value_ = own;
    return *own;
  }

  friend bool operator==(const Shared& a, const Shared& b) { return a.value_ == b.value_ || *a.value_ == *b.value_; }

 private:
  static const std::shared_ptr<const T>& empty() {
    static const auto value = std::make_shared<const T>();
    return value;
  }
  std::shared_ptr<const T> value_;
};

// A value that most records do not have, or have as T{}: a pointer until somebody sets it. Copies and compares by
// value.
template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(T value) : value_(value == T{} ? nullptr : std::make_unique<T>(std::move(value))) {}
  template <class U>
  requires std::convertible_to<U, T> Rare(U&& value) : Rare(T(std::forward<U>(value))) {}
  Rare(const Rare& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }

  const T& operator*() const { return value_ ? *value_ : empty(); }
  const T* operator->() const { return &**this; }
  T* if_set() { return value_.get(); }
  T& edit() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }

  friend bool operator==(const Rare& a, const Rare& b) { return *a == *b; }

 private:
  static const T& empty() {
    static const T value{};
    return value;
  }
  std::unique_ptr<T> value_;
};

}  // namespace hansa
