// Probing: who is asked next, what became of it, and the probes made for others.
//
// Members are probed in a shuffled round, so that each is probed once in n periods and nobody is forgotten by chance; a
// newcomer is put at a random place of the rest of the round.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/rng.hpp"
#include "hansa/types/time.hpp"
#include "protocol/membership/view.hpp"

namespace hansa {

class ProbeRound {
 public:
  // The next reachable member; nothing when there is none.
  std::optional<SiteName> next(const View& view, Rng& rng);
  void insert(const SiteName& site, Rng& rng);

 private:
  void shuffle(const View& view, Rng& rng);

  std::vector<SiteName> order_;
  std::size_t next_ = 0;
};

// The one own probe of a period.
struct ProbeInFlight {
  SiteName target;
  std::uint64_t sequence = 0;
  Instant sent_at;
  Instant help_at;  // when helpers are asked
  Instant ends_at;  // when silence counts, and the next probe leaves
  Instant next_at;  // when the next one leaves if this is answered
  bool answered = false;
  bool help_asked = false;
  bool granted_grace = false;  // once, after a pause of this site, so that one that is always late still makes progress
  std::vector<SiteName> helpers;
  std::vector<SiteName> silent_too;  // helpers that say: the target did not answer me either

  bool may_answer(const SiteName& from) const {
    return from == target || std::find(helpers.begin(), helpers.end(), from) != helpers.end();
  }
  Instant deadline() const { return answered || help_asked ? ends_at : std::min(help_at, ends_at); }
  void postpone(Duration by) {
    help_at += by;
    ends_at += by;
    next_at += by;
  }
};

// Own probes that were judged unanswered, in case their answer still comes: it tells how slow the target is.
class LateAnswers {
 public:
  void wait_for(const ProbeInFlight& probe) {
    waiting_.push_back(probe);
    if (waiting_.size() > waiting_max) waiting_.pop_front();
  }
  // When the probe left to which this is the answer.
  std::optional<Instant> answered(std::uint64_t sequence, const SiteName& from) const {
    for (const auto& probe : waiting_) {
      if (probe.sequence == sequence && probe.target == from) return probe.sent_at;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t waiting_max = 8;
  std::deque<ProbeInFlight> waiting_;
};

// A probe made for another site, under a sequence number of our own.
struct Relay {
  SiteName asker;
  std::uint64_t asker_sequence = 0;
  SiteName target;
  Instant nack_at;
  Instant ends_at;
  bool nacked = false;

  Instant deadline() const { return nacked ? ends_at : nack_at; }
};

class Relays {
 public:
  explicit Relays(std::size_t count_max) : count_max_(count_max) {}

  // False when there are too many already, in all or for this asker.
  bool add(std::uint64_t sequence, Relay relay);
  // The relay that this answer belongs to; it is over then.
  std::optional<Relay> answered(std::uint64_t sequence, const SiteName& from);
  // Whose target has stayed silent so far; relays that are over are dropped.
  std::vector<Relay> silent(Instant now);

  std::optional<Instant> deadline() const;
  void postpone(Duration by);

 private:
  static constexpr std::size_t per_asker_max = 8;

  std::size_t count_max_;
  std::map<std::uint64_t, Relay> relays_;
};

}  // namespace hansa
