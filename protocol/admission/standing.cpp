#include "protocol/admission/standing.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

namespace hansa {
namespace {

struct Eviction {
  WallTime at;
  bool subtree = false;
  std::set<StatementId> kept;
};

class Reckoning {
 public:
  Reckoning(const TrustBook& book, const AdmissionOptions& options, WallTime now)
      : book_(book), options_(options), now_(now), keys_(book.subjects()) {}

  Standings all() {
    decide_evictions();
    Standings standings;
    for (const auto& key : keys_) standings.emplace(key, standing_of(key));
    for (auto& [key, standing] : standings) count_votes(key, standing);
    settle_names(standings);
    return standings;
  }

 private:
  // --- Certificates that count ---------------------------------------------------------------------------------------

  bool counts(const StatementId& admission) {
    const auto known = counts_.find(admission);
    if (known != counts_.end()) return known->second;
    counts_[admission] = false;  // nothing vouches for itself, by whatever way round
    return counts_[admission] =
               book_.certificate(admission).identity == book_.signer_of(admission) || is_vouched(admission);
  }

  // By the newest certificate that its signer held when it signed.
  bool is_vouched(const StatementId& admission) {
    const auto& signer = book_.signer_of(admission);
    const auto at = book_.signed_at(admission);
    std::optional<StatementId> by;
    for (const auto& id : book_.admissions_of(signer)) {
      if (book_.covers(id, at) && (!by || rank(id) > rank(*by)) && counts(id)) by = id;
    }
    return by && !is_closed(signer, *by, admission);
  }

  // Whether the signer is gone from the membership under which it signed, and this admission was not kept.
  bool is_closed(const IdentityKey& signer, const StatementId& membership, const StatementId& admission) const {
    for (const auto& id : book_.departures_of(signer)) {
      const auto& kept = std::get<Departure>(book_.find(id)->value.what).kept;
      if (ends(id, membership) && std::find(kept.begin(), kept.end(), admission) == kept.end()) return true;
    }
    const auto since = book_.signed_at(membership);
    const auto out = evicted_.find(signer);
    return out != evicted_.end() && out->second.at >= since && !out->second.kept.contains(admission);
  }

  // The member's own word ends its membership, and the word of whoever gave it.
  bool ends(const StatementId& departure, const StatementId& membership) const {
    const auto& signer = book_.signer_of(departure);
    const bool has_right = signer == book_.certificate(membership).identity || signer == book_.signer_of(membership);
    return has_right && book_.signed_at(departure) >= book_.signed_at(membership);
  }

  std::tuple<WallTime, StatementId> rank(const StatementId& id) const { return {book_.signed_at(id), id}; }

  // The newest that counts, among those given by a certain time.
  std::optional<StatementId> admission_of(const IdentityKey& key, WallTime by) {
    std::optional<StatementId> newest;
    for (const auto& id : book_.admissions_of(key)) {
      if (book_.signed_at(id) <= by && (!newest || rank(id) > rank(*newest)) && counts(id)) newest = id;
    }
    return newest;
  }

  // --- Evictions -----------------------------------------------------------------------------------------------------

  bool was_member(const IdentityKey& key, WallTime at) {
    const auto admission = admission_of(key, at);
    if (!admission || at > book_.expiry_of(*admission)) return false;
    for (const auto& id : book_.departures_of(key)) {
      if (ends(id, *admission) && book_.signed_at(id) <= at) return false;
    }
    const auto since = book_.signed_at(*admission);
    const auto out = evicted_.find(key);
    return out == evicted_.end() || out->second.at < since || out->second.at > at;
  }

  std::set<IdentityKey> electorate(WallTime at, const IdentityKey& subject) {
    std::set<IdentityKey> members;
    for (const auto& key : keys_) {
      if (key != subject && was_member(key, at)) members.insert(key);
    }
    return members;
  }

  std::vector<StatementId> votes_in_order(const IdentityKey& subject) const {
    auto votes = book_.votes_against(subject);
    std::sort(votes.begin(), votes.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return votes;
  }

  // Those of the first `count` votes that count when the last of them is given.
  std::vector<StatementId> valid_votes(const std::vector<StatementId>& votes, std::size_t count,
                                       const std::set<IdentityKey>& members) const {
    const auto at = book_.signed_at(votes[count - 1]);
    std::vector<StatementId> valid;
    for (std::size_t i = 0; i < count; ++i) {
      const bool fresh = later(book_.signed_at(votes[i]), options_.votes_within) >= at;
      if (fresh && members.contains(book_.signer_of(votes[i]))) valid.push_back(votes[i]);
    }
    return valid;
  }

  std::optional<Eviction> eviction_of(const IdentityKey& subject) {
    const auto votes = votes_in_order(subject);
    for (std::size_t count = 1; count <= votes.size(); ++count) {
      const auto at = book_.signed_at(votes[count - 1]);
      const auto members = electorate(at, subject);
      const auto valid = valid_votes(votes, count, members);
      if (2 * valid.size() <= members.size()) continue;
      Eviction eviction{.at = at};
      std::size_t subtree = 0;
      for (const auto& id : valid) {
        const auto& vote = std::get<EvictionVote>(book_.find(id)->value.what);
        subtree += vote.subtree ? 1 : 0;
        eviction.kept.insert(vote.kept.begin(), vote.kept.end());
      }
      eviction.subtree = 2 * subtree > members.size();
      return eviction;
    }
    return std::nullopt;
  }

  // The earliest first: who is out has no vote afterwards.
  void decide_evictions() {
    std::set<IdentityKey> open;
    for (const auto& key : keys_) {
      if (!book_.votes_against(key).empty()) open.insert(key);
    }
    while (!open.empty()) {
      std::optional<std::pair<IdentityKey, Eviction>> first;
      for (const auto& key : open) {
        auto eviction = eviction_of(key);
        if (eviction && (!first || eviction->at < first->second.at)) first.emplace(key, std::move(*eviction));
      }
      if (!first) return;
      open.erase(first->first);
      evicted_.insert(std::move(*first));
      counts_.clear();
    }
  }

  bool is_evicted(const IdentityKey& key, WallTime since) const {
    const auto out = evicted_.find(key);
    return out != evicted_.end() && out->second.at >= since;
  }

  // Whether somebody up the line was put out together with all that came in through it.
  bool falls_with_subtree(StatementId admission) {
    for (std::size_t step = 0; step < keys_.size(); ++step) {
      const auto& sponsor = book_.signer_of(admission);
      const auto at = book_.signed_at(admission);
      if (sponsor == book_.certificate(admission).identity) return false;
      const auto out = evicted_.find(sponsor);
      if (out != evicted_.end() && out->second.subtree && out->second.at >= at) return true;
      const auto above = admission_of(sponsor, later(at, options_.skew));
      if (!above) return false;
      admission = *above;
    }
    return false;
  }

  // --- Results -------------------------------------------------------------------------------------------------------

  Standing standing_of(const IdentityKey& key) {
    auto admission = admission_of(key, later(now_, options_.skew));
    Standing standing;
    if (!admission) {
      admission = book_.admissions_of(key).front();
    } else {
      standing.kind = kind_of(key, *admission);
    }
    standing.admission = *admission;
    standing.certificate = book_.certificate(*admission);
    standing.sponsor = book_.signer_of(*admission);
    standing.since = book_.signed_at(*admission);
    standing.expires = book_.expiry_of(*admission);
    return standing;
  }

  StandingKind kind_of(const IdentityKey& key, const StatementId& admission) {
    const auto since = book_.signed_at(admission);
    if (is_evicted(key, since) || falls_with_subtree(admission)) return StandingKind::evicted;
    for (const auto& id : book_.departures_of(key)) {
      if (!ends(id, admission)) continue;
      return book_.signer_of(id) == key ? StandingKind::left : StandingKind::withdrawn;
    }
    return now_ > later(book_.expiry_of(admission), options_.skew) ? StandingKind::expired : StandingKind::member;
  }

  void count_votes(const IdentityKey& key, Standing& standing) {
    const auto votes = votes_in_order(key);
    if (votes.empty() || standing.kind != StandingKind::member) return;
    const auto members = electorate(now_, key);
    for (const auto& id : valid_votes(votes, votes.size(), members)) {
      if (book_.signed_at(id) >= standing.since) ++standing.votes;
    }
    standing.votes_needed = static_cast<std::uint32_t>(members.size() / 2 + 1);
  }

  void settle_names(Standings& standings) const {
    const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(options_.at_once).count();
    const auto claim = [&](const IdentityKey& key, const Standing& standing) {
      return std::tuple(standing.since.unix_ms / span, key);
    };
    std::map<SiteName, IdentityKey> holders;
    for (const auto& [key, standing] : standings) {
      if (standing.kind != StandingKind::member) continue;
      const auto [held, fresh] = holders.emplace(standing.certificate.site, key);
      if (!fresh && claim(key, standing) < claim(held->second, standings.at(held->second))) held->second = key;
    }
    for (auto& [key, standing] : standings) {
      if (standing.kind == StandingKind::member && holders.at(standing.certificate.site) != key) {
        standing.kind = StandingKind::name_taken;
      }
    }
  }

  const TrustBook& book_;
  const AdmissionOptions& options_;
  WallTime now_;
  std::vector<IdentityKey> keys_;
  std::map<StatementId, bool> counts_;
  std::map<IdentityKey, Eviction> evicted_;
};

}  // namespace

std::string_view to_word(StandingKind kind) {
  switch (kind) {
    case StandingKind::member:
      return "member";
    case StandingKind::expired:
      return "expired";
    case StandingKind::left:
      return "left";
    case StandingKind::withdrawn:
      return "withdrawn";
    case StandingKind::evicted:
      return "evicted";
    case StandingKind::name_taken:
      return "name taken";
    case StandingKind::not_vouched:
      return "not vouched for";
  }
  return "";
}

Standings reckon(const TrustBook& book, const AdmissionOptions& options, WallTime now) {
  return Reckoning(book, options, now).all();
}

}  // namespace hansa
