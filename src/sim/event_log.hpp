// EventLog: what happened in a simulated run, as lines for people and as one number for machines.
//
// The number is a hash of all lines: a seed that is run twice must end in the same one. Lines are kept only for a
// trace; a failure shows the last of them in any case.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>
#include <string_view>

#include "src/sim/timeline.hpp"

namespace hansa::sim {

class EventLog {
 public:
  EventLog(const Timeline& timeline, bool trace) : timeline_(timeline), trace_(trace) {}

  void line(std::string_view text) {
    const auto at = timeline_.now().time_since_epoch().count();
    mix(std::string_view(reinterpret_cast<const char*>(&at), sizeof at));
    mix(text);
    ++lines_;
    if (trace_) std::printf("%12.6f  %.*s\n", hansa::seconds(Duration(at)), static_cast<int>(text.size()), text.data());
  }

  std::uint64_t hash() const { return hash_; }
  std::uint64_t lines() const { return lines_; }

 private:
  // FNV-1a.
  void mix(std::string_view bytes) {
    for (const char c : bytes) hash_ = (hash_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  }

  const Timeline& timeline_;
  bool trace_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t lines_ = 0;
};

}  // namespace hansa::sim
