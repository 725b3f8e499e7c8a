// Jobs and runs as a journal sees them, numbered: equal numbers give equal records.
#pragma once

#include <cstdint>
#include <string>

#include "hansa/types/records.hpp"

namespace hansa::test {

inline StoreId sample_store(std::uint8_t first_byte = 7) {
  StoreId id;
  id.bytes.fill(0x5a);
  id.bytes[0] = first_byte;
  return id;
}

inline JobId sample_job_id(std::uint64_t number, std::int32_t task = JobId::no_task) {
  return {.store = sample_store(), .number = number, .task = task};
}

inline RunKey sample_run_key(std::uint64_t number, std::uint64_t epoch = 1) {
  return {.job = sample_job_id(number), .epoch = Epoch{epoch}};
}

// Of an ordinary size: about 250 bytes in the journal with the record around it.
inline JobRequest sample_request(const std::string& name = "train-resnet50") {
  JobRequest request{.name = name, .user = "liwei"};
  request.resources.nodes = 2;
  request.resources.per_node = {.accelerators = 8, .cores = 64, .memory_mib = 524'288};
  request.resources.models = {"nvidia-a100", "nvidia-h800", "huawei-ascend910b"};
  request.resources.labels = {"apptainer", "cuda>=12"};
  request.wishes.region = "cn/east";
  request.bundle_bytes = 123'456'789;
  return request;
}

inline JobRecord sample_job(std::uint64_t number, const Shared<JobRequest>& request = sample_request()) {
  return {.id = sample_job_id(number),
          .epoch = Epoch{1},
          .reason = "Resources",
          .submitted = WallTime{1'700'000'000'000 + static_cast<std::int64_t>(number)},
          .request = request,
          .idempotency_key = "4f1c2d3e-9a7b-4c5d-8e6f-" + std::to_string(100'000'000'000 + number)};
}

inline RunRecord sample_run(std::uint64_t number, std::uint64_t epoch = 1) {
  return {.key = sample_run_key(number, epoch),
          .origin = SiteName{"wujiang"},
          .state = RunState::confirmed,
          .request = sample_request(),
          .accepted_at = WallTime{1'700'000'000'000}};
}

}  // namespace hansa::test
