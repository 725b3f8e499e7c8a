// The journal's tables, and how an older journal is brought up to date.
//
// The schema is the sum of its migrations: a new journal runs all of them, an older one those it lacks, each in a
// transaction of its own together with the version it leads to. To change the schema is to append one; what is in the
// list is never edited, because journals out there have run it. There is no way back: a journal that is newer than the
// program is refused, since a program can't keep rules that it doesn't know.
#pragma once

#include <span>

#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"
#include "src/store/sqlite.hpp"

namespace hansa {

// `sql` leads from the version before to version `to`; the first leads to 1, and none is left out.
struct Migration {
  int to = 0;
  const char* sql = nullptr;
};

std::span<const Migration> journal_migrations();

// Makes a new journal in an empty file: its mark, its tables and its id, all or none.
Status create_schema(sqlite::Database& database, const StoreId& id, std::span<const Migration> migrations);

// Brings a journal up to the last of `migrations`. Refused when it is newer. `name` is for messages.
Status migrate(sqlite::Database& database, const std::string& name, std::span<const Migration> migrations);

}  // namespace hansa
