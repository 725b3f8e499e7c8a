// Jobs and runs as names of files: the store's key in hex, so that no two origins ever share one.
#pragma once

#include <string>

#include "hansa/types/ids.hpp"

namespace hansa::staging {

inline std::string file_name(const JobId& job) {
  auto name = to_hex(job.store) + '-' + std::to_string(job.number);
  if (job.task != JobId::no_task) name += '_' + std::to_string(job.task);
  return name;
}

inline std::string file_name(const RunKey& run) {
  return file_name(run.job) + '-' + std::to_string(run.epoch.value);
}

}  // namespace hansa::staging
