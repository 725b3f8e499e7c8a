// Network: frames between simulated sites, with all that can happen to them.
//
// Each message takes a time of its own, so they overtake each other; it may be lost, come twice, or come very late. A
// pair of sites may be cut off from each other (connections go down, and come up again when it heals), or deaf in one
// direction with the connection up. The handoff must not depend on any of this going well.
#pragma once

#include <functional>
#include <set>
#include <utility>

#include "hansa/types/ids.hpp"
#include "hansa/types/rng.hpp"
#include "protocol/wire/messages.hpp"
#include "src/sim/event_log.hpp"
#include "src/sim/timeline.hpp"

namespace hansa::sim {

struct NetworkFaults {
  Duration latency_min = std::chrono::milliseconds(1);
  Duration latency_spread = std::chrono::milliseconds(30);
  double loss = 0;
  double repetition = 0;
  double straggling = 0;  // comes up to `straggling_max` late
  Duration straggling_max = std::chrono::seconds(20);
};

class Network {
 public:
  using Deliver = std::function<void(const SiteName& to, const SiteName& from, const Message& message)>;
  using LinkChanged = std::function<void(const SiteName& at, const SiteName& peer, bool up)>;

  Network(Timeline& timeline, EventLog& log, Rng rng, Deliver deliver, LinkChanged link_changed);

  void set_faults(const NetworkFaults& faults) { faults_ = faults; }

  void send(const SiteName& from, const SiteName& to, Message message);

  // Both ways, and the connection goes down. Idempotent.
  void cut(const SiteName& a, const SiteName& b);
  // One way, and nobody's connection notices.
  void deafen(const SiteName& from, const SiteName& to) { deaf_.insert({from, to}); }
  void heal(const SiteName& a, const SiteName& b);
  void heal_all();
  // Whether bulk data gets through.
  bool reachable(const SiteName& a, const SiteName& b) const { return !is_cut(a, b); }

 private:
  using Pair = std::pair<SiteName, SiteName>;
  static Pair pair_of(const SiteName& a, const SiteName& b) { return a < b ? Pair{a, b} : Pair{b, a}; }
  bool is_cut(const SiteName& a, const SiteName& b) const { return cut_.contains(pair_of(a, b)); }
  Duration travel_time();
  void carry(const SiteName& from, const SiteName& to, const Message& message, Duration time);
  void tell_link(const SiteName& a, const SiteName& b, bool up);

  Timeline& timeline_;
  EventLog& log_;
  Rng rng_;
  Deliver deliver_;
  LinkChanged link_changed_;
  NetworkFaults faults_;
  std::set<Pair> cut_;
  std::set<Pair> deaf_;
};

}  // namespace hansa::sim
