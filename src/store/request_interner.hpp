// Equal requests as one object: a hundred thousand jobs of one kind keep one JobRequest between them.
//
// Requests that were shared when they were written come back from the journal one by one, each with strings of its own;
// that would be most of a job's memory. They are compared by value, through a hash of all their fields: a hash of some
// would make a hundred thousand jobs that differ in the others collide.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "hansa/types/fields.hpp"
#include "hansa/types/job.hpp"

namespace hansa {

// Not the market's FieldHash: two classes of one name would be one to the linker, whichever it takes.
class InternHash {
 public:
  template <class T>
  void add(const T& value) {
    if constexpr (HasFields<T>)
      std::apply([this](const auto&... field) { (this->add(field), ...); }, value.fields());
    else if constexpr (std::is_enum_v<T>)
      mix(static_cast<std::uint64_t>(value));
    else if constexpr (std::is_arithmetic_v<T>)
      mix(std::hash<T>{}(value));
    else
      add_other(value);
  }
  std::size_t value() const { return state_; }

 private:
  void add_other(const std::string& text) { mix(std::hash<std::string>{}(text)); }
  void add_other(const Duration& duration) { add(duration.count()); }
  void add_other(const SiteName& site) { add(site.value); }
  template <class Tag>
  void add_other(const Key128<Tag>& key) {
    for (const auto byte : key.bytes) add(byte);
  }
  template <class T>
  void add_other(const std::vector<T>& list) {
    mix(list.size());
    for (const auto& item : list) add(item);
  }
  // splitmix64's finisher over a running sum.
  void mix(std::uint64_t value) {
    state_ += value + 0x9e3779b97f4a7c15u;
    state_ = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9u;
    state_ = (state_ ^ (state_ >> 27)) * 0x94d049bb133111ebu;
    state_ ^= state_ >> 31;
  }
  std::uint64_t state_ = 0;
};

class RequestInterner {
 public:
  // The first of all equal requests that it has seen. It is only looked up: its order is never used.
  const Shared<JobRequest>& operator()(const Shared<JobRequest>& request) { return *known_.insert(request).first; }
  std::size_t distinct() const { return known_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Shared<JobRequest>& request) const {
      InternHash hash;
      hash.add(*request);
      return hash.value();
    }
  };
  std::unordered_set<Shared<JobRequest>, Hash> known_;
};

}  // namespace hansa
