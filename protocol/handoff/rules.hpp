// Rules: what the handoff must not go without, by name, so that tests can take each out and see that it is missed.
//
// A proof that never fails proves nothing. tests/model compiles these sources a second time with HANSA_PLANTED_FAULTS,
// takes one rule out and must find the run that breaks. Everywhere else rule() is true at compile time and costs
// nothing. A rule stands here only if taking it out breaks an invariant; what is merely useful does not.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/effects.hpp"

namespace hansa {

enum class Rule : std::uint8_t {
  // What waits for the disk.
  award_waits_for_disk,
  accepted_waits_for_disk,
  confirm_waits_for_disk,
  ends_wait_for_disk,
  return_ack_waits_for_disk,
  finished_ack_waits_for_disk,
  start_is_recorded,
  wish_is_recorded,
  // What is repeated until it is answered.
  accepted_is_repeated,
  ends_are_repeated,
  wish_is_repeated,
  duty_is_repeated,
  // Who may start, and when.
  start_needs_confirm,
  claim_decides,
  lower_epoch_ends_first,
  // What an answer means.
  refusal_uses_up_the_bid,
  revoke_uses_up_the_bid,
  stop_is_awaited,
  delegated_is_kept,
  given_up_is_cleaned_up,
  answer_is_of_the_current_epoch,
  old_answers_are_acknowledged,
  final_is_final,
  unanswered_is_kept,
  id_names_the_store,
  // What an operator's forget does.
  forget_is_recorded,
  forget_leaves_a_duty,
  forget_keeps_a_cancel,
  forgotten_records_go,
  forgotten_unconfirmed_end,
  // After a restart.
  runs_are_looked_for,
  stray_runs_are_stopped,
  decided_starts_are_resumed,
  // Leases.
  lease_counts_from_request,
  number_is_of_this_daemon,
  restart_counts_as_grant,
  deadline_is_of_this_boot,
  drift_is_allowed_for,
  every_grant_counts,
};

#ifdef HANSA_PLANTED_FAULTS
inline std::optional<Rule>& rule_taken_out() {
  static std::optional<Rule> rule;
  return rule;
}
inline bool rule(Rule which) {
  return rule_taken_out() != which;
}
#else
constexpr bool rule(Rule) {
  return true;
}
#endif

// Where a message goes that waits for the disk by this rule.
inline std::vector<Send>& after_disk(Rule which, Effects& out) {
  return rule(which) ? out.send_durable : out.send;
}

}  // namespace hansa
