#include "hansa/types/words.hpp"

#include "hansa/types/job.hpp"

namespace hansa {

std::string_view to_word(MemberState state) {
  switch (state) {
    case MemberState::alive:
      return "alive";
    case MemberState::suspect:
      return "suspect";
    case MemberState::failed:
      return "failed";
    case MemberState::left:
      return "left";
  }
  return "unknown";
}

std::string_view to_word(DeclineReason reason) {
  switch (reason) {
    case DeclineReason::never_fits:
      return "never fits";
    case DeclineReason::too_busy:
      return "too busy";
    case DeclineReason::policy:
      return "policy";
    case DeclineReason::draining:
      return "draining";
    case DeclineReason::disk_full:
      return "disk full";
    case DeclineReason::isolated:
      return "isolated";
    case DeclineReason::overloaded:
      return "overloaded";
    case DeclineReason::no_lease:
      return "holds no leases";
    case DeclineReason::labels:
      return "lacks a label";
    case DeclineReason::no_backend:
      return "its batch system does not answer";
  }
  return "unknown";
}

std::string_view to_word(ReturnReason reason) {
  switch (reason) {
    case ReturnReason::drained:
      return "drained";
    case ReturnReason::staging_failed:
      return "staging failed";
    case ReturnReason::start_failed:
      return "start failed";
    case ReturnReason::lease_out:
      return "lease out";
    case ReturnReason::claim_lost:
      return "claim lost";
    case ReturnReason::operator_order:
      return "operator's order";
  }
  return "unknown";
}

std::string_view to_word(RunPhase phase) {
  switch (phase) {
    case RunPhase::queued:
      return "queued";
    case RunPhase::staging:
      return "staging in";
    case RunPhase::starting:
      return "starting";
    case RunPhase::running:
      return "running";
    case RunPhase::stopping:
      return "stopping";
    case RunPhase::staging_out:
      return "staging out";
  }
  return "unknown";
}

std::string_view to_word(FinalState state) {
  switch (state) {
    case FinalState::completed:
      return "COMPLETED";
    case FinalState::failed:
      return "FAILED";
    case FinalState::cancelled:
      return "CANCELLED";
    case FinalState::timeout:
      return "TIMEOUT";
    case FinalState::out_of_memory:
      return "OUT_OF_MEMORY";
    case FinalState::node_fail:
      return "NODE_FAIL";
  }
  return "unknown";
}

std::string_view to_word(Prefer prefer) {
  switch (prefer) {
    case Prefer::fastest:
      return "fastest";
    case Prefer::cheapest:
      return "cheapest";
    case Prefer::local:
      return "local";
  }
  return "unknown";
}

std::string_view to_word(OnPartition choice) {
  switch (choice) {
    case OnPartition::wait:
      return "wait";
    case OnPartition::rerun:
      return "rerun";
  }
  return "unknown";
}

}  // namespace hansa
