#include "src/sim/network.hpp"

#include <algorithm>

#include "src/sim/words.hpp"

namespace hansa::sim {

Network::Network(Timeline& timeline, EventLog& log, Rng rng, Deliver deliver, LinkChanged link_changed, Struck struck)
    : timeline_(timeline),
      log_(log),
      rng_(rng),
      deliver_(std::move(deliver)),
      link_changed_(std::move(link_changed)),
      struck_(std::move(struck)) {}

Way Network::way(const SiteName& from, const SiteName& to) const {
  const auto found = ways_.find({from, to});
  return found == ways_.end() ? Way{} : found->second;
}

Duration Network::travel_time() {
  const auto part_of = [&](Duration whole) {
    return Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>(whole.count()) + 1)));
  };
  auto time = faults_.latency_min + part_of(faults_.latency_spread);
  if (rng_.unit() < faults_.straggling) time += part_of(faults_.straggling_max);
  return time;
}

Fate Network::draw_fate(const SiteName& from, const SiteName& to, const Message& message, double loss) {
  if (decide_) return decide_(from, to, message);
  const bool lost = rng_.unit() < loss;
  const bool twice = rng_.unit() < faults_.repetition;
  if (lost) return Fate::lost;
  return twice ? Fate::twice : Fate::usual;
}

void Network::send(const SiteName& from, const SiteName& to, Message message) {
  const auto slow = way(from, to);
  const auto fate = draw_fate(from, to, message, faults_.loss + slow.loss);
  auto first = travel_time() + slow.delay;
  const auto second = travel_time() + slow.delay;
  if (fate == Fate::late) first += faults_.straggling_max;
  if (fate == Fate::lost || is_cut(from, to) || deaf_.contains({from, to})) {
    struck_(Fault::lost, from, to, message);
    if (!is_about_members(message)) log_.line(from.value + " -> " + to.value + " lost: " + brief(message));
    return;
  }
  if (fate == Fate::twice) struck_(Fault::repeated, from, to, message);
  if (first > faults_.latency_min + faults_.latency_spread) struck_(Fault::late, from, to, message);
  const auto term = std::holds_alternative<Hello>(message) ? Term(++hellos_said_) : std::nullopt;
  if (fate == Fate::twice) carry(from, to, message, term, second);
  carry(from, to, message, term, first);
}

bool Network::is_past(const SiteName& from, const SiteName& to, Term term) {
  if (!term) return false;
  auto& latest = hellos_heard_[{from, to}];
  latest = std::max(latest, *term);
  return *term < latest;
}

void Network::carry(const SiteName& from, const SiteName& to, const Message& message, Term term, Duration time) {
  timeline_.after(time, [this, from, to, message, term, losses = losses_] {
    if (is_cut(from, to) || losses != losses_ || is_past(from, to, term)) {
      return struck_(Fault::lost, from, to, message);
    }
    deliver_(to, from, message);
  });
}

void Network::cut(const SiteName& a, const SiteName& b) {
  if (!cut_.insert(pair_of(a, b)).second) return;
  log_.line("cut: " + a.value + " | " + b.value);
  tell_link(a, b, false);
}

void Network::heal(const SiteName& a, const SiteName& b) {
  deaf_.erase({a, b});
  deaf_.erase({b, a});
  if (cut_.erase(pair_of(a, b)) == 0) return;
  log_.line("healed: " + a.value + " - " + b.value);
  tell_link(a, b, true);
}

void Network::heal_all() {
  deaf_.clear();
  ways_.clear();
  while (!cut_.empty()) {
    const auto [a, b] = *cut_.begin();
    heal(a, b);
  }
}

// Each end notices in its own time, and only if it is still so.
void Network::tell_link(const SiteName& a, const SiteName& b, bool up) {
  for (const auto& [at, peer] : {std::pair{a, b}, std::pair{b, a}}) {
    timeline_.after(travel_time() * 10, [this, at = at, peer = peer, up] {
      if (is_cut(at, peer) != up) link_changed_(at, peer, up);
    });
  }
}

}  // namespace hansa::sim
