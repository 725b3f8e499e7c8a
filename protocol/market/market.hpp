// Market: whom to ask, whose bid to take.
//
// Problem: every origin decides alone, from digests that are old when they arrive and the same for all. Idea: digests
// only choose whom to ask; a bid, for which the bidder holds the units, says what is true; and what is not taken is
// released at once, also when it comes late. Equal jobs ask together. Jobs that wait at home are asked for again when
// gossip tells of something better, at a limited rate, and move only for a gain that doubles with every move.
//
// Jobs come by place() and get one verdict each while they are fresh: an award, home, or nothing now. Those that were
// not awarded stay filed and may get an award later, until remove() or forget().
//
// Invariants: (1) every bid id that arrives is awarded once or released once; (2) a bid is never awarded after its life
// or to a suspect site; (3) one open call a group of equal jobs; (4) a tick's work is bounded, whatever waits; (5) same
// events and seed, same effects. Contract: docs/protocol/04-handoff.md, "Where a job waits".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "hansa/score.hpp"
#include "hansa/types/rng.hpp"
#include "protocol/capacity/capacity_view.hpp"
#include "protocol/effects.hpp"
#include "protocol/market/call.hpp"
#include "protocol/market/explanation.hpp"
#include "protocol/market/options.hpp"
#include "protocol/market/order_book.hpp"
#include "protocol/market/passing_over.hpp"
#include "protocol/market/view.hpp"

namespace hansa {

enum class VerdictKind : std::uint8_t {
  award,    // to `site`, whose bid `bid` is held: the caller awards it, or releases it
  home,     // into this site's own queue; it stays filed here as waiting there
  nothing,  // nobody has it now; it is asked for again
};

struct Verdict {
  JobId job;
  VerdictKind kind = VerdictKind::nothing;
  SiteName site;
  StoreId store;
  BidId bid;
  HomeOffer promise;         // what its bid said, files included
  bool was_at_home = false;  // it waits in a queue: to be taken back from there before the award
  SharedExplanation explanation;
};

struct QuoteVerdict {
  QuoteId quote;
  SharedExplanation explanation;
};

class Market {
 public:
  // All that is referred to outlives it.
  Market(SiteName self, MarketOptions options, const Score& score, CapacityView& capacity, MarketView& view, Rng rng);

  // --- What wants a place. Calls leave with ask_for_fresh(), or with the next tick, which is due at once: equal jobs
  // of one step ask together.
  void place(Now now, const PlaceOrder& order);
  // All of this step are placed: a verdict that needs nobody's answer comes in the same step, and so in one commit.
  void ask_for_fresh(Now now, Effects& out);
  // What would be offered for it; nothing is held. The answer comes with take_quotes().
  void quote(Now now, QuoteId id, const Shared<JobRequest>& request, const std::optional<HomeOffer>& home,
             Effects& out);
  // It wants no place now (started, held, cancelled); what is known of its moves stays.
  void remove(const JobId& job) { book_.erase(job); }
  // It is final.
  void forget(const JobId& job);

  // --- What became of awards, and of the picture.
  void failed(Instant now, const JobId& job, const SiteName& site) { passing_over_.failed(now, job, site); }
  void succeeded(const SiteName& site) { passing_over_.succeeded(site); }
  // CapacityView::learn said that the picture got better somewhere.
  void picture_improved(Instant now);

  // --- Events.
  void step(Now now, const SiteName& from, const Bid& bid, Effects& out);
  void step(Now now, const SiteName& from, const Decline& decline, Effects& out);
  void tick(Now now, Effects& out);
  std::optional<Instant> deadline() const;

  // --- What was decided, in order.
  std::vector<Verdict> take_verdicts() { return std::exchange(verdicts_, {}); }
  std::vector<QuoteVerdict> take_quotes() { return std::exchange(quotes_, {}); }

  // How the last choice for a job that is filed here was made; null when there was none yet.
  SharedExplanation explanation(const JobId& job);
  bool is_filed(const JobId& job) const { return book_.find(job) != nullptr; }
  std::size_t filed_count() const { return book_.job_count(); }
  std::size_t open_calls() const { return calls_.size(); }

 private:
  // A site that could be asked, as its digest has it.
  struct Candidate {
    Option option;
    Outlook outlook;
    ScoreCard card;
    double total = 0;
    std::size_t data_steps = 0;
  };
  struct Survey {
    std::vector<Candidate> candidates;  // by site
    std::vector<ExplainedSite> not_asked;
    std::size_t left_out = 0;
    double reference_tflops = 0;
  };

  // market_ask.cpp: whom to ask.
  Survey survey(Instant now, const JobRequest& request, const std::optional<HomeOffer>& home,
                const JobId* sole_job) const;
  std::optional<std::string> why_not_asked(Instant now, const CapacityView::Site& site, const JobRequest& request,
                                           const JobId* sole_job) const;
  void score_candidates(const JobRequest& request, const std::optional<HomeOffer>& home, Survey& survey) const;
  void leave_out(Survey& survey, ExplainedSite site) const;
  void keep_best(Survey& survey, std::size_t count, double total_max);
  Call& open_call(Now now, Call call, Survey survey, Effects& out);
  AskedSite ask(const Candidate& candidate, std::uint64_t count);
  Duration transfer_time(const JobRequest& request, const LinkFacts& link) const;

  // market_scan.cpp: when to ask, and for which of the waiting jobs.
  void scan_waiting(Now now, Effects& out);
  bool may_ask(Instant now, const OrderGroup& group) const;
  void ask_for(Now now, OrderGroup& group, Effects& out);
  void stay(Now now, OrderGroup& group, Call call, Survey found);
  std::vector<JobId> who_could_gain(Instant now, const OrderGroup& group, const Survey& survey, double& total_max);
  OrderLine::const_iterator first_to_gain(Instant now, const OrderGroup& group, const Survey& survey,
                                          double best_total);
  void retry_later(Instant now, OrderGroup& group);
  OrderGroup* next_to_look_at(Instant now);
  void settle_fresh(OrderGroup& group, const SharedExplanation& explanation, const std::set<JobId>& but);
  double margin_seconds(const JobId& job) const;
  std::optional<double> home_total(Instant now, const OrderGroup& group, const JobId& job, double reference_tflops);
  Option home_option(Instant now, const HomeOffer& home, double reference_tflops) const;
  double total_at_home(Instant now, const JobRequest& request, const HomeOffer& home, double reference_tflops) const;

  // market_choose.cpp: whose bid to take.
  struct Standing {
    const AskedSite* asked = nullptr;
    Option option;
    ScoreCard card;
    double total = 0;
    std::size_t used = 0;  // of its bid ids
  };
  struct Taken {
    JobId job;
    const Standing* of = nullptr;
    BidId bid;
  };
  void close(Now now, CallId id, Effects& out);
  std::vector<Standing> standings(Instant now, const Call& call, double reference_tflops) const;
  Standing* best_for(Instant now, const JobId& job, std::vector<Standing>& standings) const;
  std::vector<Taken> choose(Instant now, const Call& call, const OrderGroup& group, std::vector<Standing>& bids,
                            double reference_tflops);
  static HomeOffer promise_of(Instant now, const Standing& standing);
  void decide(Instant now, const Call& call, OrderGroup& group, const std::vector<Taken>& awards);
  void release_unused(const Call& call, const std::vector<Standing>& standings, Effects& out);
  double reference_of(const Call& call) const;
  void finish_quote(Now now, const Call& call);
  std::string how_of(Instant now, const Call& call, const std::vector<Standing>& bids) const;
  SharedExplanation explain(Now now, const Call& call, const std::vector<Standing>& standings, double reference_tflops,
                            std::string how) const;
  ExplainedSite explain_home(Instant now, const Call& call, double reference_tflops) const;
  ExplainedSite explain_asked(const AskedSite& asked, const std::vector<Standing>& standings, bool closed_early) const;

  SiteName self_;
  MarketOptions options_;
  const Score& score_;
  CapacityView& capacity_;
  MarketView& view_;
  Rng rng_;
  OrderBook book_;
  PassingOver passing_over_;
  std::map<JobId, std::uint32_t> awards_;  // how often a job was awarded away
  std::map<CallId, Call> calls_;
  std::set<std::pair<Instant, CallId>> calls_by_end_;
  CallId last_call_;
  std::uint64_t news_ = 0;           // counts improvements of the picture
  std::size_t groups_to_visit_ = 0;  // left of this scan over the waiting
  GroupId scan_at_ = 0;
  std::set<std::pair<Instant, GroupId>> retries_;  // after calls that left somebody waiting
  Instant scan_next_ = Instant::min();
  std::optional<Instant> look_again_at_;
  std::vector<Verdict> verdicts_;
  std::vector<QuoteVerdict> quotes_;
};

}  // namespace hansa
