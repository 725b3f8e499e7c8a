// UserUse: what each user of this site has under way, and how fast they submit; and whether more is within their
// limits.
//
// Rates are a bucket that fills by the minute: a burst of a minute's worth is fine after a minute of quiet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "hansa/policy.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

class UserUse {
 public:
  struct Amount {
    std::string user;
    std::uint64_t jobs = 0;
    std::uint64_t accelerators = 0;
  };

  void put(const JobId& job, Amount amount);
  void erase(const JobId& job);
  void clear();

  // Why the user may not have `more`; when there is no reason, it counts as submitted now.
  std::optional<Error> refuse(Instant now, const std::string& user, const Amount& more, const UserLimits& limits);

 private:
  struct Bucket {
    double room = 0;
    Instant at{};
  };
  bool is_too_fast(Instant now, const std::string& user, double jobs, double per_minute);

  std::map<JobId, Amount> jobs_;
  std::map<std::string, Amount> sums_;
  std::map<std::string, Bucket> rates_;
};

}  // namespace hansa
