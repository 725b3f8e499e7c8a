// Suspicion (Lifeguard): how long a suspect has to refute.
//
// One accuser may itself be at fault, so a lone suspicion lasts long; every independent confirmation shortens it:
//
//   timeout(c) = max(low, high − (high − low) · log(c + 1) / log(k + 1))
//
// with c confirmations beyond the first accuser and k the number that makes it shortest; low = suspicion_periods ·
// max(1, log10 n) · period, high = suspicion_stretch · low. The same accuser twice counts once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>

#include "hansa/types/ids.hpp"
#include "hansa/types/time.hpp"
#include "protocol/membership/options.hpp"

namespace hansa {

class Suspicion {
 public:
  // `members` are those reachable, this site and the suspect included: no more than members − 2 can confirm.
  Suspicion(Instant now, const SiteName& accuser, std::size_t members, const MembershipOptions& options)
      : since_(now),
        low_(shortest(members, options)),
        high_(scale(low_, options.suspicion_stretch)),
        confirmations_wanted_(std::min<std::size_t>(options.suspicion_confirmations, members < 3 ? 0 : members - 2)),
        accusers_{accuser} {}

  // Whether this accuser is news that others should hear of.
  bool confirm(const SiteName& accuser) {
    return accusers_.size() <= confirmations_wanted_ && accusers_.insert(accuser).second;
  }

  Instant since() const { return since_; }
  Instant deadline() const { return since_ + timeout(); }
  Duration timeout() const {
    if (confirmations_wanted_ == 0) return low_;
    const double shrink =
        std::log(static_cast<double>(accusers_.size())) / std::log(static_cast<double>(confirmations_wanted_ + 1));
    return std::max(low_, high_ - scale(high_ - low_, shrink));
  }
  const std::set<SiteName>& accusers() const { return accusers_; }

  // Time in which this site did not run.
  void postpone(Duration by) { since_ += by; }

  static Duration shortest(std::size_t members, const MembershipOptions& options) {
    const double nodes = std::max(1.0, std::log10(static_cast<double>(std::max<std::size_t>(members, 1))));
    return scale(options.period, options.suspicion_periods * nodes);
  }

 private:
  static Duration scale(Duration duration, double factor) {
    return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
  }

  Instant since_;
  Duration low_;
  Duration high_;
  std::size_t confirmations_wanted_;
  std::set<SiteName> accusers_;
};

}  // namespace hansa
