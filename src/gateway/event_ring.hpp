// The last events, kept for whoever watches: a stream that broke goes on where it was, and one whose reader is slow
// takes from here when it can.
//
// Problem: a queue for each reader either grows without bound or loses events in silence.
// Idea: there is one bounded ring, and each reader is a place in it. Who falls behind the ring's beginning, while
// connected or between two connections, is told how many events it lost.
//
// An id is "LIFE.NUMBER": numbers count from 1 in each life of the daemon, so that an id of an earlier life is known
// for what it is: nobody knows how many events came in between.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "hansa/api.hpp"

namespace hansa::gateway {

// Where a reader is: it has seen everything up to `number`.
struct EventPlace {
  std::uint64_t number = 0;
  bool of_another_life = false;  // and that `number` means nothing here
};

class EventRing {
 public:
  // `life` must differ from that of the daemon's earlier lives.
  EventRing(std::size_t events_max, std::uint32_t life);

  // From any thread.
  void add(const FederationEvent& event);

  // Of a reader that wants what happens from now on.
  EventPlace end() const;
  // Of one that comes back with the last id it saw, or with "0" for all that is kept. Nothing when it is no id.
  std::optional<EventPlace> place_of(std::string_view id) const;

  struct Piece {
    std::string text;  // as the stream has it; empty: there is nothing new
    std::uint64_t lost = 0;
    EventPlace next;
  };
  // What follows a place: at least one event, if there is any, and about `bytes_max` at most.
  Piece after(const EventPlace& place, std::size_t bytes_max) const;

 private:
  std::string id_of(std::uint64_t number) const;
  std::string lost_text(const EventPlace& place, std::uint64_t through) const;

  const std::size_t events_max_;
  const std::string life_;
  mutable std::mutex mutex_;
  struct Kept {
    FederationEvent event;
    std::string text;  // as the stream has it, once somebody wanted it
  };
  const std::string& text_of(Kept& kept, std::uint64_t number) const;
  mutable std::deque<Kept> events_;  // the last of them is number last_
  std::uint64_t last_ = 0;
};

}  // namespace hansa::gateway
