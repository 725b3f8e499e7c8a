#include "src/store/log_mark.hpp"

#include <sqlite3.h>

namespace hansa {

namespace {

constexpr const char* more_in_log = "UPDATE log_mark SET more = 1";
constexpr const char* nothing_more = "UPDATE log_mark SET more = 0";

}  // namespace

Status expect_log(sqlite::Database& database, const std::string& name, bool log_is_there) {
  // A journal that is older than the mark has no such table, and the answer is -1.
  if (log_is_there || database.number("SELECT more FROM log_mark") != 1) return success();
  return corrupt(
      "cannot use the journal " + name +
      ": its log journal.db-wal is gone, and with it what was committed last; put the log back, or a copy of "
      "the whole state folder");
}

int checkpoint(sqlite::Database& database) {
  int code = database.execute(more_in_log);
  if (code == SQLITE_OK)
    code = sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) code = database.execute(nothing_more);
  return code;
}

}  // namespace hansa
