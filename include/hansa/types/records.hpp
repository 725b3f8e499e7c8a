// What the handoff keeps on disk: small records, each rewritten whole when it changes.
//
// The journal holds the state, not the history: after a restart the brain is what these records say, and nothing else.
// Payloads (script, environment, files) are written once beside them. docs/decisions/0002-state-records.md says why
// this is not an event log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/words.hpp"

namespace hansa {

// --- The origin's side ----------------------------------------------------------------------------------------------

// Placed nowhere: no epoch is alive.
struct Pending {
  HANSA_FIELDS_NONE
  bool operator==(const Pending&) const = default;
};

// An award is on its way to `host`; left at will.
struct Awarding {
  SiteName host;
  StoreId host_store;
  BidId bid;

  HANSA_FIELDS(host, host_store, bid)
  bool operator==(const Awarding&) const = default;
};

enum class Wish : std::uint8_t { none, move, revoke };  // move: only if the run has not started

// The run is the host's: given up only on its answer, a human's word, or a lease run out.
struct Delegated {
  SiteName host;
  StoreId host_store;
  BidId bid;
  Wish wish = Wish::none;
  bool started = false;  // the host said that it runs

  HANSA_FIELDS(host, host_store, bid, wish, started)
  bool operator==(const Delegated&) const = default;
};

// Never changes again, but for `outputs_home`.
struct Ended {
  SiteName host;  // empty when it never ran
  Shared<Outcome> outcome;
  bool outputs_home = true;

  HANSA_FIELDS(host, outcome, outputs_home)
  bool operator==(const Ended&) const = default;
};

using JobState = std::variant<Pending, Awarding, Delegated, Ended>;

// What a run that died left for the next one, on its way home; the job is placed again once it is there.
struct Checkpoint {
  Epoch epoch;  // of the run that wrote it
  SiteName host;
  ContentHash outputs;  // the manifest of all that the run left; zero: nothing is awaited

  bool awaited() const { return !outputs.is_zero(); }

  HANSA_FIELDS(epoch, host, outputs)
  bool operator==(const Checkpoint&) const = default;
};

// An epoch that was given up, whose host must still say that it does not run there.
struct Duty {
  Epoch epoch;
  SiteName host;
  StoreId host_store;
  BidId bid;
  bool by_word = false;  // given up by a human's word: it may have been alive, and beside its successor

  HANSA_FIELDS(epoch, host, host_store, bid, by_word)
  bool operator==(const Duty&) const = default;
};

struct JobRecord {
  JobId id;
  Epoch epoch;  // the last one used
  JobState state;
  bool cancel_wished = false;
  bool held = false;
  Rare<std::string> reason;  // why it waits, or what became of it; for people
  WallTime submitted;
  std::vector<Duty> duties;
  Shared<JobRequest> request;
  Rare<std::string> idempotency_key;
  Rare<ArraySpec> array;        // the tasks not yet split off, when this is the record of a waiting array
  Rare<Checkpoint> checkpoint;  // while it is awaited

  HANSA_FIELDS(id, epoch, state, cancel_wished, held, reason, submitted, duties, request, idempotency_key, array,
               checkpoint)
  bool operator==(const JobRecord&) const = default;
};

// --- The host's side ------------------------------------------------------------------------------------------------

enum class RunState : std::uint8_t {
  accepted,   // on disk, not confirmed: may not start
  confirmed,  // may start
  started,    // its wrapper holds the start claim
  revoked,    // never started and never will
  returned,   // given back
  finished,
};

struct RunRecord {
  RunKey key;
  SiteName origin;
  RunState state = RunState::accepted;
  bool stopping = false;      // being stopped, to end as `outcome` or `returned` say: nothing is said yet
  bool answered = false;      // the origin acknowledged the end; or nobody waits for an answer
  bool outputs_kept = false;  // outputs wait to be pulled
  Shared<JobRequest> request;
  Rare<Allocation> allocation;  // once started
  Rare<Outcome> outcome;        // once finished
  ReturnReason return_reason = ReturnReason::drained;
  Rare<std::string> text;  // for people
  WallTime accepted_at;
  Rare<BootId> lease_boot;  // the deadline below counts in this boot only
  Instant lease_until = end_of_time;
  bool forgotten = false;  // the operator holds its origin for lost: it goes by time, answered or not

  HANSA_FIELDS(key, origin, state, stopping, answered, outputs_kept, request, allocation, outcome, return_reason, text,
               accepted_at, lease_boot, lease_until, forgotten)
  bool operator==(const RunRecord&) const = default;
};

// --- What is kept for others ----------------------------------------------------------------------------------------

// What another origin last said of one of its jobs, and when that came here. Decides nothing.
struct JobCopy {
  SiteName origin;
  WallTime as_of;
  JobRecord record;

  HANSA_FIELDS(origin, as_of, record)
  bool operator==(const JobCopy&) const = default;
};

// --- What the brain asks the store to write -------------------------------------------------------------------------

struct PutJob {
  JobRecord record;
  bool operator==(const PutJob&) const = default;
};
struct PutJobPayload {
  JobId job;
  EncodedPayload payload;
  bool operator==(const PutJobPayload&) const = default;
};
struct DropJob {  // with its payload and notes
  JobId job;
  bool operator==(const DropJob&) const = default;
};
struct PutRun {
  RunRecord record;
  bool operator==(const PutRun&) const = default;
};
struct PutRunPayload {
  RunKey run;
  EncodedPayload payload;
  bool operator==(const PutRunPayload&) const = default;
};
struct DropRun {  // with its payload
  RunKey run;
  bool operator==(const DropRun&) const = default;
};
// What `hansa why` shows: how the last choice for this job was made. JSON text.
struct PutNote {
  JobId job;
  std::string text;
  bool operator==(const PutNote&) const = default;
};
// Small facts by name: the next job number, this site's incarnation.
struct PutFact {
  std::string name;
  std::uint64_t value = 0;
  bool operator==(const PutFact&) const = default;
};

struct PutCopy {
  JobCopy copy;
  bool operator==(const PutCopy&) const = default;
};
struct DropCopy {
  JobId job;
  bool operator==(const DropCopy&) const = default;
};

// A small value by its name: what this site knows of trust, for one. Empty bytes remove it.
struct PutDocument {
  std::string name;
  std::string bytes;
  bool operator==(const PutDocument&) const = default;
};

using StoreRecord = std::variant<PutJob, PutJobPayload, DropJob, PutRun, PutRunPayload, DropRun, PutNote, PutFact,
                                 PutCopy, DropCopy, PutDocument>;

}  // namespace hansa
