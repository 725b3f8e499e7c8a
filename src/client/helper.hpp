// The program beside this one that does what needs libraries which a command that must start fast does without:
// reading TOML, keys and signatures.
#pragma once

#include <string>
#include <vector>

#include "src/client/verbs.hpp"

namespace hansa::client {

// Becomes `hansa-init` with these words; returns only when it can't.
Outcome run_helper(const std::vector<std::string>& words);

}  // namespace hansa::client
