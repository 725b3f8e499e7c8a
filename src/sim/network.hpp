// Network: frames between simulated sites, with all that can happen to them.
//
// Each message takes a time of its own, so they overtake each other; it may be lost, come twice, or come very late. A
// pair of sites may be cut off from each other (connections go down, and come up again when it heals), or deaf or slow
// in one direction with the connection up. The handoff must not depend on any of this going well.
//
// One thing the transport does promise (contract W7): nothing of an earlier connection is heard after something of a
// later one. Each connection begins with a Hello, so that of two the later one said is heard last, or alone. All else
// may come as late here as it likes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "hansa/types/ids.hpp"
#include "hansa/types/rng.hpp"
#include "protocol/wire/messages.hpp"
#include "src/sim/coverage.hpp"
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

// One direction between two sites, on top of the faults of all.
struct Way {
  Duration delay{0};
  double loss = 0;
};

// What becomes of one message, when somebody decides that for each.
enum class Fate : std::uint8_t { usual, lost, twice, late };

class Network {
 public:
  using Deliver = std::function<void(const SiteName& to, const SiteName& from, const Message& message)>;
  using LinkChanged = std::function<void(const SiteName& at, const SiteName& peer, bool up)>;

  using Struck = std::function<void(Fault fault, const SiteName& from, const SiteName& to, const Message& message)>;

  Network(Timeline& timeline, EventLog& log, Rng rng, Deliver deliver, LinkChanged link_changed, Struck struck);

  using Decide = std::function<Fate(const SiteName& from, const SiteName& to, const Message& message)>;

  void set_faults(const NetworkFaults& faults) { faults_ = faults; }
  // Instead of chance.
  void set_fate(Decide decide) { decide_ = std::move(decide); }

  void send(const SiteName& from, const SiteName& to, Message message);

  // Both ways, and the connection goes down. Idempotent.
  void cut(const SiteName& a, const SiteName& b);
  // One way, and nobody's connection notices.
  void deafen(const SiteName& from, const SiteName& to) { deaf_.insert({from, to}); }
  void set_way(const SiteName& from, const SiteName& to, const Way& way) { ways_[{from, to}] = way; }
  void heal(const SiteName& a, const SiteName& b);
  void heal_all();
  // All that is under way now.
  void lose_all() { ++losses_; }
  // Whether bulk data gets through: it needs both directions.
  bool reachable(const SiteName& a, const SiteName& b) const {
    return !is_cut(a, b) && !deaf_.contains({a, b}) && !deaf_.contains({b, a});
  }
  // Whether there is a connection, as far as anybody noticed.
  bool connected(const SiteName& a, const SiteName& b) const { return !is_cut(a, b); }

 private:
  using Pair = std::pair<SiteName, SiteName>;
  static Pair pair_of(const SiteName& a, const SiteName& b) { return a < b ? Pair{a, b} : Pair{b, a}; }
  bool is_cut(const SiteName& a, const SiteName& b) const { return cut_.contains(pair_of(a, b)); }
  Duration travel_time();
  Fate draw_fate(const SiteName& from, const SiteName& to, const Message& message, double loss);
  Way way(const SiteName& from, const SiteName& to) const;
  // A Hello's place among those said that way; none for other messages.
  using Term = std::optional<std::uint64_t>;
  bool is_past(const SiteName& from, const SiteName& to, Term term);
  void carry(const SiteName& from, const SiteName& to, const Message& message, Term term, Duration time);
  void tell_link(const SiteName& a, const SiteName& b, bool up);

  Timeline& timeline_;
  EventLog& log_;
  Rng rng_;
  Deliver deliver_;
  LinkChanged link_changed_;
  Struck struck_;
  NetworkFaults faults_;
  std::set<Pair> cut_;
  std::set<Pair> deaf_;
  std::map<Pair, Way> ways_;
  Decide decide_;
  std::uint64_t losses_ = 0;
  std::uint64_t hellos_said_ = 0;
  std::map<Pair, std::uint64_t> hellos_heard_;  // the latest, each way
};

}  // namespace hansa::sim
