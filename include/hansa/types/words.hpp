// The closed lists of the protocol: states and reasons that sites tell each other. Numbers are the wire: append only.
#pragma once

#include <cstdint>
#include <string_view>

namespace hansa {

enum class MemberState : std::uint8_t { alive, suspect, failed, left };

// Why a site makes no bid, or refuses an award.
enum class DeclineReason : std::uint8_t {
  never_fits,  // no pool here could hold it
  too_busy,    // would start too late to be worth a bid
  policy,      // the operator's rules
  draining,
  disk_full,
  isolated,    // the site reaches no peer
  overloaded,  // too many calls at once
  no_lease,    // its backend can't hold a lease's deadline
  labels,      // lacks what the job asks the site to have
  no_backend,  // its batch system does not answer
};

// Why a host gives a run back.
enum class ReturnReason : std::uint8_t {
  drained,
  staging_failed,
  start_failed,
  lease_out,
  claim_lost,  // its start claim was taken by a revoke that the origin has since dropped
  operator_order,
};

// Where a run stands at its host.
enum class RunPhase : std::uint8_t { queued, staging, starting, running, stopping, staging_out };

enum class RevokeMode : std::uint8_t { always, if_not_started };

std::string_view to_word(MemberState state);     // "alive"
std::string_view to_word(DeclineReason reason);  // "too busy"
std::string_view to_word(ReturnReason reason);   // "staging failed"
std::string_view to_word(RunPhase phase);        // "running"

}  // namespace hansa
