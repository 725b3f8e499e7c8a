// Random lives of a queue, watched by a bookkeeper that knows nothing of how the planner works.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "src/planner/easy_planner.hpp"
#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

enum class Act { put_ready, put_unready, make_ready, finish, cancel, hold, release, becomes, pass_time };

struct Event {
  Act act = Act::put_ready;
  Ask wanted;
  std::uint32_t pick = 0;
};

void showValue(const Event& event, std::ostream& os) {
  os << static_cast<int>(event.act) << "(" << event.wanted.nodes << "x" << event.wanted.gpus << "g"
     << event.wanted.cores << "c " << event.wanted.limit.count() / 1'000'000 << "s " << event.wanted.models.size()
     << " pick " << event.pick << ")";
}

rc::Gen<Event> event_of(std::vector<std::vector<std::string>> model_lists) {
  return rc::gen::apply(
      [](int act, std::uint32_t nodes, std::uint32_t gpus, std::uint32_t cores, int limit,
         std::vector<std::string> models, std::uint32_t pick) {
        return Event{static_cast<Act>(act),
                     {nodes, models.empty() ? 0 : gpus, cores, seconds(limit * 10), std::move(models)},
                     pick};
      },
      rc::gen::inRange(0, 9), rc::gen::inRange<std::uint32_t>(1, 4), rc::gen::inRange<std::uint32_t>(1, 9),
      rc::gen::inRange<std::uint32_t>(1, 17), rc::gen::inRange(1, 30), rc::gen::elementOf(model_lists),
      rc::gen::inRange<std::uint32_t>(0, 1'000));
}

struct Run {
  QueueEntry entry;
  std::optional<Allocation> allocation;
  Instant started;
};

struct HeldBid {
  Shape shape;
  std::string pool;
  Instant until;
  std::optional<RunKey> run;
};

// Lives through events with a planner; keeps its own books.
class Life {
 public:
  explicit Life(std::vector<Pool> pools) : planner(pools) {}

  void live(const Event& event) {
    switch (event.act) {
      case Act::put_ready:
        return put(event.wanted, true);
      case Act::put_unready:
        return put(event.wanted, false);
      case Act::make_ready:
        return with_waiting(event.pick, [&](Run& run) {
          run.entry.ready = true;
          planner.put(run.entry);
        });
      case Act::finish:
        return with_running(event.pick, [&](Run& run) { end(run.entry.run); });
      case Act::cancel:
        return with_waiting(event.pick, [&](Run& run) { end(run.entry.run); });
      case Act::hold:
        return hold(event.wanted);
      case Act::release:
        return with_hold(event.pick, [&](const BidId& id) {
          planner.release(id);
          holds.erase(id);
        });
      case Act::becomes:
        return with_hold(event.pick, [&](const BidId& id) { become(id); });
      case Act::pass_time:
        return pass_time(event.pick % 60);
    }
  }

  std::vector<StartDecision> start() {
    expire();
    auto starts = planner.starts(now);
    for (const auto& start : starts) {
      auto& run = runs.at(start.run);
      EXPECT_TRUE(run.entry.ready) << "started before it was ready";
      EXPECT_FALSE(run.allocation) << "started twice";
      run.allocation = start.allocation;
      run.started = now;
      std::erase_if(holds, [&](const auto& held) { return held.second.run == start.run; });
    }
    return starts;
  }

  // What is free on each node by these books, holds left out.
  std::vector<NodeResources> free_nodes(const Pool& pool) const {
    std::vector<NodeResources> free(pool.nodes, pool.per_node);
    for (const auto& [key, run] : runs) {
      if (!run.allocation || run.allocation->pool != pool.name) continue;
      for (const auto& share : run.allocation->nodes) free[share.node] -= run.allocation->per_node;
    }
    return free;
  }

  const Run* head() const {
    const Run* first = nullptr;
    for (const auto& [key, run] : runs) {
      if (run.allocation || !run.entry.ready || is_held(key) || !fits_somewhere(run)) continue;
      if (first == nullptr ||
          std::pair(run.entry.queued_at, key) < std::pair(first->entry.queued_at, first->entry.run)) {
        first = &run;
      }
    }
    return first;
  }

  bool is_held(const RunKey& key) const {
    return std::any_of(holds.begin(), holds.end(), [&](const auto& held) { return held.second.run == key; });
  }

  bool fits_somewhere(const Run& run) const {
    return std::any_of(planner.pools().begin(), planner.pools().end(),
                       [&](const Pool& pool) { return shape_in(pool, run.entry.request->resources).has_value(); });
  }

  EasyPlanner planner;
  std::map<RunKey, Run> runs;
  std::map<BidId, HeldBid> holds;
  Instant now = at(0);

 private:
  void put(const Ask& wanted, bool is_ready) {
    now += Duration(1);  // so that places in line differ and follow the runs' numbers
    const QueueEntry entry{run(++last_), ask(wanted), now, is_ready};
    runs[entry.run] = {entry, std::nullopt, {}};
    planner.put(entry);
  }
  void end(RunKey key) {
    planner.remove(key);
    std::erase_if(holds, [&](const auto& held) { return held.second.run == key; });
    runs.erase(key);
  }
  void hold(const Ask& wanted) {
    BidId id;
    id.bytes[0] = static_cast<std::uint8_t>(++last_bid_);
    id.bytes[1] = static_cast<std::uint8_t>(last_bid_ >> 8);
    expire();
    if (const auto held = planner.hold(id, ask(wanted), now, now + seconds(20))) {
      EXPECT_EQ(held->start, now);
      holds[id] = {held->shape, held->pool, now + seconds(20), std::nullopt};
      asked_[id] = wanted;
    }
  }
  void become(const BidId& id) {
    auto& held = holds.at(id);
    if (held.run) return;
    now += Duration(1);
    expire();
    const QueueEntry entry{run(++last_), ask(asked_.at(id)), now, false};
    runs[entry.run] = {entry, std::nullopt, {}};
    planner.hold_becomes(id, entry, now, now + seconds(30));
    if (const auto still = holds.find(id); still != holds.end()) {
      still->second.run = entry.run;
      still->second.until = now + seconds(30);
    }
  }
  // Runs end by their limits, each at its own time, as a backend sees to.
  void pass_time(int by_seconds) {
    for (const auto until = now + seconds(by_seconds); now < until;) {
      now = std::min(until, now + seconds(1));
      std::vector<RunKey> over;
      for (const auto& [key, run] : runs) {
        if (run.allocation && run.started + run.entry.request->resources.time_limit <= now) over.push_back(key);
      }
      for (const auto& key : over) end(key);
      if (!over.empty()) start();
    }
    expire();
  }
  void expire() {
    std::erase_if(holds, [&](const auto& held) { return held.second.until <= now; });
  }
  template <class Use>
  void with_waiting(std::uint32_t pick, Use use) {
    with_run(pick, false, use);
  }
  template <class Use>
  void with_running(std::uint32_t pick, Use use) {
    with_run(pick, true, use);
  }
  template <class Use>
  void with_run(std::uint32_t pick, bool running, Use use) {
    std::vector<Run*> some;
    for (auto& [key, run] : runs) {
      if (run.allocation.has_value() == running) some.push_back(&run);
    }
    if (!some.empty()) use(*some[pick % some.size()]);
  }
  template <class Use>
  void with_hold(std::uint32_t pick, Use use) {
    if (holds.empty()) return;
    const auto id = std::next(holds.begin(), static_cast<std::ptrdiff_t>(pick % holds.size()))->first;
    use(id);
  }

  std::uint64_t last_ = 0;
  std::uint32_t last_bid_ = 0;
  std::map<BidId, Ask> asked_;
};

std::vector<Pool> three_pools() {
  return {gpu_pool(3), gpu_pool(2, "h800"), cpu_pool(3, 16)};
}

const std::vector<std::vector<std::string>> some_models{{}, {"a100"}, {"h800"}, {"a100", "h800"}, {"h800", "a100"}};
const std::vector<std::vector<std::string>> one_model{{"a100"}};

void no_node_is_over_committed(const Life& life) {
  std::map<std::pair<std::string, std::uint32_t>, NodeResources> used;
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t>> accelerators;
  for (const auto& [key, run] : life.runs) {
    if (!run.allocation) continue;
    std::set<std::uint32_t> nodes;
    for (const auto& share : run.allocation->nodes) {
      RC_ASSERT(nodes.insert(share.node).second);
      used[{run.allocation->pool, share.node}] += run.allocation->per_node;
      RC_ASSERT(share.accelerators.size() == run.allocation->per_node.accelerators);
      for (const auto index : share.accelerators) {
        RC_ASSERT(accelerators.insert({run.allocation->pool, share.node, index}).second);
      }
    }
  }
  for (const auto& pool : life.planner.pools()) {
    for (const auto& [where, sum] : used) {
      if (where.first != pool.name) continue;
      RC_ASSERT(where.second < pool.nodes);
      RC_ASSERT(pool.per_node.covers(sum));
    }
  }
}

// Free = all, less what runs and what is held. So a hold is neither lost nor kept after its time.
void the_books_agree(Life& life) {
  const auto digests = life.planner.digest(life.now);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    const auto& pool = life.planner.pools()[i];
    auto units = pool.units();
    for (const auto& [key, run] : life.runs) {
      if (!run.allocation || run.allocation->pool != pool.name) continue;
      units -= Shape{static_cast<std::uint32_t>(run.allocation->nodes.size()), run.allocation->per_node}.units(pool);
    }
    for (const auto& [id, held] : life.holds) {
      if (held.pool == pool.name) units -= held.shape.units(pool);
    }
    RC_ASSERT(digests[i].units_free == units);
  }
}

// Nobody stands before the head of the whole line, so nothing but room can keep it.
void the_first_in_line_finds_no_room(const Life& life) {
  const auto* head = life.head();
  if (head == nullptr || !life.holds.empty()) return;
  for (const auto& pool : life.planner.pools()) {
    const auto shape = shape_in(pool, head->entry.request->resources);
    if (!shape) continue;
    const auto free = life.free_nodes(pool);
    const auto fitting =
        std::count_if(free.begin(), free.end(), [&](const auto& node) { return node.covers(shape->per_node); });
    RC_ASSERT(static_cast<std::uint32_t>(fitting) < shape->nodes);
  }
}

// In a single pool: whoever ends before the head's start and finds room has been started.
void no_gap_is_left_that_somebody_could_fill(const Life& life) {
  if (!life.holds.empty() || life.head() == nullptr) return;
  const auto& pool = life.planner.pools().front();
  const auto reserved = life.planner.reserved_start(0);
  RC_ASSERT(reserved.has_value());
  const auto free = life.free_nodes(pool);
  for (const auto& [key, run] : life.runs) {
    if (run.allocation || !run.entry.ready) continue;
    const auto shape = shape_in(pool, run.entry.request->resources);
    if (!shape || life.now + run.entry.request->resources.time_limit > *reserved) continue;
    const auto fitting =
        std::count_if(free.begin(), free.end(), [&](const auto& node) { return node.covers(shape->per_node); });
    RC_ASSERT(static_cast<std::uint32_t>(fitting) < shape->nodes);
  }
}

RC_GTEST_PROP(EasyPlannerProperty, NeverOverCommitsLeaksNoHoldAndKeepsNobodyWaitingWhoFindsRoom, ()) {
  Life life(three_pools());
  for (const auto& event : *rc::gen::container<std::vector<Event>>(event_of(some_models))) {
    life.live(event);
    life.start();
    no_node_is_over_committed(life);
    the_books_agree(life);
    the_first_in_line_finds_no_room(life);
  }
}

RC_GTEST_PROP(EasyPlannerProperty, LeavesNoGapThatCouldBeFilledInTime, ()) {
  Life life({gpu_pool(3)});
  for (const auto& event : *rc::gen::container<std::vector<Event>>(event_of(one_model))) {
    life.live(event);
    life.start();
    no_gap_is_left_that_somebody_could_fill(life);
  }
}

RC_GTEST_PROP(EasyPlannerProperty, TheHeadStartsNoLaterThanItWasFirstPromised, ()) {
  Life life({gpu_pool(3)});
  std::map<RunKey, Instant> promised;
  auto events = *rc::gen::container<std::vector<Event>>(event_of(one_model));
  for (auto event : events) {
    if (event.act == Act::becomes) event.act = Act::hold;           // its longer hold may cost the head that much
    if (event.act == Act::put_unready) event.act = Act::put_ready;  // once ready it would stand before the head
    life.live(event);
    life.start();
    const auto* head = life.head();
    if (head == nullptr) continue;
    const auto reserved = life.planner.reserved_start(0);
    RC_ASSERT(reserved.has_value());
    const auto [first, fresh] = promised.emplace(head->entry.run, *reserved);
    RC_ASSERT(*reserved <= first->second);
    first->second = *reserved;
    RC_ASSERT(life.now <= *reserved);
  }
}

RC_GTEST_PROP(EasyPlannerProperty, TheSameCallsGetTheSameAnswersAlsoFromAClone, ()) {
  Life one(three_pools());
  Life two(three_pools());
  const auto events = *rc::gen::container<std::vector<Event>>(event_of(some_models));
  for (const auto& event : events) {
    one.live(event);
    two.live(event);
    const auto copy = one.planner.clone();
    const auto starts = one.start();
    const auto again = two.start();
    const auto copied = copy->starts(one.now);
    RC_ASSERT(numbers(starts) == numbers(again));
    RC_ASSERT(numbers(starts) == numbers(copied));
    RC_ASSERT(one.planner.digest(one.now) == two.planner.digest(two.now));
    RC_ASSERT(copy->digest(one.now) == one.planner.digest(one.now));
  }
}

RC_GTEST_PROP(EasyPlannerProperty, AnEstimateOfNowIsWhatAHoldGets, ()) {
  Life life(three_pools());
  for (const auto& event : *rc::gen::container<std::vector<Event>>(event_of(some_models))) {
    life.live(event);
    life.start();
    const auto estimate = life.planner.estimate(*ask(event.wanted), life.now);
    const auto copy = life.planner.clone();
    const auto held = copy->hold(bid(255), ask(event.wanted), life.now, life.now);
    RC_ASSERT(held.has_value() == (estimate && estimate->start == life.now));
    if (held) RC_ASSERT(held->pool == estimate->pool && held->shape == estimate->shape);
  }
}

}  // namespace
}  // namespace hansa::planner_test
