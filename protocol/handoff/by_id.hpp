// ById: an ordered map of values that know their own id.
//
// Problem: std::map keeps the id a second time beside every value, which for 100,000 jobs are megabytes. Idea: a set
// ordered by the id within the value, that reads like a map: `first` and `second` of what an iterator points to are
// references into the value. Invariant: a value's id never changes while it is here.
//
// `Traits` says `Id` and `static Id& id(Value&)`. References stay good until their own value is erased.
#pragma once

#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

namespace hansa {

template <class Value, class Traits>
class ById {
 public:
  using Id = typename Traits::Id;

 private:
  static const Id& id_of(const Value& value) { return Traits::id(const_cast<Value&>(value)); }
  struct Less {
    using is_transparent = void;
    bool operator()(const Value& a, const Value& b) const { return id_of(a) < id_of(b); }
    bool operator()(const Value& a, const Id& b) const { return id_of(a) < b; }
    bool operator()(const Id& a, const Value& b) const { return a < id_of(b); }
  };
  using Set = std::set<Value, Less>;

  template <class Seen>  // Value or const Value
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    struct value_type {
      const Id& first;
      Seen& second;
      const value_type* operator->() const { return this; }
    };
    using pointer = value_type;
    using reference = value_type;

    Iterator() = default;
    explicit Iterator(typename Set::const_iterator at) : at_(at) {}
    // A set's elements are const for the sake of their order alone, and the id is handed out as const.
    value_type operator*() const { return {id_of(*at_), const_cast<Value&>(*at_)}; }
    value_type operator->() const { return **this; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator&) const = default;

   private:
    typename Set::const_iterator at_;
  };

 public:
  using iterator = Iterator<Value>;
  using const_iterator = Iterator<const Value>;

  iterator begin() { return iterator(values_.begin()); }
  iterator end() { return iterator(values_.end()); }
  const_iterator begin() const { return const_iterator(values_.begin()); }
  const_iterator end() const { return const_iterator(values_.end()); }

  iterator find(const Id& id) { return iterator(values_.find(id)); }
  const_iterator find(const Id& id) const { return const_iterator(values_.find(id)); }
  iterator lower_bound(const Id& id) { return iterator(values_.lower_bound(id)); }
  const_iterator lower_bound(const Id& id) const { return const_iterator(values_.lower_bound(id)); }
  iterator upper_bound(const Id& id) { return iterator(values_.upper_bound(id)); }
  const_iterator upper_bound(const Id& id) const { return const_iterator(values_.upper_bound(id)); }
  bool contains(const Id& id) const { return values_.contains(id); }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  const Value& at(const Id& id) const { return find(id)->second; }  // of one that is here

  // The value of this id; a fresh one when there was none.
  Value& operator[](const Id& id) {
    if (const auto found = find(id); found != end()) return found->second;
    Value value{};
    Traits::id(value) = id;
    return put_last(std::move(value));
  }
  // Quick for one whose id comes after all others.
  Value& put_last(Value value) { return const_cast<Value&>(*values_.insert(values_.end(), std::move(value))); }
  void erase(const Id& id) {
    if (const auto found = values_.find(id); found != values_.end()) values_.erase(found);
  }
  void clear() { values_.clear(); }

  bool operator==(const ById& other) const { return values_ == other.values_; }

 private:
  Set values_;
};

}  // namespace hansa
