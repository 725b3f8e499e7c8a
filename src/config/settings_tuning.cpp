// The keys that trade speed against cost: gossip, connections, placement.
#include "src/config/setting.hpp"
#include "src/placement/registry.hpp"

#define HANSA_AT(field)       \
  [](auto& config) -> auto& { \
    return config.field;      \
  }

namespace hansa {
namespace {

using Milliseconds = std::chrono::milliseconds;

bool is_score(std::string_view name) {
  return find_score(name).ok();
}

std::string known_scores() {
  std::string names;
  for (const auto* score : scores()) names += (names.empty() ? "" : ", ") + std::string(score->name());
  return "one of " + names;
}

}  // namespace

std::vector<Setting> tuning_settings() {
  return {
      duration_setting<Milliseconds>(
          {"gossip", "protocol_period_ms",
           "One member is probed each period, and every other time of the gossip follows from it. Shorter finds dead "
           "sites sooner and costs bytes; not below a few round trips of the slowest link."},
          HANSA_AT(gossip.protocol_period), Milliseconds(50), Milliseconds(60'000)),
      number_setting({"gossip", "helpers", "How many others are asked to probe a member that does not answer."},
                     HANSA_AT(gossip.helpers), 1, 10),
      real_setting({"gossip", "suspicion_periods",
                    "How long a suspicion that everybody shares lasts before a site counts as failed, in periods."},
                   HANSA_AT(gossip.suspicion_periods), 3, 20),
      number_setting({"gossip", "fan_out", "News is pushed to so many members between probes."},
                     HANSA_AT(gossip.fan_out), 1, 10),
      size_setting({"gossip", "message_bytes_max", "Gossip that rides on one probe."},
                   HANSA_AT(gossip.message_bytes_max), 500, 64u << 10),
      duration_setting<Milliseconds>(
          {"gossip", "digest_interval_min_ms", "This site's capacity is published no more often than this."},
          HANSA_AT(gossip.digest_interval_min), Milliseconds(10), Milliseconds(60'000)),

      duration_setting<Milliseconds>({"link", "handshake_ms", "A connection must have proved itself by then."},
                                     HANSA_AT(link.handshake), Milliseconds(100), Milliseconds(60'000)),
      duration_setting<Milliseconds>(
          {"link", "heartbeat_ms", "An idle connection is asked for a sign of life so often."},
          HANSA_AT(link.heartbeat), Milliseconds(50), Milliseconds(60'000)),
      duration_setting<Milliseconds>({"link", "silence_max_ms", "A connection that is silent for so long is lost."},
                                     HANSA_AT(link.silence_max), Milliseconds(100), Milliseconds(600'000)),
      number_setting({"link", "protocol_max",
                      "The newest protocol version spoken with other sites. Each pair of sites speaks the newest that "
                      "both know by itself; this holds back a new version until everybody has it, or takes it back."},
                     HANSA_AT(link.protocol_max), spoken_versions.oldest, spoken_versions.newest),

      text_setting({"placement", "score", "How bids are compared; hansa-sim shows what each does."},
                   HANSA_AT(placement.score), known_scores(), is_score),
      duration_setting<Milliseconds>(
          {"placement", "margin_ms",
           "A job goes elsewhere when it would start sooner there by more than this, transfer "
           "included. Larger keeps jobs at home; 0 lets them wander for nothing."},
          HANSA_AT(placement.margin), Milliseconds(0), Milliseconds(86'400'000)),
      number_setting({"placement", "fan_out", "How many sites a call for bids goes to."}, HANSA_AT(placement.fan_out),
                     1, 64),
      duration_setting<Milliseconds>(
          {"placement", "answer_by_ms",
           "How long bids are waited for; at least three times the slowest round trip asked."},
          HANSA_AT(placement.answer_by), Milliseconds(10), Milliseconds(60'000)),
      duration_setting<Milliseconds>(
          {"placement", "call_again_ms", "A waiting job is put up for bids again no more often than this."},
          HANSA_AT(placement.call_again), Milliseconds(100), Milliseconds(3'600'000)),
      duration_setting<Milliseconds>(
          {"placement", "bid_hold_ms",
           "Units that could start at once are kept for a bid so long. Longer serves callers "
           "far away and idles units for callers that vanish."},
          HANSA_AT(placement.bid_hold), Milliseconds(100), Milliseconds(2'000)),
      duration_setting<Milliseconds>({"placement", "bid_valid_ms", "A bid may be taken up for so long."},
                                     HANSA_AT(placement.bid_valid), Milliseconds(200), Milliseconds(600'000)),
  };
}

}  // namespace hansa
