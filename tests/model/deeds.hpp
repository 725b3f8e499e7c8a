// Deeds: everything that can happen at one site next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/model/site.hpp"

namespace hansa::model {

enum class Deed : std::uint8_t {
  // By the site alone.
  flush,
  take_event,
  origin_repeats,
  origin_loses_patience,
  origin_forgets,
  host_repeats,
  bids_expire,
  host_forgets,
  wrapper_starts,
  wrapper_fails,
  run_ends,
  node_fails,
  run_dies,
  run_outlives_lease,
  start,
  go_home,
  give_back,
  crash,
  crash_at_write,
  reboot,
  lose_disk,
  freeze,
  cancel,
  move,
  rerun,
  give_up,
  submit_anew,
  let_go,
  // With somebody else.
  hear,
  refuse,
  mint,
  award,
  learn,
  forget,
  pass,
  lose_all,
};

struct Offer {
  Deed deed;
  std::uint32_t detail = 0;  // a run or a job, for most
  std::optional<Fault> fault{};
};

// What this site can do alone.
std::vector<Offer> offers(const Site& site);
void apply(Site& site, const Offer& offer, Outcomes& out);

// All clocks move one step; false if the site may not let time pass, because a run must be dead by then.
bool pass(Site& site, Outcomes& out);

std::string describe(SiteIndex site, const Offer& offer);

}  // namespace hansa::model
