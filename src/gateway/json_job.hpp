// A job as its user writes it in JSON, checked field by field. Unknown fields are refused by name, so that a
// misspelt wish is never silently dropped. docs/users.md lists the fields; job_fields in json_job.cpp is that list.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/result.hpp"

namespace hansa::gateway {

struct JobForm {
  JobRequest request;
  JobPayload payload;
  ArraySpec array;
  bool held = false;
  std::string idempotency_key;
};

// What a job's names mean here: "wujiang-1041" in a dependency is a job of this origin.
struct JobFormContext {
  SiteName site;
  StoreId store;
  Caller caller;
};

inline constexpr std::size_t idempotency_key_bytes_max = 200;

Result<JobForm> read_job(const nlohmann::json& value, const JobFormContext& context);
Result<JobForm> parse_job(std::string_view text, const JobFormContext& context);

// What a job may say, at its top level.
std::vector<std::string> job_field_names();

// "wujiang-1042", or the number alone, as people with Slurm's habits write it, for a job of `here`.
Result<JobName> read_job_name(std::string_view text, const SiteName& here);

}  // namespace hansa::gateway
