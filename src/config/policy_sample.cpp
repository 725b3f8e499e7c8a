#include "src/config/policy_file.hpp"

namespace hansa {

std::string_view sample_policy() {
  return R"(# What this site takes in, and what it lets go. Nothing here is in force until its '#' is taken away; a site without
# rules takes in every guest and lets every job go. 'hansa policy check FILE' reads it, 'hansa policy test' tells which
# rule decides. After a change: kill -HUP, and a file with a mistake leaves the policy as it was.
#
# Rules are asked in order; the first of which every condition holds decides. A condition that is left out always holds.
# Names may have '*'; a user without '@' is meant at every site. Shares are parts of a pool, 0 to 1, and count what
# guests were promised as well as what they run.

#[guests]
#otherwise = "accept"           # or "decline": guests that no rule is about
#kept_for_own_users = 0.25      # of each pool: guests together never get more than the rest
#kept_by_pool = { cpu = 0.5 }   # instead, for some pools
#share_of_one_site_max = 0.5    # of each pool, for the guests of one site
#utc_offset = "+08:00"          # of hours and days below

#[[guests.rule]]
#name = "neighbours-at-night"
#decide = "accept"              # or "decline"
#sites = ["wujiang", "tai*"]
#regions = ["cn/east"]          # where the origin says that it is; in it or below it
#users = ["ana", "*@wujiang"]
#pools = ["a100"]
#accelerators_max = 64          # of one job
#nodes_max = 8
#time_max = "12h"
#hours = ["20:00-06:00"]        # when new guests are taken in
#days = ["mon", "tue", "wed", "thu", "fri"]
#share_max = 0.75               # instead of share_of_one_site_max
#price_factor = 0.5             # of the pool's price; or price = 3.4, for a unit's hour

# What a unit's hour costs, by pool, instead of what hansad.toml says.
#[prices]
#a100 = 6.8

# The local account that a guest's run belongs to; the first that matches. Never root.
#[accounts]
#"ana@wujiang" = "ana"
#"*@taihu" = "taihu-guests"
#otherwise = "guests"

# Which jobs of this site's users may leave, and where to.
#[send]
#otherwise = "allow"            # or "keep"

#[[send.rule]]
#name = "patients-stay-in-the-province"
#decide = "keep"                # or "allow"
#users = ["med-*"]
#names = ["*"]                  # of jobs
#sites = ["*"]
#regions = ["cn/west"]
#with_files = true              # only jobs that bring files; false: only those that bring none

# How much each of this site's users may have at once; operators are not counted.
#[users]
#jobs_max = 10000
#accelerators_max = 256
#submissions_per_minute_max = 600

#[[users.rule]]
#users = ["student-*"]
#jobs_max = 100
#accelerators_max = 8
)";
}

}  // namespace hansa
