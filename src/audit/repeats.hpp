// Repeats: the same decision again and again is one line with a count.
//
// The first is told at once; what repeats within the minute is counted and told at its end. What is remembered is
// bounded: past that all counts are told early.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "hansa/audit.hpp"
#include "hansa/types/time.hpp"

namespace hansa::audit {

class Repeats {
 public:
  explicit Repeats(std::size_t remembered_max = 4'096) : remembered_max_(remembered_max) {}

  // Whether this one is to be told now; else it is counted.
  bool is_new(const AuditNote& note);
  bool is_full() const { return counts_.size() >= remembered_max_; }

  struct Counted {
    AuditNote note;
    std::uint64_t count = 0;
  };
  // What repeated since the last call; and everything is new again.
  std::vector<Counted> take();

 private:
  using Key = std::tuple<std::string, std::string, std::string, bool, std::string>;
  std::size_t remembered_max_;
  std::map<Key, Counted> counts_;
};

}  // namespace hansa::audit
