// How large a job may be: it must travel to its host in one message.
//
// Problem: an award that no frame can hold would be sent for ever and never arrive, and its job would wait without a
// reason that anybody sees.
// Idea: what could never be sent is never taken in. The award is measured as it would be encoded, whatever the site's
// own limits.script_bytes_max allows beyond that.
#pragma once

#include <cstddef>

#include "hansa/api.hpp"

namespace hansa::gateway {

// The operator's limit: script, arguments and environment.
Status check_script(const JobPayload& payload, std::size_t bytes_max);

// The protocol's: everything that the award of this job, or of one of its tasks, carries.
Status check_message(const Submission& submission);

}  // namespace hansa::gateway
