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
#include "hansa/types/records.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/trust.hpp"
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

// --- Trust ----------------------------------------------------------------------------------------------------------

// What the sender holds: a hash over all its statements; and their names when the other asked by its own summary.
struct TrustSummary {
  static constexpr std::uint8_t tag = 9;
  FederationId federation;
  ContentHash all;
  bool listed = false;
  std::vector<StatementId> statements;

  HANSA_FIELDS(federation, all, listed, statements)
  bool operator==(const TrustSummary&) const = default;
};

struct TrustNews {
  static constexpr std::uint8_t tag = 10;
  std::vector<SignedStatement> statements;
  std::vector<StatementId> wanted;

  HANSA_FIELDS(statements, wanted)
  bool operator==(const TrustNews&) const = default;
};

// Please renew my admission.
struct AskRenewal {
  static constexpr std::uint8_t tag = 11;
  StatementId admission;

  HANSA_FIELDS(admission)
  bool operator==(const AskRenewal&) const = default;
};

// For people who look for what is wrong between two sites.
struct Inquiry {
  static constexpr std::uint8_t tag = 12;
  std::uint64_t number = 0;

  HANSA_FIELDS(number)
  bool operator==(const Inquiry&) const = default;
};

struct InquiryAnswer {
  static constexpr std::uint8_t tag = 13;
  std::uint64_t number = 0;
  WallTime clock;
  ProtocolRange protocol;
  FederationId federation;  // zero: of none
  bool admitted = false;    // whether the asker's certificate is in force there

  HANSA_FIELDS(number, clock, protocol, federation, admitted)
  bool operator==(const InquiryAnswer&) const = default;
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
  Duration retry_after{0};  // with slow_down: no call before that

  static constexpr std::size_t fields_in_version_1 = 3;
  HANSA_FIELDS(call, reason, text, retry_after)
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
  bool by_word = false;  // the run was given up by a human's word: had it started, its operator should know

  static constexpr std::size_t fields_in_version_1 = 3;
  HANSA_FIELDS(run, bid, mode, by_word)
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

// --- Copies of job records ------------------------------------------------------------------------------------------

// Please keep these, in case this site is lost. Late ones, by their number, are ignored.
struct KeepCopies {
  static constexpr std::uint8_t tag = 48;
  GrantNumber number;
  std::vector<JobRecord> records;
  std::vector<JobId> gone;  // no copy is needed any more

  HANSA_FIELDS(number, records, gone)
  bool operator==(const KeepCopies&) const = default;
};

struct CopiesKept {
  static constexpr std::uint8_t tag = 49;
  GrantNumber number;

  HANSA_FIELDS(number)
  bool operator==(const CopiesKept&) const = default;
};

// A custodian of a lost origin asks for what this site has of its jobs: runs and copies after these.
struct AskCustody {
  static constexpr std::uint8_t tag = 50;
  SiteName origin;
  bool with_copies = false;
  RunKey after_run;
  JobId after_copy;

  HANSA_FIELDS(origin, with_copies, after_run, after_copy)
  bool operator==(const AskCustody&) const = default;
};

struct CustodyRun {
  RunKey run;
  Shared<JobRequest> request;
  bool started = false;
  bool over = false;
  bool outputs_kept = false;  // can be pulled
  Shared<Outcome> outcome;    // once over
  WallTime accepted;

  HANSA_FIELDS(run, request, started, over, outputs_kept, outcome, accepted)
  bool operator==(const CustodyRun&) const = default;
};

// Empty unless this site's operator agreed. `more`: there is more after the last ones.
struct CustodyReport {
  static constexpr std::uint8_t tag = 51;
  SiteName origin;
  bool agreed = false;
  bool with_copies = false;  // as it was asked
  bool more = false;
  RunKey last_run;
  JobId last_copy;
  std::vector<CustodyRun> runs;
  std::vector<JobRecord> copies;

  HANSA_FIELDS(origin, agreed, with_copies, more, last_run, last_copy, runs, copies)
  bool operator==(const CustodyReport&) const = default;
};

// The custodian is to run it again: what does it consist of?
struct AskPayload {
  static constexpr std::uint8_t tag = 52;
  RunKey run;

  HANSA_FIELDS(run)
  bool operator==(const AskPayload&) const = default;
};

struct PayloadTold {
  static constexpr std::uint8_t tag = 53;
  RunKey run;
  bool agreed = false;
  EncodedPayload payload;  // attached by the shell when it is agreed to; empty within the brain

  HANSA_FIELDS(run, agreed, payload)
  bool operator==(const PayloadTold&) const = default;
};

using Message =
    std::variant<Hello, Probe, ProbeAck, IndirectProbe, ProbeNack, PushPull, PushPullAnswer, GossipPush, TrustSummary,
                 TrustNews, AskRenewal, Inquiry, InquiryAnswer, CallForBids, Bid, Decline, Release, Award, Accepted,
                 Refused, Confirm, Progress, Finished, FinishedAck, OutputsAck, Revoke, Revoked, Return, ReturnAck,
                 Renew, Renewed, KeepCopies, CopiesKept, AskCustody, CustodyReport, AskPayload, PayloadTold>;

}  // namespace hansa
