// Controller: the whole brain of a site, composed of small machines.
//
// It routes each event to the machines that it concerns, lets them settle (what changed at the host goes to the
// planner's queue, what changed at the origin to the market, what the planner starts back to the host) and returns
// their effects as one. It holds no protocol rule of its own: those are in Origin, Host, Membership and Market.
//
// Invariants: (1) same events in the same order, same effects; (2) it calls only ports that answer, never one that
// does something; (3) until strays of an older store are stopped it neither speaks to peers nor listens to them.
// See docs/architecture.md, "The way of one job".
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/planner.hpp"
#include "hansa/policy.hpp"
#include "hansa/ports/ids.hpp"
#include "hansa/ports/notary.hpp"
#include "hansa/ports/signatures.hpp"
#include "hansa/ports/store.hpp"
#include "protocol/admission/admissions.hpp"
#include "protocol/capacity/capacity_view.hpp"
#include "protocol/capacity/digest_publisher.hpp"
#include "protocol/controller/guest_terms.hpp"
#include "protocol/controller/guest_use.hpp"
#include "protocol/controller/options.hpp"
#include "protocol/controller/store_book.hpp"
#include "protocol/controller/tally.hpp"
#include "protocol/controller/user_use.hpp"
#include "protocol/copies/copier.hpp"
#include "protocol/copies/custodian.hpp"
#include "protocol/copies/shelf.hpp"
#include "protocol/effects.hpp"
#include "protocol/handoff/host.hpp"
#include "protocol/handoff/origin.hpp"
#include "protocol/market/call_quota.hpp"
#include "protocol/market/market.hpp"
#include "protocol/market/promises.hpp"
#include "protocol/membership/membership.hpp"

namespace hansa {

// What the brain is given of the outside world: pure things that only answer. They outlive it.
struct ControllerParts {
  std::unique_ptr<Planner> planner;
  const Score* score = nullptr;
  const Signatures* signatures = nullptr;
  const Notary* notary = nullptr;  // without one there are configured peers only
  IdSource* ids = nullptr;
  DaemonId daemon;
  BootId boot;
  BackendAbilities abilities;
  std::uint64_t seed = 0;
  std::shared_ptr<const Policy> policy;  // null: everybody is taken in
};

class Controller final : private MarketView {
 public:
  Controller(ControllerOptions options, ControllerParts parts, const StoredState& stored);

  // Takes up what is on disk. First of all calls.
  void start(Now now, StoredState stored, Effects& out);

  // --- Events.
  void step(Now now, const SiteName& from, const Message& message, Effects& out);
  void step(Now now, const BackendEvent& event, Effects& out);
  void step(Now now, const StagingEvent& event, Effects& out);
  void call(Now now, Ticket ticket, const Caller& caller, const ApiCall& call, Effects& out);
  void link(Now now, const SiteName& peer, bool up, Effects& out);
  void set_peers(Now now, std::vector<KnownSite> peers, Effects& out);
  // The operator's policy is another one from here on; null for none.
  void set_policy(Now now, std::shared_ptr<const Policy> policy, Effects& out);
  // A full or failing disk stops new submissions and bids; what is there goes on.
  void set_disk(bool full, std::uint64_t bytes_free) {
    disk_full_ = full;
    disk_free_bytes_ = bytes_free;
  }
  void set_degraded(std::string problem) { degraded_ = std::move(problem); }
  // The daemon is about to end: guests that have not started go home, others are told goodbye.
  void stop(Now now, Effects& out);
  void tick(Now now, Effects& out);
  std::optional<Instant> deadline() const;

  // --- Views.
  bool is_ready() const { return ready_; }
  const Origin& origin() const { return origin_; }
  const Host& host() const { return host_; }
  const Membership& membership() const { return membership_; }
  const Reputation& reputation() const { return promises_.reputation(); }
  const Copier& copier() const { return copier_; }
  const Shelf& shelf() const { return shelf_; }
  // Bids of others that are held while a waiting job is taken back.
  std::size_t moves_held() const { return moves_.size(); }
  std::size_t calls_open() const { return market_.open_calls(); }
  // The frame that opens a link.
  std::optional<Hello> hello() const;

 private:
  ControllerOptions options_;
  ControllerParts parts_;
  std::shared_ptr<const Policy> policy_ = parts_.policy;
  StoreId store_;
  Origin origin_;
  Host host_;
  Copier copier_;
  Shelf shelf_;
  Custodian custodian_;
  std::set<RunKey> results_under_way_;  // of adopted jobs, on their way here
  // Adopted jobs that are to run again as jobs of this site, once their payload is here.
  struct RunAgain {
    Ticket ticket;
    std::string user;
    std::string idempotency_key;
  };
  std::map<RunKey, std::vector<RunAgain>> to_run_again_;
  Timers<RunKey> payload_waits_;
  std::set<std::pair<SiteName, SiteName>> custody_asked_;  // who asked for whose, and was told no
  Membership membership_;
  CapacityView capacity_;
  DigestPublisher publisher_;
  Market market_;
  CallQuota call_quota_{options_.calls};
  bool ready_ = false;
  bool disk_full_ = false;
  std::uint64_t disk_free_bytes_ = 0;
  bool draining_ = false;
  std::string degraded_;
  std::string backend_problem_;  // its batch system does not answer
  Instant started_at_{};
  std::set<SiteName> links_;
  StoreBook stores_{options_.site, store_, [this](const SiteName& site) { return is_known(site); }};
  std::size_t peers_configured_ = 0;
  std::unique_ptr<Admissions> admissions_;
  std::vector<KnownSite> configured_;
  std::vector<KnownSite> known_;  // the configured and the admitted, without the banned
  std::optional<std::vector<PeerAddress>> roster_;
  std::map<SiteName, KeptAddress> addresses_;
  struct PendingCheck {
    Ticket ticket;
    SiteName site;
    Instant sent_at;
  };
  std::map<std::uint64_t, PendingCheck> checks_;
  std::uint64_t checks_made_ = 0;
  std::map<SiteName, double> link_speed_;  // bytes a second, of files that came
  std::map<RunKey, Instant> fetching_;     // since when files travel for it
  // Bids held while a job is taken back from the own queue, and until when that makes sense.
  struct Move {
    AwardTarget target;
    HomeOffer promise;
    Instant until;
  };
  std::map<JobId, Move> moves_;
  Promises promises_{options_.promises, options_.reputation};
  Instant reputation_kept_{};
  // Jobs that the own site gave back: it is passed over for them for a while, as any other would be.
  struct HomePause {
    std::uint32_t tries = 0;
    Instant until{};
  };
  std::map<JobId, HomePause> home_pauses_;
  Timers<JobId> home_again_;
  std::map<QuoteId, Ticket> quotes_;
  SharedExplanation noted_;  // the last one written, and its text: jobs placed together
  std::string noted_text_;
  std::set<RunKey> occupying_;                    // runs that the planner counts as started
  std::map<JobId, std::vector<Ticket>> waiters_;  // GetJob with a wait
  std::map<Ticket, std::pair<JobId, Instant>> waits_;
  Timers<Ticket> wait_ends_;
  Tally tally_{options_.site};
  GuestUse guests_;   // kept while there is a policy
  UserUse user_use_;  // likewise

  // Messages, one overload each: a message without one does not compile.
  void on(Now now, const SiteName& from, const Hello& m, Effects& out);
  void on(Now now, const SiteName& from, const Probe& m, Effects& out);
  void on(Now now, const SiteName& from, const ProbeAck& m, Effects& out);
  void on(Now now, const SiteName& from, const IndirectProbe& m, Effects& out);
  void on(Now now, const SiteName& from, const ProbeNack& m, Effects& out);
  void on(Now now, const SiteName& from, const PushPull& m, Effects& out);
  void on(Now now, const SiteName& from, const PushPullAnswer& m, Effects& out);
  void on(Now now, const SiteName& from, const GossipPush& m, Effects& out);
  void on(Now now, const SiteName& from, const TrustSummary& m, Effects& out);
  void on(Now now, const SiteName& from, const TrustNews& m, Effects& out);
  void on(Now now, const SiteName& from, const AskRenewal& m, Effects& out);
  void on(Now now, const SiteName& from, const Inquiry& m, Effects& out);
  void on(Now now, const SiteName& from, const InquiryAnswer& m, Effects& out);
  void on(Now now, const SiteName& from, const CallForBids& m, Effects& out);
  void on(Now now, const SiteName& from, const Bid& m, Effects& out);
  void on(Now now, const SiteName& from, const Decline& m, Effects& out);
  void on(Now now, const SiteName& from, const Release& m, Effects& out);
  void on(Now now, const SiteName& from, const Award& m, Effects& out);
  void on(Now now, const SiteName& from, const Accepted& m, Effects& out);
  void on(Now now, const SiteName& from, const Refused& m, Effects& out);
  void on(Now now, const SiteName& from, const Confirm& m, Effects& out);
  void on(Now now, const SiteName& from, const Progress& m, Effects& out);
  void on(Now now, const SiteName& from, const Finished& m, Effects& out);
  void on(Now now, const SiteName& from, const FinishedAck& m, Effects& out);
  void on(Now now, const SiteName& from, const OutputsAck& m, Effects& out);
  void on(Now now, const SiteName& from, const Revoke& m, Effects& out);
  void on(Now now, const SiteName& from, const Revoked& m, Effects& out);
  void on(Now now, const SiteName& from, const Return& m, Effects& out);
  void on(Now now, const SiteName& from, const ReturnAck& m, Effects& out);
  void on(Now now, const SiteName& from, const Renew& m, Effects& out);
  void on(Now now, const SiteName& from, const Renewed& m, Effects& out);
  void on(Now now, const SiteName& from, const KeepCopies& m, Effects& out);
  void on(Now now, const SiteName& from, const CopiesKept& m, Effects& out);
  void on(Now now, const SiteName& from, const AskCustody& m, Effects& out);
  void on(Now now, const SiteName& from, const CustodyReport& m, Effects& out);
  void on(Now now, const SiteName& from, const AskPayload& m, Effects& out);
  void on(Now now, const SiteName& from, const PayloadTold& m, Effects& out);
  bool is_known(const SiteName& site) const;
  void store_believed(Now now, const SiteName& site, const StoreId& store, Effects& out);
  void open_to_peers(Now now, Effects& out);

  // What the backend says.
  template <class Event>
  void hear_backend(Now now, const Event& event, Effects& out) {
    host_.step(now, event, out);
  }
  void hear_backend(Now now, const StrayRunsStopped& event, Effects& out);
  void hear_backend(Now now, const LoadReported& load, Effects& out);
  void give_back_stuck_guests(Now now, const std::string& problem, Effects& out);

  // What membership noticed.
  void hear_membership(Now now, Effects& out);
  void heard(Now now, const MemberChanged& event, Effects& out);
  void heard(Now now, const RecordLearned& event, Effects& out);
  void heard(Now now, const DigestLearned& event, Effects& out);
  void heard(Now now, const IsolationChanged& event, Effects& out);
  void heard(Now now, const PeerMisbehaved& event, Effects& out);

  // What users ask.
  void ask(Now now, Ticket ticket, const Caller& caller, const SubmitJobs& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const QuoteJob& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const ListJobs& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const GetJob& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const WhyJob& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const ActOnJob& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const ListSites& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const GetStatus& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const GetFigures& call, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const TestPolicy& call, Effects& out);
  void submit_again(Now now, Ticket ticket, const JobId& id, const ActOnJob& call, Effects& out);
  void forget_site(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out);
  std::optional<Error> why_not_forget(const ActOnSite& call) const;
  void adopt_site(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out);
  void entrust_site(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out);
  bool may_hand_over(const SiteName& origin, const SiteName& to) const;
  void hand_over_runs(CustodyReport& report) const;
  void hand_over_copies(CustodyReport& report) const;
  void gather(Now now, const SiteName& from, const SiteName& origin, const CustodyRun& told, Effects& out);
  void pull_result(const JobCopy& copy, Effects& out);
  void result_home(Now now, const OutputsHome& event, Effects& out);
  void tick_custody(Now now, Effects& out);
  void run_adopted_again(Now now, Ticket ticket, const Caller& caller, const ActOnJob& call, Effects& out);
  std::optional<Error> why_not_again(const Caller& caller, const JobCopy& copy) const;
  ApiReply submit_adopted(Now now, const JobCopy& copy, const RunAgain& wish, const PayloadTold& told, Effects& out);
  void ask(Now now, Ticket ticket, const Caller& caller, const TrustCall& call, Effects& out);

  // Trust: controller_trust.cpp, controller_check.cpp.
  ApiReply act(Now now, const CreateFederation& call, Effects& out);
  ApiReply act(Now now, const Invite& call, Effects& out);
  ApiReply act(Now now, const WithdrawInvitation& call, Effects& out);
  ApiReply act(Now now, const TakeAdmission& call, Effects& out);
  ApiReply act(Now now, const Enrol& call, Effects& out);
  ApiReply act(Now now, const LeaveFederation& call, Effects& out);
  ApiReply act(Now now, const BanSite& call, Effects& out);
  ApiReply act(Now now, const EvictSite& call, Effects& out);
  ApiReply act(Now now, const ShowTrust& call, Effects& out);
  ApiReply act(Now now, const AnnounceTransportKey& call, Effects& out);
  ApiReply trust_or(const Now& now, const Status& done) const;
  TrustView trust_view(const Now& now) const;
  std::string lost_standing() const;
  void restore_trust(Now now, const std::map<std::string, std::string>& documents);
  PeerAddress address_of(const SiteName& site, const IdentityKey& identity, const PeerAddress& base) const;
  void refresh_peers(Now now, Effects& out);
  void hear_admissions(Now now, Effects& out);
  void keep_address(Now now, const SiteName& site, Effects& out);
  void put_address(const SiteName& site, const KeptAddress& kept, Effects& out);
  std::optional<SiteCheck> check_here(const SiteName& site) const;
  void begin_check(Now now, Ticket ticket, const CheckSite& call, Effects& out);
  void answer_check(Now now, const PendingCheck& check, const InquiryAnswer* answer, Effects& out);
  SiteCheck judge_answer(Now now, const PendingCheck& check, const InquiryAnswer& answer) const;
  void end_checks(Now now, Effects& out);
  std::optional<Instant> next_check() const;

  SiteStatus status() const;
  bool is_spent_array(const Origin::Job& job) const;
  bool is_over(const Origin::Job& job) const;
  Result<JobId> job_of(const JobName& name) const;
  Status may_act(const Caller& caller, const JobId& id) const;
  std::optional<Error> refuse_submission(Now now, const Submission& submission) const;
  void answer_waiters(Now now, const JobId& id, Effects& out);
  void end_waits(Now now, Effects& out);
  JobView view(Now now, const Origin::Job& job) const;
  ApiReply from_elsewhere(Now now, const GetJob& call) const;
  Error ask_elsewhere(const JobName& name) const;
  JobView copy_view(Now now, const JobCopy& copy) const;
  std::string outlook_of_copy(const JobCopy& copy) const;
  std::string outlook_of_adopted(const JobCopy& copy) const;
  std::vector<SiteName> members_to_count_on() const;
  bool is_absent(const SiteName& site) const;
  JobView view_whole(Now now, const Origin::Job& job) const;
  JobView guest_view(Now now, const Host::Run& run) const;
  std::string_view state_of(const Origin::Job& job) const;
  std::string_view state_of(const Origin::Job& job, const Delegated& delegated) const;
  void view_delegated(Now now, const Origin::Job& job, const Delegated& delegated, JobView& view) const;
  static std::string_view state_of(const Host::Run& run);
  void fill_outlook(Now now, const Origin::Job& job, JobView& view) const;
  std::string outlook_of(Now now, const Origin::Job& job, const Delegated& delegated) const;
  std::string outlook_of_silence(Now now, const Origin::Job& job, const SiteName& host) const;
  std::string outlook_of_pending(const Origin::Job& job) const;
  Instant silent_since(const Origin::Job& job, const SiteName& host) const;
  bool hears_of(const SiteName& host) const;
  static void fill_from_progress(Now now, const Origin::Job& job, JobView& view);
  std::string fill_from_run(Now now, const Host::Run& run, JobView& view) const;
  void look_at_all_again();
  void give_back_guests(Now now, Effects& out);

  // Settling.
  void settle(Now now, Effects& out);
  bool queue_changed(Now now, const Host::Change& change);
  QueueEntry entry_for(Now now, const Host::Run& run);
  void job_changed(Now now, const JobId& id, Effects& out);
  void delegated_changed(Now now, const Origin::Job& job, const Delegated& delegated, Effects& out);

  // Placing.
  void place(Now now, const JobId& id, Effects& out);
  void go_home(Now now, const JobId& id, Effects& out);
  void hear_market(Now now, Effects& out);
  void carry_out(Now now, const Verdict& verdict, Effects& out);
  bool may_not_leave(const Verdict& verdict, Effects& out);
  void answer_quote(const QuoteVerdict& verdict, Effects& out);
  void start_move(Now now, const JobId& id, const AwardTarget& target, const HomeOffer& promise, Effects& out);
  void drop_move(const JobId& id, Effects& out);
  void note(const Verdict& verdict, Effects& out);
  std::optional<HomeOffer> home_offer(Now now, const JobRequest& request);
  std::optional<std::string> why_not_here(const JobRequest& request) const;
  bool fits_somewhere(const JobRequest& request) const;
  std::optional<Error> refuse_unfit(Now now, const JobRequest& request) const;
  void publish_digest(Now now);
  void note_transfers(Now now, const Effects& out);
  void measure(Now now, const StagingEvent& event);
  void measured(const SiteName& peer, std::uint64_t bytes, Duration elapsed);
  void passed_over(Now now, const SiteName& from, const RunKey& run);
  void pass_over_home(Now now, const JobId& id);
  bool is_home_passed_over(Now now, const JobId& id) const;

  // Bidding.
  bool can_hold_lease(const JobRequest& request) const;
  std::optional<DeclineReason> why_no_bid(const SiteName& from, const CallForBids& m) const;
  std::optional<Bid> held_bid(Now now, const SiteName& from, const CallForBids& m, GuestTerms terms);
  std::optional<Bid> later_bid(Now now, const SiteName& from, const CallForBids& m, const GuestTerms& terms);
  Bid offer(Now now, const SiteName& from, const JobRequest& request, const Estimate& estimate) const;

  // Policy (controller_policy.cpp).
  std::string region_of(const SiteName& site) const;
  GuestRuling ruling_on(Now now, const SiteName& origin, const JobRequest& request, const Pool& pool,
                        std::uint64_t units) const;
  GuestTerms terms_for(Now now, const SiteName& origin, const JobRequest& request) const;
  void note_terms(const SiteName& origin, const JobRequest& request, const GuestTerms& terms, Effects& out) const;
  void note_award(const SiteName& from, const AwardTask& task, Effects& out) const;
  void offer_to_guest(const BidId& bid, const SiteName& origin, const Estimate& estimate);
  std::uint64_t units_in(const std::string& pool, const Shape& shape) const;
  PoolNames pools_of_guest(Now now, const Host::Run& run);
  void count_guest(const Host::Run& run);
  void count_under_policy(Now now);
  void count_for_user(const JobId& id, const Origin::Job* job);
  std::optional<Error> refuse_by_limits(Now now, const Caller& caller, const SubmitJobs& call);
  std::vector<PolicyLine> guest_lines(const Policy& policy, Now at, const TestPolicy& call) const;
  std::vector<PolicyLine> sending_lines(const Policy& policy, const JobRequest& request) const;
  static std::string policy_word(const Explanation& explanation);

  // Promises (controller_promises.cpp).
  bool speaks_of_its_run(const SiteName& from, const RunKey& run) const;
  void hear_promise(Now now, const SiteName& from, const Progress& m);
  void hear_promise(Now now, const SiteName& from, const Finished& m);
  void hear_promise(Now now, const SiteName& from, const Return& m);
  void follow_promise(Now now, const JobId& id, const Origin::Job* job);
  void look_at_overdue(Now now);
  void keep_reputation(Now now, Effects& out);
  void restore_reputation(Now now, const std::map<std::string, std::string>& stored);

  // MarketView.
  LinkFacts link(const SiteName& site) const override;
  bool isolated() const override;
  std::optional<Instant> home_start(const JobId& job, Instant now) override;
  std::optional<std::string> why_not_sent(const JobRequest& request, const SiteName& site) const override;
  Duration expected_delay(const SiteName& site, Instant now) const override;

  void start_runs(Now now, Effects& out);
  void name_accounts(Effects& out) const;
  static void merge_awards(Effects& out);
  std::optional<DeclineReason> closed_to_guests() const;
  SiteRecord own_record() const;
  std::string name_of_run(const Host::Run& run) const;
};

}  // namespace hansa
