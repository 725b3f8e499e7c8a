// How a simulated run is written down: runs, messages and records in a few words each.
#pragma once

#include <string>

#include "protocol/effects.hpp"

namespace hansa::sim {

std::string brief(const JobId& job);  // "ab12-7_3": the first digits of the origin's store, number, task
std::string brief(const RunKey& run);
std::string brief(const Message& message);
std::string brief(const StoreRecord& record);
std::string brief(const BackendCommand& command);
std::string brief(const BackendEvent& event);

// Probes, gossip and the like: of no interest for the life of a job.
bool is_about_members(const Message& message);

}  // namespace hansa::sim
