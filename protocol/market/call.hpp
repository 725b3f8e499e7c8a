// Call: one open question to some sites, and what they answered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hansa/score.hpp"
#include "protocol/market/explanation.hpp"
#include "protocol/market/options.hpp"
#include "protocol/market/order_book.hpp"
#include "protocol/wire/messages.hpp"

namespace hansa {

// Names a question that awards nothing (submit --test-only).
using QuoteId = Counter<struct QuoteIdTag>;

struct AskedSite {
  SiteName site;
  Duration transfer{0};  // of the job's files to there
  Duration rtt{0};
  std::string region;
  Duration expected_delay{0};  // what its broken promises cost on average
  std::size_t data_steps = 0;  // less preferred for the data sets that are not there
  std::string expected_pool;   // counted as taken there until the call is closed
  std::uint64_t expected_units = 0;
  std::uint64_t units_each = 0;  // of one of the jobs
  std::optional<Bid> bid;
  Instant received;  // the bid
  std::optional<Decline> decline;

  bool has_answered() const { return bid || decline; }
};

struct Call {
  CallId id;
  std::optional<QuoteId> quote;
  GroupId group = 0;
  Shared<JobRequest> request;
  std::optional<HomeOffer> home;
  std::vector<JobId> jobs;
  Instant deadline;
  std::vector<AskedSite> asked;
  std::vector<ExplainedSite> not_asked;
  std::size_t left_out = 0;

  AskedSite* find(const SiteName& site);
  // Everybody answered, or enough jobs can start at once on the most wanted model.
  bool is_settled(const MarketOptions& options) const;
};

// What a peer says, made harmless: no negative times or prices, nothing that is not a number.
Bid sane(Bid bid);

// Where the bid's pool stands in the user's list of models.
std::size_t preference_of(const Bid& bid, const JobRequest& request);

// The bid as it stands at `now`: what it promised from its sending on has come nearer since.
Option option_of(const AskedSite& asked, const JobRequest& request, Instant now);

}  // namespace hansa
