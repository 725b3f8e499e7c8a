// Every message between two sites, plain structs in one place. Contracts: docs/protocol/01-wire.md, 03-gossip.md,
// 04-handoff.md.
//
// Tags are the protocol: append only, never reused. Fields are appended to a struct, never moved or removed. A variant
// without a catch-all makes the compiler name the machine that lacks a step() for a new message. Who sent a message is
// the transport key of its connection, never a field.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "hansa/types/bundle.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/words.hpp"

namespace hansa {

// --- Membership: SWIM with Lifeguard --------------------------------------------------------------------------------

struct MemberUpdate {
  SiteName site;
  Incarnation incarnation;
  MemberState state = MemberState::alive;
  SiteName reporter;  // who suspects: independent confirmations shorten the suspicion

  HANSA_FIELDS(site, incarnation, state, reporter)
  bool operator==(const MemberUpdate&) const = default;
};

struct Gossip {
  std::vector<MemberUpdate> updates;
  std::vector<SignedRecord> records;
  std::vector<SignedDigest> digests;

  bool empty() const { return updates.empty() && records.empty() && digests.empty(); }

  HANSA_FIELDS(updates, records, digests)
  bool operator==(const Gossip&) const = default;
};

// First on every connection, both ways. Nothing else is read from a peer before its Hello.
struct Hello {
  static constexpr std::uint8_t tag = 1;
  ProtocolRange protocol;
  DaemonId daemon;
  SignedRecord record;

  HANSA_FIELDS(protocol, daemon, record)
  bool operator==(const Hello&) const = default;
};

struct Probe {
  static constexpr std::uint8_t tag = 2;
  std::uint64_t sequence = 0;
  Gossip gossip;

  HANSA_FIELDS(sequence, gossip)
  bool operator==(const Probe&) const = default;
};

struct ProbeAck {
  static constexpr std::uint8_t tag = 3;
  std::uint64_t sequence = 0;
  Gossip gossip;

  HANSA_FIELDS(sequence, gossip)
  bool operator==(const ProbeAck&) const = default;
};

// Please probe `target` for me; answered by ProbeAck with my sequence, or by ProbeNack when it stays silent.
struct IndirectProbe {
  static constexpr std::uint8_t tag = 4;
  std::uint64_t sequence = 0;
  SiteName target;
  Gossip gossip;

  HANSA_FIELDS(sequence, target, gossip)
  bool operator==(const IndirectProbe&) const = default;
};

struct ProbeNack {
  static constexpr std::uint8_t tag = 5;
  std::uint64_t sequence = 0;

  HANSA_FIELDS(sequence)
  bool operator==(const ProbeNack&) const = default;
};

struct ViewSummary {
  SiteName site;
  Incarnation incarnation;
  MemberState state = MemberState::alive;
  std::uint64_t record_version = 0;
  DigestVersion digest;

  HANSA_FIELDS(site, incarnation, state, record_version, digest)
  bool operator==(const ViewSummary&) const = default;
};

// The whole view as summaries; the answer brings what the asker lacks and names what it wants itself.
struct PushPull {
  static constexpr std::uint8_t tag = 6;
  std::vector<ViewSummary> view;

  HANSA_FIELDS(view)
  bool operator==(const PushPull&) const = default;
};

struct PushPullAnswer {
  static constexpr std::uint8_t tag = 7;
  Gossip gossip;
  std::vector<SiteName> wanted;

  HANSA_FIELDS(gossip, wanted)
  bool operator==(const PushPullAnswer&) const = default;
};

struct GossipPush {
  static constexpr std::uint8_t tag = 8;
  Gossip gossip;

  HANSA_FIELDS(gossip)
  bool operator==(const GossipPush&) const = default;
};

// --- Market ---------------------------------------------------------------------------------------------------------

struct CallForBids {
  static constexpr std::uint8_t tag = 16;
  CallId call;
  Shared<JobRequest> request;
  std::uint32_t count = 1;  // equal tasks
  Duration answer_by{0};    // from receipt
  bool hold = true;         // false: a question only (--test-only); nothing is reserved and no bid id is minted

  HANSA_FIELDS(call, request, count, answer_by, hold)
  bool operator==(const CallForBids&) const = default;
};

struct Bid {
  static constexpr std::uint8_t tag = 17;
  CallId call;
  std::vector<BidId> bids;     // as many tasks as are offered; empty for a question
  Duration earliest_start{0};  // from now, at the bidder, before any transfer
  std::string pool;
  std::string model;
  double tflops = 0;          // of the whole shape there; 0 for unknown
  double price_per_hour = 0;  // of the whole shape there
  Duration valid_for{0};
  StoreId store;  // that the bidder answers under; what the origin knows of it may be older

  HANSA_FIELDS(call, bids, earliest_start, pool, model, tflops, price_per_hour, valid_for, store)
  bool operator==(const Bid&) const = default;
};

struct Decline {
  static constexpr std::uint8_t tag = 18;
  CallId call;
  DeclineReason reason = DeclineReason::never_fits;
  std::string text;

  HANSA_FIELDS(call, reason, text)
  bool operator==(const Decline&) const = default;
};

struct Release {
  static constexpr std::uint8_t tag = 19;
  std::vector<BidId> bids;

  HANSA_FIELDS(bids)
  bool operator==(const Release&) const = default;
};

// --- Handoff --------------------------------------------------------------------------------------------------------

struct AwardTask {
  BidId bid;
  RunKey run;
  Shared<JobRequest> request;
  EncodedPayload payload;  // attached by the shell on its way out; empty within the brain

  HANSA_FIELDS(bid, run, request, payload)
  bool operator==(const AwardTask&) const = default;
};

struct Award {
  static constexpr std::uint8_t tag = 32;
  std::vector<AwardTask> tasks;

  HANSA_FIELDS(tasks)
  bool operator==(const Award&) const = default;
};

struct Accepted {
  static constexpr std::uint8_t tag = 33;
  RunKey run;
  GrantNumber number;

  HANSA_FIELDS(run, number)
  bool operator==(const Accepted&) const = default;
};

struct Refused {
  static constexpr std::uint8_t tag = 34;
  RunKey run;
  DeclineReason reason = DeclineReason::never_fits;
  std::string text;

  HANSA_FIELDS(run, reason, text)
  bool operator==(const Refused&) const = default;
};

struct Confirm {
  static constexpr std::uint8_t tag = 35;
  RunKey run;
  GrantNumber number;

  HANSA_FIELDS(run, number)
  bool operator==(const Confirm&) const = default;
};

struct Progress {
  static constexpr std::uint8_t tag = 36;
  RunKey run;
  RunPhase phase = RunPhase::queued;
  Duration since{0};           // how long it has been in this phase
  Duration expected_start{0};  // from now, while queued
  std::string where;           // "a100[3]"
  std::uint64_t staged_bytes = 0;

  HANSA_FIELDS(run, phase, since, expected_start, where, staged_bytes)
  bool operator==(const Progress&) const = default;
};

struct Finished {
  static constexpr std::uint8_t tag = 37;
  RunKey run;
  Outcome outcome;

  HANSA_FIELDS(run, outcome)
  bool operator==(const Finished&) const = default;
};

struct FinishedAck {
  static constexpr std::uint8_t tag = 38;
  RunKey run;

  HANSA_FIELDS(run)
  bool operator==(const FinishedAck&) const = default;
};

struct OutputsAck {
  static constexpr std::uint8_t tag = 39;
  RunKey run;

  HANSA_FIELDS(run)
  bool operator==(const OutputsAck&) const = default;
};

struct Revoke {
  static constexpr std::uint8_t tag = 40;
  RunKey run;
  BidId bid;
  RevokeMode mode = RevokeMode::always;

  HANSA_FIELDS(run, bid, mode)
  bool operator==(const Revoke&) const = default;
};

struct Revoked {
  static constexpr std::uint8_t tag = 41;
  RunKey run;

  HANSA_FIELDS(run)
  bool operator==(const Revoked&) const = default;
};

struct Return {
  static constexpr std::uint8_t tag = 42;
  RunKey run;
  ReturnReason reason = ReturnReason::drained;
  std::string text;

  HANSA_FIELDS(run, reason, text)
  bool operator==(const Return&) const = default;
};

struct ReturnAck {
  static constexpr std::uint8_t tag = 43;
  RunKey run;

  HANSA_FIELDS(run)
  bool operator==(const ReturnAck&) const = default;
};

struct Renew {
  static constexpr std::uint8_t tag = 44;
  GrantNumber number;
  std::vector<RunKey> runs;  // confirmed here for this origin

  HANSA_FIELDS(number, runs)
  bool operator==(const Renew&) const = default;
};

struct Renewed {
  static constexpr std::uint8_t tag = 45;
  GrantNumber number;
  std::vector<RunKey> runs;  // those whose current epoch this is

  HANSA_FIELDS(number, runs)
  bool operator==(const Renewed&) const = default;
};

using Message = std::variant<Hello, Probe, ProbeAck, IndirectProbe, ProbeNack, PushPull, PushPullAnswer, GossipPush,
                             CallForBids, Bid, Decline, Release, Award, Accepted, Refused, Confirm, Progress, Finished,
                             FinishedAck, OutputsAck, Revoke, Revoked, Return, ReturnAck, Renew, Renewed>;

}  // namespace hansa
