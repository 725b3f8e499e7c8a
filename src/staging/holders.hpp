// Under which names manifests are held in the book of bundles.
#pragma once

#include <string>
#include <string_view>

#include "src/staging/names.hpp"

namespace hansa::staging {

inline constexpr std::string_view pull_prefix = "pull-";

// At the origin: what was submitted, and what is coming home.
inline std::string job_inputs_holder(const JobId& job) {
  return "job-" + file_name(job);
}
inline std::string pull_holder(const RunKey& run) {
  return std::string(pull_prefix) + file_name(run);
}

// At the host: what the run reads, and what it left.
inline std::string run_inputs_holder(const RunKey& run) {
  return "run-" + file_name(run);
}
inline std::string collected_holder(const RunKey& run) {
  return "collected-" + file_name(run);
}

}  // namespace hansa::staging
