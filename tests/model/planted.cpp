#include "tests/model/planted.hpp"

namespace hansa::model {
namespace {

using enum Fault;

#define HANSA_PLANT(rule, ...) all.push_back({Rule::rule, #rule, Case{.name = #rule, __VA_ARGS__}})

std::vector<PlantedFault> plant() {
  std::vector<PlantedFault> all;
  HANSA_PLANT(award_waits_for_disk, .epochs = 1, );
  HANSA_PLANT(accepted_waits_for_disk, .epochs = 1, );
  HANSA_PLANT(confirm_waits_for_disk, .epochs = 1, );
  HANSA_PLANT(ends_wait_for_disk, .epochs = 1, );
  HANSA_PLANT(return_ack_waits_for_disk, .epochs = 1, .faults = {{return_}});
  HANSA_PLANT(finished_ack_waits_for_disk, .epochs = 1, );
  HANSA_PLANT(start_is_recorded, .epochs = 1, .faults = {{host_crash}, {cancel}, {loss}});
  HANSA_PLANT(wish_is_recorded, .epochs = 1, .faults = {{cancel}});
  HANSA_PLANT(accepted_is_repeated, .epochs = 1, .faults = {{loss}, {host_crash}});
  HANSA_PLANT(ends_are_repeated, .epochs = 1, .faults = {{loss}});
  HANSA_PLANT(wish_is_repeated, .epochs = 1, .faults = {{loss}, {move}, {cancel}});
  HANSA_PLANT(duty_is_repeated, .epochs = 1, .faults = {{loss}});
  HANSA_PLANT(start_needs_confirm, .epochs = 1, );
  HANSA_PLANT(claim_decides, .epochs = 1, .faults = {{move}});
  HANSA_PLANT(lower_epoch_ends_first, .epochs = 2, .faults = {{rerun}});
  HANSA_PLANT(refusal_uses_up_the_bid, .epochs = 2, .faults = {{refusal}});
  HANSA_PLANT(revoke_uses_up_the_bid, .epochs = 1, );
  HANSA_PLANT(stop_is_awaited, .epochs = 1, .faults = {{cancel}});
  HANSA_PLANT(delegated_is_kept, .sites = 3, .epochs = 2, .faults = {{give_up}});
  HANSA_PLANT(given_up_is_cleaned_up, .epochs = 1, );
  HANSA_PLANT(answer_is_of_the_current_epoch, .epochs = 2, .faults = {{refusal}});
  HANSA_PLANT(old_answers_are_acknowledged, .epochs = 1, .faults = {{rerun}, {loss}});
  HANSA_PLANT(final_is_final, .epochs = 1, .faults = {{cancel}});
  HANSA_PLANT(unanswered_is_kept, .epochs = 1, );
  HANSA_PLANT(runs_are_looked_for, .epochs = 1, .faults = {{host_crash}});
  HANSA_PLANT(stray_runs_are_stopped, .epochs = 1, .faults = {{disk_loss}});
  HANSA_PLANT(decided_starts_are_resumed, .epochs = 1, .faults = {{host_crash}});
  HANSA_PLANT(id_names_the_store, .epochs = 1, .faults = {{origin_disk_loss}});
  HANSA_PLANT(forget_is_recorded, .epochs = 1, .faults = {{forget}});
  HANSA_PLANT(forget_leaves_a_duty, .epochs = 1, .faults = {{forget}});
  HANSA_PLANT(forget_keeps_a_cancel, .epochs = 2, .faults = {{forget}, {cancel}});
  HANSA_PLANT(forgotten_records_go, .epochs = 1, .faults = {{origin_freeze}, {let_go}});
  HANSA_PLANT(forgotten_unconfirmed_end, .epochs = 1, .faults = {{origin_freeze}, {let_go}});
  // Steps of a second; a lease of four, and a second of margin at the origin.
  const auto times = [](unsigned steps, Duration origin_rate = std::chrono::seconds(1), double drift_bound = 0) {
    return LeaseTimes{.steps = steps,
                      .lease = std::chrono::seconds(4),
                      .rates = {origin_rate, std::chrono::seconds(1)},
                      .drift_bound = drift_bound};
  };
  HANSA_PLANT(lease_counts_from_request, .own_queue = true, .times = times(6));
  HANSA_PLANT(number_is_of_this_daemon, .own_queue = true, .faults = {{host_crash}}, .times = times(6));
  HANSA_PLANT(restart_counts_as_grant, .own_queue = true, .faults = {{origin_crash}}, .times = times(6));
  HANSA_PLANT(deadline_is_of_this_boot, .own_queue = true, .faults = {{reboot}}, .times = times(7));
  HANSA_PLANT(drift_is_allowed_for, .own_queue = true, .times = times(6, std::chrono::milliseconds(1250), 0.25));
  HANSA_PLANT(every_grant_counts, .own_queue = true, .times = times(7));
  return all;
}

}  // namespace

const std::vector<PlantedFault>& all_planted() {
  static const auto all = plant();
  return all;
}

}  // namespace hansa::model
