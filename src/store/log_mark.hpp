// LogMark: journal.db itself says whether there is more in the log beside it.
//
// Problem: what was committed since the last checkpoint is in journal.db-wal alone. SQLite takes a log that is not
// there for an empty one, so that a journal whose log was removed while the daemon was down would come back a little
// younger, and hand out the same job numbers again. Idea: a mark that is 1 in journal.db whenever commits may be in the
// log and 0 in the last commit of every log. Each checkpoint is therefore framed: 1 is committed before it, 0 after it.
// Whoever copies the whole log into journal.db (an orderly end, any other program that opens it) leaves 0 there.
// Invariant: a journal without a log is whole if and only if its mark is 0, but for a crash between the two commits,
// when it may be whole and is refused all the same.
#pragma once

#include <string>

#include "hansa/types/result.hpp"
#include "src/store/sqlite.hpp"

namespace hansa {

// Before anything is written: refused when the log that `database` needs is gone. `name` is for messages.
Status expect_log(sqlite::Database& database, const std::string& name, bool log_is_there);

// The log's pages into the database, framed by the mark. SQLite's code; a full disk leaves all as it was.
int checkpoint(sqlite::Database& database);

}  // namespace hansa
