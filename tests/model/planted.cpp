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
  return all;
}

}  // namespace

const std::vector<PlantedFault>& all_planted() {
  static const auto all = plant();
  return all;
}

}  // namespace hansa::model
