// All jobs that a filter means, page by page.
//
// Pages go by job number and, within an array, by task. Guests (runs here for other origins) have numbers of their own
// and come once.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "hansa/types/result.hpp"
#include "src/client/args.hpp"
#include "src/client/daemon.hpp"

namespace hansa::client {

// --user, --name and --state as a query: "&user=ann&state=PENDING".
std::string filters_of(const Args& args);

struct JobQuery {
  std::string filters;
  bool guests = true;
  std::size_t most = 100'000;
  bool latest = false;  // of more than `most`, the last ones
};

// An array of job views.
Result<nlohmann::json> list_jobs(Daemon& daemon, const JobQuery& query);

}  // namespace hansa::client
