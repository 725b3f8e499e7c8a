// hansa-sbatch, hansa-squeue, hansa-scancel, hansa-sinfo: links to hansa, for hands and tools that know Slurm.
//
// They take what users of those commands give and print what those expect: numbers for jobs, Slurm's columns, exit code
// 1 for every error. The link may also be called sbatch, squeue, scancel or sinfo. docs/sbatch.md says what differs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/client/verbs.hpp"

namespace hansa::client {

std::span<const Verb> aliases();
// By the name under which the program was started, with or without a folder; null for hansa itself.
const Verb* find_alias(std::string_view program);

// "PENDING" as "PD"; a word of either kind as "PENDING", or empty.
std::string_view compact_state(std::string_view state);
std::string_view full_state(std::string_view word);

Outcome alias_sbatch(Context&, const Args&);
Outcome alias_squeue(Context&, const Args&);
Outcome alias_scancel(Context&, const Args&);
Outcome alias_sinfo(Context&, const Args&);

}  // namespace hansa::client
