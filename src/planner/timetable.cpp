#include "src/planner/timetable.hpp"

#include <algorithm>
#include <queue>

#include "src/planner/reservation.hpp"

namespace hansa {
namespace {

// A group's line, from its first on.
struct Strand {
  Group::Line::const_iterator at;
  Group::Line::const_iterator end;
};

struct LaterFirst {
  bool operator()(const Strand& a, const Strand& b) const { return *b.at < *a.at; }
};

// Walks the runs of all lines of all open pools in order. A group enters when the walk reaches its front.
class LineWalk {
 public:
  LineWalk(const WaitingLine& line, std::size_t pool_count) : open(pool_count, 1) {
    for (std::size_t pool = 0; pool < pool_count; ++pool) {
      for (const bool ready : {true, false}) {
        const auto& fronts = line.fronts(pool, ready);
        sources_.push_back({pool, ready, fronts.begin(), fronts.end()});
      }
    }
  }

  std::optional<Queued> next() {
    admit();
    if (strands_.empty()) return std::nullopt;
    auto strand = strands_.top();
    strands_.pop();
    const auto queued = *strand.at;
    if (++strand.at != strand.end && is_open(queued)) strands_.push(strand);
    return queued;
  }

  std::vector<char> open;

 private:
  struct Source {
    std::size_t pool;
    bool ready;
    std::set<Front>::const_iterator at;
    std::set<Front>::const_iterator end;
  };

  bool is_open(const Queued& queued) const {
    const auto& choices = queued.run->second.group->key->choices;
    return std::any_of(choices.begin(), choices.end(), [&](const Choice& choice) { return open[choice.pool] != 0; });
  }

  // Brings in every group whose front comes before all that are in the walk.
  void admit() {
    while (auto* source = earliest_source()) {
      if (!strands_.empty() && strands_.top().at->place < source->at->place) return;
      auto& group = *source->at->group;
      const auto place = source->at->place;
      const bool ready = source->ready;
      const auto& line = group.line(ready);
      strands_.push({line.begin(), line.end()});
      for (auto& other : sources_) {  // the same group stands in the line of each of its pools
        if (other.ready == ready && other.at != other.end && other.at->place == place) ++other.at;
      }
    }
  }

  Source* earliest_source() {
    Source* earliest = nullptr;
    for (auto& source : sources_) {
      if (source.at == source.end || !open[source.pool]) continue;
      if (earliest == nullptr || source.at->place < earliest->at->place) earliest = &source;
    }
    return earliest;
  }

  std::vector<Source> sources_;
  std::priority_queue<Strand, std::vector<Strand>, LaterFirst> strands_;
};

Parts parts_of(const PoolLedger& ledger, const Choice& choice) {
  return static_cast<Parts>(choice.units) * parts_of_node / std::max<Parts>(1, ledger.pool().units_per_node());
}

}  // namespace

Timetable::Timetable(const std::vector<PoolLedger>& ledgers, const WaitingLine& line, const EasyOptions& options,
                     Instant now)
    : built_at_(now) {
  for (const auto& ledger : ledgers) {
    pools_.push_back({.profile = Profile(ledger, now, options.timetable_ends), .last_start = now});
    units_.push_back(std::max<std::uint64_t>(1, ledger.pool().units()));
    steps_ += ledger.commitments().size();
  }
  LineWalk walk(line, ledgers.size());
  while (const auto queued = walk.next()) {
    place(ledgers, *queued, walk.open);
    for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
      walk.open[pool] = pools_[pool].placed < options.timetable_depth;
    }
  }
}

void Timetable::place(const std::vector<PoolLedger>& ledgers, const Queued& queued, const std::vector<char>& open) {
  const auto& key = *queued.run->second.group->key;
  const Choice* best = nullptr;
  auto start = end_of_time;
  for (const auto& choice : key.choices) {
    if (!open[choice.pool]) continue;
    const auto& profile = pools_[choice.pool].profile;
    steps_ += profile.size();
    const auto earliest = profile.earliest(parts_of(ledgers[choice.pool], choice), key.limit, built_at_);
    if (best != nullptr && earliest >= start) continue;
    best = &choice;
    start = earliest;
  }
  if (best == nullptr) return;
  starts_[queued.run->first] = queued.run->second.has_hold ? built_at_ : start;
  auto& table = pools_[best->pool];
  ++table.placed;
  table.last_arrival = queued.place.arrival;
  pools_[key.choices.front().pool].unit_seconds_placed += unit_seconds_of(key);
  if (queued.run->second.has_hold) return;  // its units are taken already
  table.profile.reserve(parts_of(ledgers[best->pool], *best), start, key.limit);
  table.last_start = std::max(table.last_start, start);
}

Duration Timetable::drain_time(std::size_t pool, std::uint64_t unit_seconds) const {
  return std::chrono::microseconds(
      static_cast<std::int64_t>(1e6 * static_cast<double>(unit_seconds) / static_cast<double>(units_[pool])));
}

Instant Timetable::start_of(const WaitingRun& run, const WaitingLine& line) const {
  if (const auto known = starts_.find(run.first); known != starts_.end()) return known->second;
  const auto& choices = run.second.group->key->choices;
  if (choices.empty()) return end_of_time;
  const auto pool = choices.front().pool;
  const auto& table = pools_[pool];
  const auto waiting = line.queued_unit_seconds(pool);
  const auto behind = waiting - std::min(waiting, table.unit_seconds_placed);
  const auto arrivals = static_cast<double>(line.arrivals() - std::min(line.arrivals(), table.last_arrival));
  const auto arrival = run.second.place.arrival;
  const auto after = static_cast<double>(arrival - std::min(arrival, table.last_arrival));
  const double share = arrivals > 0 ? std::min(1.0, after / arrivals) : 1.0;
  return table.last_start + drain_time(pool, static_cast<std::uint64_t>(share * static_cast<double>(behind)));
}

Instant Timetable::start_at_end(const PoolLedger& ledger, const Choice& choice, Duration limit,
                                const WaitingLine& line) const {
  const auto& table = pools_[choice.pool];
  const auto waiting = line.queued_unit_seconds(choice.pool);
  const auto behind = waiting - std::min(waiting, table.unit_seconds_placed);
  const auto from = behind == 0 ? built_at_ : table.last_start + drain_time(choice.pool, behind);
  return std::max(table.profile.earliest(parts_of(ledger, choice), limit, from), when_fits(ledger, choice.shape));
}

}  // namespace hansa
