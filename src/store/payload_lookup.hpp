// Where the payload of a run is found: with the run, when it came by an award; with its job, when it is our own; with
// the whole array, when it is a task of one.
#pragma once

#include <optional>

#include "hansa/ports/store.hpp"
#include "protocol/wire/messages.hpp"

namespace hansa {

inline std::optional<EncodedPayload> payload_of_job(const Store& store, const JobId& job) {
  if (auto payload = store.job_payload(job)) return payload;
  if (job.task == JobId::no_task) return std::nullopt;
  return store.job_payload({.store = job.store, .number = job.number});
}

inline std::optional<EncodedPayload> payload_of_run(const Store& store, const RunKey& run) {
  if (auto payload = store.run_payload(run)) return payload;
  return payload_of_job(store, run.job);
}

// The brain names a job; what it is made of comes from the journal, where it has been since its submission or award.
inline void attach_payloads(const Store& store, Message& message) {
  if (auto* award = std::get_if<Award>(&message)) {
    for (auto& task : award->tasks) {
      if (auto payload = payload_of_job(store, task.run.job)) task.payload = std::move(*payload);
    }
  }
  if (auto* told = std::get_if<PayloadTold>(&message); told && told->agreed) {
    if (auto payload = payload_of_run(store, told->run)) told->payload = std::move(*payload);
  }
}

}  // namespace hansa
