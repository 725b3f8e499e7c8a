// What users may ask of a site, and what they are told. The gateway turns HTTP into these and back (docs: GET /v1).
//
// Calls are answered exactly once, in any order. A submission is answered only when it is on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "hansa/policy.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/records.hpp"
#include "hansa/types/reputation.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"
#include "hansa/types/trust.hpp"

namespace hansa {

using Ticket = Counter<struct TicketTag>;

// Who asks. Operators may act on everybody's jobs; readers only look.
struct Caller {
  std::string user;
  bool is_operator = false;
  bool reads_only = false;
  std::string token;  // the id of the token that was shown; empty: the kernel's word, or the site's own token
};

// --- Calls ----------------------------------------------------------------------------------------------------------

struct Submission {
  Shared<JobRequest> request;
  EncodedPayload payload;
  ArraySpec array;  // empty: a single job
  bool held = false;
  std::string idempotency_key;  // the same key again answers with the same job; empty: none
};

struct SubmitJobs {
  std::vector<Submission> jobs;  // all or none
};
// Which sites would take it, when and at what price; nothing is submitted or reserved.
struct QuoteJob {
  Shared<JobRequest> request;
};
// Empty fields don't filter. Final jobs only with `history`.
struct ListJobs {
  std::string user;
  std::string name;
  std::vector<std::string> states;
  bool history = false;
  bool guests = true;        // runs here for other origins too
  std::uint64_t number = 0;  // only this job or array, with its tasks; 0: all
  std::uint32_t limit = 1000;
  // For paging: job numbers above this one, and when a task is given, the tasks of this one above that.
  std::uint64_t after = 0;
  std::optional<std::int32_t> after_task;

  bool reaches(const JobId& id) const {
    if (number != 0 && id.number != number) return false;
    return id.number > after || (id.number == after && after_task && id.task > *after_task);
  }
};
struct GetJob {
  JobName job;
  Duration wait{0};  // answer when the job is final with its outputs home, or after this long
};
struct WhyJob {
  JobName job;
};
enum class JobAct : std::uint8_t { cancel, hold, release, rerun };
constexpr std::string_view to_word(JobAct act) {
  constexpr std::string_view words[] = {"cancel", "hold", "release", "rerun"};
  return words[static_cast<std::size_t>(act)];
}
// Answered by Acknowledged; rerun of a job that has ended by Submitted: that makes a new one.
struct ActOnJob {
  JobAct act = JobAct::cancel;
  JobName job;
  std::string idempotency_key;  // of the new job
  EncodedPayload payload;       // the ended job's; whoever hands the call to the brain reads it from the store
};
struct ListSites {};
struct GetStatus {};
struct GetFigures {};
enum class SiteAct : std::uint8_t { drain, resume, forget, adopt, entrust };
constexpr std::string_view to_word(SiteAct act) {
  constexpr std::string_view words[] = {"drain", "resume", "forget", "adopt", "entrust"};
  return words[static_cast<std::size_t>(act)];
}
// drain and resume concern this site; forget another one that its operator holds for dead, answered by Forgotten;
// adopt makes this site the custodian of another, entrust hands what it has of a lost one's jobs to its custodian.
struct ActOnSite {
  SiteAct act = SiteAct::drain;
  SiteName site;
  bool even_if_alive = false;
  SiteName custodian;
};

// --- Trust. All but ShowTrust are for operators; Enrol comes from the enrolment desk, on a stranger's behalf.

struct CreateFederation {
  std::string name;
};
struct Invite {
  SiteName site;       // empty: whatever the newcomer calls itself
  std::string region;  // the newcomer's must lie within it
  SponsorRight sponsor;
  Duration valid{0};
  std::vector<std::string> endpoints;  // of the enrolment desk; filled in by the daemon
};
struct WithdrawInvitation {
  InvitationId invitation;
};
struct JoinFederation {
  std::string line;
};
struct TakeAdmission {
  InvitationLine line;
  Enrolled answer;
};
struct Enrol {
  SignedEnrolment request;
};
struct LeaveFederation {
  bool at_once = false;  // runs and jobs that are still about are left to their fate
};
struct BanSite {
  SiteName site;
  bool lift = false;
};
struct EvictSite {
  SiteName site;
  bool subtree = false;
  bool withdraw = false;  // only take back that this site admitted it
  std::string reason;
};
struct ShowTrust {};
struct AnnounceTransportKey {
  TransportKey key;
};
struct RotateTransportKey {};
struct CheckSite {
  SiteName site;
};
using TrustCall =
    std::variant<CreateFederation, Invite, WithdrawInvitation, JoinFederation, TakeAdmission, Enrol, LeaveFederation,
                 BanSite, EvictSite, ShowTrust, AnnounceTransportKey, RotateTransportKey, CheckSite>;

// What policy says of a guest's job: the one in force, or a draft of another; nothing is held.
struct TestPolicy {
  std::shared_ptr<const Policy> draft;  // null: the one in force
  SiteName origin;                      // this site itself: where may a job of the own user go?
  std::string region;                   // of the origin; empty: as known here
  Shared<JobRequest> request;
  WallTime at;  // 0: now
};

using ApiCall = std::variant<SubmitJobs, QuoteJob, ListJobs, GetJob, WhyJob, ActOnJob, ListSites, GetStatus, ActOnSite,
                             GetFigures, TrustCall, TestPolicy>;

// --- Answers --------------------------------------------------------------------------------------------------------

struct Submitted {
  std::vector<JobId> jobs;
};

struct QuoteLine {
  SiteName site;
  bool offers = false;
  std::string reason;  // of a decline, or of silence
  std::string pool;
  std::string model;
  Duration start{0};  // from now, transfer included
  double price_per_hour = 0;
  double tflops = 0;
  bool chosen = false;
};
struct Quote {
  std::vector<QuoteLine> lines;
};

// One row of `hansa queue`, and the whole of `hansa job`. State and reason are Slurm's words (docs/job-states.md).
struct JobView {
  JobId id;
  std::string id_text;
  std::string name;
  std::string user;
  std::string state;
  std::string reason;
  SiteName origin;
  SiteName host;               // empty: nowhere yet
  bool host_is_final = false;  // the run is there for good, rather than queued and movable
  std::string where;           // pool and nodes at the host
  std::string resources;       // in words
  Duration time_limit{0};
  std::uint64_t epoch = 0;
  WallTime submitted;
  WallTime started;
  WallTime ended;
  WallTime expected_start;
  Duration age{0};   // of what is known about a remote run
  WallTime since;    // of the state, as far as this daemon knows
  std::string next;  // what will happen next, in words
  SiteName copy_at;  // who tells of it from a copy, when that is not its origin; `age` is then the copy's
  bool outputs_home = false;
  std::optional<Outcome> outcome;  // once final
  std::uint32_t array_tasks_waiting = 0;
  std::string array_waiting;       // which: "5-100%10"
  std::uint64_t staged_bytes = 0;  // of its inputs, at the host by now; while they travel
  Shared<JobRequest> request;
};
struct JobList {
  std::vector<JobView> jobs;
  std::uint64_t total = 0;  // before the limit
};
// How the last choice was made. JSON, as noted when it was made.
struct Why {
  JobView job;
  std::string note;
};

struct SiteView {
  SignedRecord record;
  MemberState state = MemberState::alive;
  bool self = false;
  bool connected = false;
  bool draining = false;
  Duration rtt{0};  // measured; 0: unknown
  Duration age{0};  // of the digest
  std::vector<PoolDigest> pools;
};
struct SiteList {
  std::vector<SiteView> sites;
};

struct SiteStatus {
  SiteName site;
  std::string region;
  StoreId store;
  std::string version;
  std::string backend;
  std::string limits;  // how resources are limited here
  bool ready = false;
  bool degraded = false;
  std::string problem;  // what is degraded and why
  std::uint64_t jobs_pending = 0;
  std::uint64_t jobs_running = 0;  // of this origin, anywhere
  std::uint64_t runs_here = 0;
  std::uint64_t runs_queued_here = 0;
  std::uint64_t disk_free_bytes = 0;
};
// What a site counts, for /metrics. Keys are few and known beforehand; counts are of this daemon's life.
struct SiteFigures {
  using Counts = std::map<std::string, std::uint64_t>;

  SiteStatus status;
  Counts jobs;   // of this origin, by state as users see it; ended ones while they are remembered
  Counts runs;   // here, whosever: waiting, active, over
  Counts sites;  // others, by state: alive, suspect, failed, left
  std::uint64_t sites_connected = 0;
  Counts messages_sent;  // between sites, by name: "Bid"
  Counts messages_received;
  Counts events;      // by kind, as /v1/events shows them: "job_submitted"
  Counts jobs_ended;  // by final state: "COMPLETED"
};
struct Acknowledged {};
// What became of what was shared with a site that was declared dead.
struct Forgotten {
  std::uint64_t jobs_given_up = 0;       // of this origin, placed again or cancelled
  std::uint64_t runs_perhaps_alive = 0;  // of them, those that may have started there
  std::uint64_t runs_let_go = 0;         // here for that origin, whose records now go by time
  bool may_return = true;                // it is known still: what was given up there is a duty until it answers
};

struct InvitationMade {
  InvitationLine line;
  std::string text;  // the line as it is pasted; filled in by the daemon
};
struct TrustedSite {
  SiteName site;
  std::string standing;  // "member", "configured", "expired", "left", "withdrawn", "evicted", "name taken", "banned"
  IdentityKey identity;
  SiteName sponsor;  // who vouched; the site itself for a founder, empty for a configured one
  bool founder = false;
  bool self = false;
  bool banned = false;  // here
  SponsorRight right;
  std::string region;
  WallTime since;
  WallTime expires;
  std::uint32_t votes_against = 0;
  std::uint32_t votes_needed = 0;
  PromiseCounts promises;      // kept and broken to this site, of late
  Duration expected_delay{0};  // what a promise of it costs this site on average
};
struct TrustView {
  std::string federation_name;
  FederationId federation;
  std::string standing;  // of this site
  std::vector<TrustedSite> sites;
  std::vector<Invitation> invitations;
};
// What a daemon knows of the way to another site, link by link of the chain.
struct SiteCheck {
  SiteName site;
  std::string failed;                  // the first link that is broken, in one word; empty: none
  std::string text;                    // one line
  std::vector<std::string> endpoints;  // that were tried in vain
  Duration rtt{0};
  Duration clock_ahead{0};  // theirs before ours
};

// Of one pool here, for a guest; of one other site, for a job of the own user.
struct PolicyLine {
  std::string place;
  bool accepted = false;
  std::string rule;
  std::string text;
  double price_per_hour = 0;  // of the whole job there
  std::uint64_t units = 0;
  std::uint64_t units_of_guests = 0;  // that guests have there already
};
struct PolicyAnswer {
  bool accepted = false;  // somewhere
  std::string account;    // that the run would belong to; empty: that of all other jobs
  std::vector<PolicyLine> lines;
};

using ApiAnswer = std::variant<Submitted, Quote, JobList, JobView, Why, SiteList, SiteStatus, Acknowledged, SiteFigures,
                               Forgotten, InvitationMade, TrustView, Enrolled, SiteCheck, PolicyAnswer>;
using ApiReply = Result<ApiAnswer>;

// --- What people watch ----------------------------------------------------------------------------------------------

// One thing that happened, as /v1/events streams it. `kind` is one of: job_submitted, job_placed, job_started,
// job_finished, job_moved, job_given_up, run_accepted, run_ended, run_overlap, site_alive, site_suspect, site_failed,
// site_left, site_forgotten.
struct FederationEvent {
  std::string kind;
  WallTime at;
  std::string job;  // "wujiang-1042"
  SiteName site;    // whom it concerns: the host, the member
  std::string text;
};

// --- Files and logs -------------------------------------------------------------------------------------------------

// What an ended job left at home, and what its user calls the streams among it.
struct JobOutputs {
  Manifest manifest;
  std::string stdout_path;  // as in JobPayload
  std::string stderr_path;
};

struct LogPiece {
  std::uint64_t offset = 0;
  std::string bytes;
  bool complete = false;
};

class ApiHandler {
 public:
  virtual ~ApiHandler() = default;

  // All may be called from the gateway's thread, return at once and answer from any thread.
  virtual void call(const Caller& caller, ApiCall call, std::function<void(ApiReply)> answer) = 0;

  virtual void read_log(const Caller& caller, const JobName& job, bool stderr_stream, std::uint64_t offset,
                        Duration wait, std::function<void(Result<LogPiece>)> answer) = 0;
  virtual void output_manifest(const Caller& caller, const JobName& job,
                               std::function<void(Result<JobOutputs>)> answer) = 0;
  // Chunks of bundles: zstd frames named by the hash of their uncompressed bytes.
  virtual void missing_chunks(const Caller& caller, std::vector<ContentHash> hashes,
                              std::function<void(Result<std::vector<ContentHash>>)> answer) = 0;
  virtual void put_chunk(const Caller& caller, const ContentHash& hash, std::string zstd,
                         std::function<void(Status)> answer) = 0;
  virtual void get_output_chunk(const Caller& caller, const JobName& job, const ContentHash& hash,
                                std::function<void(Result<std::string>)> answer) = 0;
  // Prometheus text of what is counted beside SiteFigures: transport, journal. Returns at once.
  virtual std::string metrics() = 0;
};

}  // namespace hansa
