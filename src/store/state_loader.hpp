// Everything that the brain starts from, out of the journal's tables.
//
// Each record is decoded here, so that a damaged one stops the start, by name, and not a job weeks later.
#pragma once

#include <string>

#include "hansa/ports/store.hpp"
#include "src/store/sqlite.hpp"

namespace hansa {

// Jobs and runs come in the order of their keys. `name` is the journal's, for messages.
Result<StoredState> load_state(sqlite::Database& database, const std::string& name);

}  // namespace hansa
