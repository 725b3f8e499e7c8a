#include "protocol/membership/options.hpp"

namespace hansa {

MembershipOptions MembershipOptions::with_period(Duration period) {
  return MembershipOptions{.period = period};
}

MembershipOptions MembershipOptions::laptop() {
  return with_period(std::chrono::milliseconds(500));
}

MembershipOptions MembershipOptions::metro() {
  return with_period(std::chrono::seconds(1));
}

MembershipOptions MembershipOptions::wide_area() {
  auto options = with_period(std::chrono::seconds(2));
  options.suspicion_periods = 6;
  options.push_pull_every = options.period * 60;
  return options;
}

namespace {

Status refuse(const char* knob, const char* reason) {
  return usage_error(std::string("membership can't run with this ") + knob + ": " + reason);
}

}  // namespace

Status MembershipOptions::validate() const {
  if (period <= Duration{0}) return refuse("period", "it must be longer than nothing; use 1 s");
  if (probe_timeout <= Duration{0} || probe_timeout >= period) {
    return refuse("probe_timeout", "it must be shorter than the period, so that helpers have time to answer");
  }
  if (suspicion_periods * seconds(period) <= seconds(isolated_after)) {
    return refuse("suspicion_periods", "a site must notice its own isolation before it fails others");
  }
  if (suspicion_stretch < 1) return refuse("suspicion_stretch", "it must be at least 1");
  if (lambda < 1) return refuse("lambda", "below 1 most members miss what is gossiped");
  if (gossip_every <= Duration{0}) return refuse("gossip_every", "it must be longer than nothing");
  if (push_pull_every < period) return refuse("push_pull_every", "it must be at least one period");
  if (reconnect_every < period) return refuse("reconnect_every", "it must be at least one period");
  if (late_after <= Duration{0}) return refuse("late_after", "it must be longer than nothing");
  if (members_max == 0 || queue_items_max == 0) return refuse("members_max", "bounds must be above 0");
  return success();
}

}  // namespace hansa
