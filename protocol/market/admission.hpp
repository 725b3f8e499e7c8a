// Hard wishes: what rules a site out for a job, whatever it offers. Used to choose whom to ask, for this site itself,
// and to explain.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hansa/types/job.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

struct SiteFacts {
  const SiteName& site;
  bool is_self = false;
  const std::string& region;
  const std::vector<std::string>& labels;
  const std::vector<Pool>& pools;
  Duration rtt{0};  // measured; 0: not yet
  const std::vector<std::string>& datasets;
};

// Nothing when the site may have the job; else the first reason against it, for people.
std::optional<std::string> why_not(const JobRequest& request, const SiteFacts& facts);

inline bool admits(const JobRequest& request, const SiteFacts& facts) {
  return !why_not(request, facts);
}

}  // namespace hansa
