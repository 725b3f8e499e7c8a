// Under which names manifests are held in the book of bundles.
#pragma once

#include <string>
#include <string_view>

#include "src/staging/names.hpp"

namespace hansa::staging {

inline std::string job_inputs_holder(const JobId& job) {
  return "job-" + file_name(job);
}  // at the origin
inline std::string run_inputs_holder(const RunKey& run) {
  return "run-" + file_name(run);
}  // at the host
inline std::string collected_holder(const RunKey& run) {
  return "collected-" + file_name(run);
}  // at the host
inline std::string pull_holder(const RunKey& run) {
  return "pull-" + file_name(run);
}  // at the origin

}  // namespace hansa::staging
