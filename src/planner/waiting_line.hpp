// WaitingLine: who waits, in which order, by kind of request.
//
// The idea: thousands of equal tasks ask the same question, so they are kept as one group, and only the first of each
// group stands in the line of each pool that could hold it. A scan over the line costs one step a group, however many
// wait in it. Ready runs and those that still stage or wait for their confirmation stand in two lines.
//
// Order: the time from which a run counts as waiting, then arrival. A place never changes while a run waits unless it
// is put with another time. Every operation is O(log n); an entry takes about 130 bytes.
#pragma once

#include <absl/container/btree_set.h>

#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/resources.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// A pool that could hold the request. `units` are those that it makes useless for others like it: a request of 5 of a
// node's 8 accelerators takes 8.
struct Choice {
  std::uint32_t pool = 0;
  Shape shape;
  std::uint64_t units = 0;

  auto operator<=>(const Choice&) const = default;
};

// What makes requests equal for the queue: the pools that could hold them, most preferred first, and the time limit.
struct GroupKey {
  std::vector<Choice> choices;
  Duration limit{0};

  auto operator<=>(const GroupKey&) const = default;
};

GroupKey group_of(const std::vector<Pool>& pools, const ResourceRequest& request);

struct Place {
  Instant order;
  std::uint64_t arrival = 0;

  static Place before_all() { return {Instant::min(), 0}; }
  auto operator<=>(const Place&) const = default;
};

struct Group;

struct Waiting {
  Group* group = nullptr;
  Place place;
  bool ready = false;
  bool has_hold = false;  // units are held for it: it needs no place in the timetable
};

using WaitingRun = std::pair<const RunKey, Waiting>;

struct Queued {
  Place place;
  const WaitingRun* run = nullptr;

  auto operator<=>(const Queued& other) const { return place <=> other.place; }
  bool operator==(const Queued& other) const { return place == other.place; }
};

struct Group {
  using Line = absl::btree_set<Queued>;  // a B-tree takes half of what a node for each entry takes

  const GroupKey* key = nullptr;
  Line ready;
  Line unready;

  Line& line(bool is_ready) { return is_ready ? ready : unready; }
};

// The first of a group, as it stands in the line of a pool.
struct Front {
  Place place;
  Group* group = nullptr;

  auto operator<=>(const Front& other) const { return place <=> other.place; }
  bool operator==(const Front& other) const { return place == other.place; }
};

class WaitingLine {
 public:
  explicit WaitingLine(std::size_t pool_count) : pools_(pool_count) {}
  WaitingLine(const WaitingLine& other);
  WaitingLine& operator=(const WaitingLine&) = delete;

  // A run that waits already moves to its new place or group; it keeps its arrival.
  void put(const RunKey& run, const GroupKey& key, Instant order, bool ready);
  void erase(const RunKey& run);
  const Waiting* find(const RunKey& run) const;
  void set_hold(const RunKey& run, bool has_hold);

  const std::set<Front>& fronts(std::size_t pool, bool ready) const {
    return ready ? pools_[pool].ready : pools_[pool].unready;
  }
  std::size_t size() const { return runs_.size(); }
  std::uint64_t arrivals() const { return arrivals_; }
  // What waits for this pool before all others, in units × seconds of time limit.
  std::uint64_t queued_unit_seconds(std::size_t pool) const { return pools_[pool].unit_seconds; }

 private:
  struct Hash {
    std::size_t operator()(const RunKey& run) const noexcept;
  };
  struct PoolLine {
    std::set<Front> ready;
    std::set<Front> unready;
    std::uint64_t unit_seconds = 0;
  };
  void insert(const RunKey& run, const GroupKey& key, const Waiting& waiting);
  // Runs `change` on a group's line and lets its front stand where it then belongs.
  template <class Change>
  void change_line(Group& group, bool ready, Change change);

  std::unordered_map<RunKey, Waiting, Hash> runs_;  // looked up only, never walked in its own order
  std::map<GroupKey, Group> groups_;
  std::vector<PoolLine> pools_;
  std::uint64_t arrivals_ = 0;
};

std::uint64_t unit_seconds_of(const GroupKey& key);

}  // namespace hansa
