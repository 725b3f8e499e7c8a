// What a site knows of another: its signed record, its latest digest, and what is thought of its health.
//
// The incarnation is the record's, and nobody else's word: a claim (suspect, failed, left) speaks of exactly one
// incarnation, and is void against any other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "hansa/ports/transport.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"
#include "hansa/types/words.hpp"
#include "protocol/wire/messages.hpp"

namespace hansa {

// A site that may be a member: named with its identity in the configuration, or admitted by the federation.
struct KnownSite {
  SiteName site;
  IdentityKey identity;
  PeerAddress address = {};  // how the transport finds it; of no concern to membership

  bool operator==(const KnownSite&) const = default;
};

// Round trips as probes saw them, from a probe's leaving to its direct answer.
class RoundTrip {
 public:
  void measured(Duration sample) {
    smoothed_ = known() ? smoothed_ + (sample - smoothed_) / 8 : sample;
    current_min_ = std::min(current_min_, sample);
    if (++samples_ % window == 0) previous_min_ = std::exchange(current_min_, forever);
  }
  bool known() const { return samples_ > 0; }
  Duration smoothed() const { return smoothed_; }
  // The smallest of the last one to two windows, so that a longer route is believed in the end.
  Duration min() const { return known() ? std::min(previous_min_, current_min_) : Duration{0}; }

 private:
  static constexpr std::uint32_t window = 64;
  std::uint32_t samples_ = 0;
  Duration smoothed_{0};
  Duration current_min_ = forever;
  Duration previous_min_ = forever;
};

struct Member {
  SignedRecord record;
  std::optional<SignedDigest> digest;
  Instant digest_at;  // when the digest came
  MemberState state = MemberState::alive;
  Instant since;     // in this state
  Instant heard_at;  // anything, from the member itself
  RoundTrip rtt;

  const SiteName& site() const { return record.value.site; }
  Incarnation incarnation() const { return record.value.incarnation; }
  // Worth talking to: failed and left members are not.
  bool reachable() const { return state == MemberState::alive || state == MemberState::suspect; }
};

// A site's entry in a view, this site's own included.
struct Entry {
  const SignedRecord* record = nullptr;
  const SignedDigest* digest = nullptr;
  MemberState state = MemberState::alive;

  ViewSummary summary() const;
};

// --- What happened, for whoever composes membership with the rest ---------------------------------------------------

struct MemberChanged {
  SiteName site;
  MemberState state = MemberState::alive;
  bool is_new = false;  // first heard of since this daemon started

  bool operator==(const MemberChanged&) const = default;
};
// A newer record was verified. A changed store means that everything the member kept under the old one is gone.
struct RecordLearned {
  SiteName site;
  bool store_changed = false;
  StoreId previous_store;  // when changed

  bool operator==(const RecordLearned&) const = default;
};
struct DigestLearned {
  SiteName site;

  bool operator==(const DigestLearned&) const = default;
};
struct IsolationChanged {
  bool isolated = false;

  bool operator==(const IsolationChanged&) const = default;
};
// This peer sent things that no honest site sends: cut it off for a while.
struct PeerMisbehaved {
  SiteName site;
  std::uint32_t bad_signatures = 0;

  bool operator==(const PeerMisbehaved&) const = default;
};

using MembershipEvent = std::variant<MemberChanged, RecordLearned, DigestLearned, IsolationChanged, PeerMisbehaved>;

}  // namespace hansa
