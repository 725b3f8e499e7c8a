#include "src/planner/profile.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace hansa {
namespace {

Parts part(std::uint64_t need, std::uint64_t total) {
  return total == 0 ? 0 : static_cast<Parts>(static_cast<double>(need) * parts_of_node / static_cast<double>(total));
}

// Up to the next of 32 marks in each power of two of the distance.
Instant rounded_up(Instant at, Instant now) {
  const auto distance = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (at - now).count()));
  const auto bits = std::bit_width(distance);
  if (bits <= 5) return at;
  const auto grain = std::uint64_t{1} << (bits - 5);
  return now + Duration{static_cast<std::int64_t>((distance + grain - 1) / grain * grain)};
}

Instant later(Instant start, Duration length) {
  return length >= end_of_time - start ? end_of_time : start + length;
}

}  // namespace

Parts parts_taken(const Pool& pool, const NodeResources& share, std::size_t count) {
  const auto& node = pool.per_node;
  const auto largest = std::max({part(share.accelerators, node.accelerators), part(share.cores, node.cores),
                                 part(share.memory_mib, node.memory_mib)});
  return largest * static_cast<Parts>(count);
}

Profile::Profile(const PoolLedger& ledger, Instant now, std::size_t ends_max) {
  const bool coarse = ledger.commitments().size() > ends_max;
  auto free = static_cast<Parts>(ledger.node_count()) * parts_of_node;
  std::map<Instant, Parts> released;
  for (const auto& [id, commitment] : ledger.commitments()) {
    const auto& allocation = commitment.allocation;
    const auto parts = parts_taken(ledger.pool(), allocation.per_node, allocation.nodes.size());
    const auto end = std::max(commitment.end, now);
    released[coarse ? rounded_up(end, now) : end] += parts;
    free -= parts;
  }
  steps_.push_back({now, free});
  for (const auto& [at, parts] : released) {
    free += parts;
    if (at == steps_.back().at) {
      steps_.back().free = free;
    } else {
      steps_.push_back({at, free});
    }
  }
}

Instant Profile::earliest(Parts parts, Duration length, Instant from) const {
  auto start = std::max(from, steps_.front().at);
  const auto next =
      std::upper_bound(steps_.begin(), steps_.end(), start, [](Instant at, const Step& s) { return at < s.at; });
  for (auto step = next - 1; step != steps_.end(); ++step) {
    if (step->at >= later(start, length) && step->at > start) return start;
    if (step->free >= parts) continue;
    if (step + 1 == steps_.end()) return end_of_time;
    start = (step + 1)->at;
  }
  return start;
}

// The index of the step that begins at `at`, made if there is none.
std::size_t Profile::cut(Instant at) {
  const auto next =
      std::lower_bound(steps_.begin(), steps_.end(), at, [](const Step& s, Instant t) { return s.at < t; });
  const auto index = static_cast<std::size_t>(next - steps_.begin());
  if (next != steps_.end() && next->at == at) return index;
  steps_.insert(next, {at, index == 0 ? steps_.front().free : steps_[index - 1].free});
  return index;
}

void Profile::reserve(Parts parts, Instant start, Duration length) {
  if (start >= end_of_time || length <= Duration{0}) return;
  const auto first = cut(start);
  const auto last = cut(later(start, length));
  for (auto i = first; i < last; ++i) steps_[i].free -= parts;
}

}  // namespace hansa
