// The knobs of a site's brain, gathered: each machine documents its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hansa/types/site.hpp"
#include "protocol/admission/options.hpp"
#include "protocol/capacity/digest_publisher.hpp"
#include "protocol/copies/copier.hpp"
#include "protocol/copies/custodian.hpp"
#include "protocol/copies/shelf.hpp"
#include "protocol/handoff/host.hpp"
#include "protocol/handoff/origin.hpp"
#include "protocol/market/call_quota.hpp"
#include "protocol/market/options.hpp"
#include "protocol/market/promises.hpp"
#include "protocol/membership/options.hpp"
#include "protocol/wire/versions.hpp"

namespace hansa {

struct ControllerOptions {
  SiteName site;
  std::string region;
  std::string version;  // of this build, for people
  std::string backend;  // its kind, for people
  std::vector<std::string> labels;
  std::vector<std::string> datasets;  // what data lies here, by name
  std::vector<std::string> endpoints;
  std::vector<std::string> bulk_endpoints;
  TransportKey transport_key;
  ProtocolRange protocol = spoken_versions;

  MembershipOptions membership;
  AdmissionOptions admission;
  PublisherOptions publisher;
  MarketOptions market;
  PromiseOptions promises;
  ReputationOptions reputation;
  OriginOptions origin;
  HostOptions host;
  CopierOptions copier;
  ShelfOptions shelf;
  CustodianOptions custodian;

  // How long units that can start now are held for a bid: as long as a decision and an award take. Raising it keeps
  // units idle for callers that vanish; at least three round trips.
  Duration bid_hold = std::chrono::seconds(2);
  // How long a bid may be taken up. Raising it forgives slow origins; the promise in it ages.
  Duration bid_valid = std::chrono::seconds(10);
  CallQuotaOptions calls;
  // Live bids of one caller, and of all: past them a call is declined as overloaded.
  std::size_t bids_per_caller_max = 4'096;
  std::size_t bids_max = 16'384;
  // How often what changed of peers' reputations is written down: as much is forgotten in a crash.
  Duration keep_reputation_every = std::chrono::minutes(1);
  // Jobs of this origin that are not final. A submission past it is refused.
  std::size_t jobs_max = 1'000'000;
  // A job that no known site fits is refused once this site has been up for so long, or knows every configured peer.
  Duration know_peers_within = std::chrono::seconds(15);
};

}  // namespace hansa
