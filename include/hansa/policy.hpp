// The operator's policy: what guests this site takes in and on which terms, where its own users' jobs may go, and how
// much each of them may have here. The last word is always the operator's own.
//
// Pure: same question, same answer. The Controller asks it, bin/ hands it in, SIGHUP exchanges it for another; one
// object never changes, so that any thread may ask it. The base class is the policy of a site that has none: it takes
// everybody, at the pools' own prices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/resources.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// A guest's job that asks for units of one pool.
struct GuestAsk {
  const SiteName& origin;
  const std::string& region;  // the origin's, as its signed record has it
  const JobRequest& request;
  const Pool& pool;
  std::uint64_t units = 0;  // of this pool, that the job takes
  WallTime at;
  // Units of the pool that guests run on, wait for or were offered, before this one.
  std::uint64_t units_of_guests = 0;
  std::uint64_t units_of_origin = 0;
};

struct GuestRuling {
  bool accepted = true;
  std::string rule;  // which decided; empty: none had to
  std::string text;  // how, for people
  double price_per_unit_hour = 0;
};

// A job of this site's own user that may leave for another.
struct SendAsk {
  const JobRequest& request;
  const SiteName& site;
  const std::string& region;
};

struct SendRuling {
  bool allowed = true;
  std::string rule;
  std::string text;
};

// How much one user of this site may have at once; nothing: as much as they like.
struct UserLimits {
  std::optional<std::uint64_t> jobs;          // that are not final, each task of an array one
  std::optional<std::uint64_t> accelerators;  // of all those jobs together
  std::optional<std::uint64_t> submissions_per_minute;

  bool any() const { return jobs || accelerators || submissions_per_minute; }
  bool operator==(const UserLimits&) const = default;
};

class Policy {
 public:
  virtual ~Policy() = default;

  virtual GuestRuling on_guest(const GuestAsk& ask) const {
    return {.price_per_unit_hour = ask.pool.price_per_unit_hour};
  }
  virtual SendRuling on_send(const SendAsk&) const { return {}; }
  virtual UserLimits limits_of(std::string_view) const { return {}; }
  // The local account that a guest's run belongs to; empty: that of all other jobs.
  virtual std::string account_of(const SiteName&, std::string_view) const { return {}; }
  // What a unit of this pool costs per hour when no rule says otherwise.
  virtual double price_of(const Pool& pool) const { return pool.price_per_unit_hour; }
};

}  // namespace hansa
