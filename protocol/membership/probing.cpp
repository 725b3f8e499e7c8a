#include "protocol/membership/probing.hpp"

namespace hansa {

std::optional<SiteName> ProbeRound::next(const View& view, Rng& rng) {
  for (int round = 0; round < 2; ++round) {
    while (next_ < order_.size()) {
      const auto& site = order_[next_++];
      const auto* member = view.find(site);
      if (member && member->reachable()) return site;
    }
    shuffle(view, rng);
  }
  return std::nullopt;
}

void ProbeRound::insert(const SiteName& site, Rng& rng) {
  const auto place = next_ + rng.below(order_.size() - next_ + 1);
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place), site);
}

void ProbeRound::shuffle(const View& view, Rng& rng) {
  order_ = view.names();
  next_ = 0;
  for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[rng.below(i)]);
}

bool Relays::add(std::uint64_t sequence, Relay relay) {
  if (relays_.size() >= count_max_) return false;
  const auto same_asker = [&](const auto& entry) { return entry.second.asker == relay.asker; };
  if (std::count_if(relays_.begin(), relays_.end(), same_asker) >= std::ptrdiff_t{per_asker_max}) return false;
  return relays_.emplace(sequence, std::move(relay)).second;
}

std::optional<Relay> Relays::answered(std::uint64_t sequence, const SiteName& from) {
  const auto found = relays_.find(sequence);
  if (found == relays_.end() || found->second.target != from) return std::nullopt;
  auto relay = std::move(found->second);
  relays_.erase(found);
  return relay;
}

std::vector<Relay> Relays::silent(Instant now) {
  std::vector<Relay> silent;
  for (auto& [sequence, relay] : relays_) {
    if (!relay.nacked && now >= relay.nack_at) {
      relay.nacked = true;
      silent.push_back(relay);
    }
  }
  std::erase_if(relays_, [&](const auto& entry) { return now >= entry.second.ends_at; });
  return silent;
}

std::optional<Instant> Relays::deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [sequence, relay] : relays_) {
    if (!earliest || relay.deadline() < *earliest) earliest = relay.deadline();
  }
  return earliest;
}

void Relays::postpone(Duration by) {
  for (auto& [sequence, relay] : relays_) {
    relay.nack_at += by;
    relay.ends_at += by;
  }
}

}  // namespace hansa
