// What the API shows, in JSON. Field names are stable: docs/users.md lists them, tests pin them.
//
// Times are ISO 8601 in UTC or null when unknown, durations seconds, sizes bytes. Every row that speaks of another
// site says in age_s how old that knowledge is.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "hansa/api.hpp"

namespace hansa::gateway {

nlohmann::ordered_json job_json(const JobView& job);
nlohmann::ordered_json job_list_json(const JobList& list);
nlohmann::ordered_json why_json(const Why& why);
nlohmann::ordered_json quote_json(const Quote& quote);
nlohmann::ordered_json site_list_json(const SiteList& list);
nlohmann::ordered_json capacity_json(const SiteList& list);
nlohmann::ordered_json status_json(const SiteStatus& status);
nlohmann::ordered_json event_json(const FederationEvent& event);

// The one job of a submission as {"id", "number"}, several as {"jobs": [{"id", "number"}, …]}.
std::string submitted_text(const SiteName& site, const Submitted& submitted, bool many);

}  // namespace hansa::gateway
