// Names: the few sites, jobs and runs of a small world, as numbers and back.
#pragma once

#include <string>

#include "hansa/types/ids.hpp"
#include "tests/model/case.hpp"

namespace hansa::model {

using SiteIndex = std::uint8_t;

inline const SiteName& site_name(SiteIndex site) {
  static const std::array<SiteName, sites_max> names = {SiteName{"wujiang"}, SiteName{"taihu"}, SiteName{"suzhou"}};
  return names[site];
}
inline SiteIndex index_of(const SiteName& site) {
  return site.value[0] == 'w' ? 0 : site.value[0] == 't' ? 1 : 2;
}

// The store that a site has after so many losses of its disk.
inline StoreId store_of(SiteIndex site, std::uint8_t losses) {
  StoreId id;
  id.bytes[0] = static_cast<std::uint8_t>(site + 1);
  id.bytes[1] = losses;
  return id;
}
inline DaemonId daemon_of(SiteIndex site, std::uint8_t life) {
  DaemonId id;
  id.bytes[0] = static_cast<std::uint8_t>(site + 1);
  id.bytes[1] = life;
  return id;
}

// Whether the second job is the first of the store that the origin has after a loss of its disk.
inline bool& second_is_of_a_new_store() {
  static bool so = false;
  return so;
}
inline JobId job_id(std::size_t job) {
  const bool anew = job > 0 && second_is_of_a_new_store();
  return {.store = store_of(0, anew ? 1 : 0), .number = anew ? 1 : job + 1};
}
inline std::size_t job_index(const JobId& job) {
  return job.number - 1 + job.store.bytes[1];
}

// A run's bit in a set of runs.
using RunSet = std::uint16_t;
inline std::size_t run_index(const RunKey& run) {
  return job_index(run.job) * epochs_max + run.epoch.value - 1;
}
inline RunKey run_key(std::size_t index) {
  return {.job = job_id(index / epochs_max), .epoch = Epoch{index % epochs_max + 1}};
}
inline RunSet bit(const RunKey& run) {
  return static_cast<RunSet>(1u << run_index(run));
}
inline RunSet runs_of(std::size_t job) {
  return static_cast<RunSet>(((1u << epochs_max) - 1) << (job * epochs_max));
}

// "1.2": the second epoch of the first job.
inline std::string brief(const RunKey& run) {
  return std::to_string(job_index(run.job) + 1) + "." + std::to_string(run.epoch.value);
}

}  // namespace hansa::model
