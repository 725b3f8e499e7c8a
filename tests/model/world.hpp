// World: the small world as a graph. States, and what leads from one to the next.
//
// A site has far fewer states than the world: each is kept once and known by a number, with all that it can do alone
// computed once; so is what becomes of it when it hears a message. The network is a set that forgets nothing by itself:
// every message may come late, again, or never; `loss` empties it, without which it would hide a missing repetition.
// A state of the world is then five numbers, and a step costs a look into a table instead of a run of the machines.
// Equality is exact: numbers stand for whole canonical states, never for hashes of them.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/model/canon.hpp"
#include "tests/model/deeds.hpp"
#include "tests/model/flat_map.hpp"

namespace hansa::model {

struct State {
  std::array<std::uint32_t, sites_max> site{};
  std::uint32_t net = 0;
  std::uint64_t spent = 0;  // how often each fault struck, three bits each; the steps of time above them

  bool operator==(const State&) const = default;
};

struct Choice {
  Offer offer;
  SiteIndex site = 0;
  SiteIndex peer = 0;
};

class World {
 public:
  explicit World(const Case& world);

  State first();
  // Calls visit(next, choice, broken) for each; `broken` names the promise that the step broke, or is null.
  template <class Visit>
  void expand(const State& state, Visit visit);

  // The promises that hold in every state; null when they do.
  const char* broken(const State& state) const;
  // Nothing is left to do, and nothing is left behind.
  bool at_rest(const State& state) const;

  std::string describe(const Choice& choice) const;
  std::string describe(const State& state) const;
  std::size_t site_states() const { return sites_.size(); }
  std::size_t messages() const { return messages_.size(); }

 private:
  // What a site's state means to the world.
  struct Summary {
    Witness witness;
    RunSet alive = 0;
    struct Final {
      bool ended = false;
      FinalState state = FinalState::completed;
      SiteIndex host = 0;
      RunSet run = 0;
    };
    std::array<Final, jobs_max> final;  // on disk
    std::array<std::uint8_t, jobs_max> epoch{};
    std::uint8_t placeable = 0;                 // jobs
    std::uint8_t awaits = 0;                    // sites without whose word on a duty it can't come to rest
    std::array<RunSet, sites_max> delegated{};  // by host; in memory
    RunSet owed = 0;                            // runs that a duty is there for
    RunSet kept = 0;                            // runs on record here
    bool rests = false;
    bool seeks = false;  // a host for a pending job
    bool ready = false;
    bool frozen = false;
    std::uint8_t store = 0;
    std::array<std::uint8_t, sites_max> known_store{};
  };
  struct Result {
    std::uint32_t to = 0;
    std::uint32_t said = 0;  // a set of messages
    std::uint32_t broken = 0;
    std::uint32_t extra = 0;
  };
  struct Move {
    Offer offer;
    Result result;
  };
  struct Letter {
    SiteIndex from;
    SiteIndex to;
    Message message;
    std::string text;
  };

  const Case& case_;
  std::unordered_map<std::string, std::uint32_t> site_ids_;
  std::deque<Site> sites_;
  std::deque<Summary> summaries_;
  std::deque<std::vector<Move>> moves_;
  std::deque<bool> moves_known_;
  std::unordered_map<std::string, std::uint32_t> message_ids_;
  std::deque<Letter> messages_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> net_ids_;
  std::deque<std::vector<std::uint32_t>> nets_;
  FlatMap unions_;
  FlatMap heard_;  // site state and deed → result
  std::deque<Result> results_;
  std::vector<std::string> promises_;  // by number; 0: none

  std::uint32_t site_id(const Site& site);
  std::uint32_t net_id(std::vector<std::uint32_t> messages);
  std::uint32_t message_id(SiteIndex from, const Send& send);
  std::uint32_t joined(std::uint32_t net, std::uint32_t more);
  std::uint32_t promise_id(const std::string& text);
  Summary summarise(const Site& site) const;
  void summarise_origin(const Site& site, Summary& to) const;
  void summarise_rest(const Site& site, Summary& to) const;
  Result finish(Site& site, Outcomes& out);
  const std::vector<Move>& moves(std::uint32_t site);
  const Result& done(std::uint32_t site, Deed deed, std::uint32_t detail);
  void perform(Site& site, Deed deed, std::uint32_t detail, Outcomes& out, std::uint32_t& extra);

  template <class Visit>
  void expand_alone(const State& state, Visit& visit);
  template <class Visit>
  void expand_network(const State& state, Visit& visit);
  template <class Visit>
  void expand_market(const State& state, Visit& visit);
  template <class Visit>
  void expand_membership(const State& state, Visit& visit);
  template <class Visit>
  void expand_forget(const State& state, Visit& visit);
  template <class Visit>
  void expand_time(const State& state, Visit& visit);

  bool may(const State& state, Fault fault) const;
  static constexpr unsigned times_bits = 3;  // of each fault's count in State::spent
  static State spend(State state, Fault fault);
  bool host_rests(const Summary& host, const Summary& origin) const;
  State after(const State& state, SiteIndex site, const Result& result);
  const char* why(const Result& result) const {
    return result.broken == 0 ? nullptr : promises_[result.broken].c_str();
  }
  std::array<std::uint8_t, fault_count> budget_{};
};

template <class Visit>
void World::expand(const State& state, Visit visit) {
  expand_alone(state, visit);
  expand_network(state, visit);
  expand_market(state, visit);
  expand_membership(state, visit);
  expand_forget(state, visit);
  if (case_.leased()) expand_time(state, visit);
}

template <class Visit>
void World::expand_alone(const State& state, Visit& visit) {
  for (SiteIndex at = 0; at < case_.sites; ++at) {
    for (const auto& move : moves(state.site[at])) {
      const auto fault = move.offer.fault;
      if (fault && !may(state, *fault)) continue;
      auto next = after(state, at, move.result);
      if (fault) next = spend(next, *fault);
      visit(next, Choice{move.offer, at}, why(move.result));
    }
  }
}

template <class Visit>
void World::expand_network(const State& state, Visit& visit) {
  for (const auto letter : nets_[state.net]) {
    const auto to = messages_[letter].to;
    const auto hear = [&](Deed deed, std::optional<Fault> fault) {
      const auto& result = done(state.site[to], deed, letter);
      auto next = after(state, to, result);
      if (next == state && result.broken == 0) return;
      if (fault) next = spend(next, *fault);
      visit(next, Choice{{deed, letter, fault}, to}, why(result));
    };
    hear(Deed::hear, std::nullopt);
    if (std::holds_alternative<Award>(messages_[letter].message) && may(state, Fault::refusal)) {
      hear(Deed::refuse, Fault::refusal);
    }
  }
  if (nets_[state.net].empty() || !may(state, Fault::loss)) return;
  auto next = spend(state, Fault::loss);
  next.net = 0;
  visit(next, Choice{{Deed::lose_all, 0, Fault::loss}}, nullptr);
}

// A bid is minted and taken in one step: between the two nothing can happen that can't happen after.
template <class Visit>
void World::expand_market(const State& state, Visit& visit) {
  for (std::uint32_t job = 0; job < case_.job_count(); ++job) {
    const auto& origin = summaries_[state.site[0]];
    if (origin.frozen) return;
    if (!(origin.placeable & (1u << job)) || origin.epoch[job] >= case_.epochs) continue;
    for (SiteIndex host = 1; host < case_.sites; ++host) {
      if (!summaries_[state.site[host]].ready || summaries_[state.site[host]].frozen) continue;
      const auto mint = done(state.site[host], Deed::mint, job << 8 | (summaries_[state.site[0]].epoch[job] + 1u));
      const auto store = summaries_[state.site[host]].store;
      const auto award =
          done(state.site[0], Deed::award,
               job | static_cast<std::uint32_t>(host) << 2 | static_cast<std::uint32_t>(store) << 4 | mint.extra << 8);
      auto next = after(state, host, mint);
      next = after(next, 0, award);
      visit(next, Choice{{Deed::award, job}, 0, host}, why(award));
    }
  }
}

template <class Visit>
void World::expand_membership(const State& state, Visit& visit) {
  const auto learn = [&](SiteIndex at, SiteIndex of) {
    const auto& self = summaries_[state.site[at]];
    const auto& peer = summaries_[state.site[of]];
    if (!peer.ready || peer.frozen || !self.ready || self.frozen || self.known_store[of] == peer.store) return;
    const auto& result = done(state.site[at], Deed::learn, static_cast<std::uint32_t>(of) << 8 | peer.store);
    visit(after(state, at, result), Choice{{Deed::learn}, at, of}, why(result));
  };
  for (SiteIndex host = 1; host < case_.sites; ++host) {
    learn(0, host);
    if (case_.may_strike(Fault::origin_disk_loss)) learn(host, 0);
  }
}

// An operator's word may be wrong: also of a host that only seems dead. Only a frozen one is excluded for good.
template <class Visit>
void World::expand_forget(const State& state, Visit& visit) {
  const auto& origin = summaries_[state.site[0]];
  if (!may(state, Fault::forget) || !origin.ready || origin.frozen) return;
  for (SiteIndex host = 1; host < case_.sites; ++host) {
    for (std::uint32_t for_good = 0; for_good <= (summaries_[state.site[host]].frozen ? 1u : 0u); ++for_good) {
      const auto& result = done(state.site[0], Deed::forget, static_cast<std::uint32_t>(host) << 1 | for_good);
      const auto next = spend(after(state, 0, result), Fault::forget);
      visit(next, Choice{{Deed::forget, for_good, Fault::forget}, 0, host}, why(result));
    }
  }
}

template <class Visit>
void World::expand_time(const State& state, Visit& visit) {
  constexpr unsigned shift = times_bits * fault_count;
  if ((state.spent >> shift) >= case_.times.steps) return;
  auto next = state;
  for (SiteIndex at = 0; at < case_.sites; ++at) {
    const auto& result = done(state.site[at], Deed::pass, 0);
    if (result.extra == 0) return;
    if (result.broken != 0) return visit(next, Choice{{Deed::pass}}, why(result));
    next = after(next, at, result);
  }
  next.spent += std::uint64_t{1} << shift;
  visit(next, Choice{{Deed::pass}}, nullptr);
}

}  // namespace hansa::model
