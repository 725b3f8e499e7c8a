// The programs beside this one that do what needs libraries which a command that must start fast does without: reading
// TOML, keys and signatures; TLS.
#pragma once

#include <string>
#include <vector>

#include "src/client/verbs.hpp"

namespace hansa::client {

// Where a program of this name lies beside this one.
std::string helper_path(const char* name);

// Becomes `hansa-init` with these words; returns only when it can't.
Outcome run_helper(const std::vector<std::string>& words);

}  // namespace hansa::client
