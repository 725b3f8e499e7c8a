#include "src/store/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace hansa::sqlite {

namespace {

// How long a commit waits for somebody who looks at the journal with SQLite's own command.
constexpr int busy_wait_ms = 5000;

bool means_no_room(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

// What the system said to the last write that failed on the log, and on the database. SQLite keeps it with each file,
// and does not always hand it on to the connection.
int log_error(sqlite3* connection) {
  sqlite3_file* log = nullptr;
  int system_error = 0;
  if (sqlite3_file_control(connection, nullptr, SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK) return 0;
  if (!log || !log->pMethods) return 0;
  log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &system_error);
  return system_error;
}

int database_error(sqlite3* connection) {
  int system_error = 0;
  sqlite3_file_control(connection, nullptr, SQLITE_FCNTL_LAST_ERRNO, &system_error);
  return system_error;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

bool Statement::next() {
  code_ = sqlite3_step(statement_.get());
  if (code_ == SQLITE_ROW) return true;
  if (code_ == SQLITE_DONE) code_ = SQLITE_OK;
  sqlite3_reset(statement_.get());
  return false;
}

int Statement::finish() {
  while (next()) {
  }
  return code_;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view{};
}

StoreId Statement::store_id(int column) const {
  StoreId id;
  const auto stored = bytes(column);
  if (stored.size() == id.bytes.size()) std::memcpy(id.bytes.data(), stored.data(), stored.size());
  return id;
}

void Statement::bind(int& column, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), ++column, value);
}

void Statement::bind(int& column, std::string_view blob) {
  // A null pointer would be bound as NULL, where an empty blob is meant.
  sqlite3_bind_blob64(statement_.get(), ++column, blob.data() ? blob.data() : "", blob.size(), SQLITE_STATIC);
}

void Statement::bind(int& column, Text text) {
  const char* data = text.value.data() ? text.value.data() : "";
  sqlite3_bind_text64(statement_.get(), ++column, data, text.value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int& column, const StoreId& id) {
  sqlite3_bind_blob64(statement_.get(), ++column, id.bytes.data(), id.bytes.size(), SQLITE_STATIC);
}

void Statement::bind(int& column, const JobId& job) {
  bind(column, job.store);
  bind(column, job.number);
  bind(column, std::int64_t{job.task});
}

void Statement::bind(int& column, const RunKey& run) {
  bind(column, run.job);
  bind(column, run.epoch.value);
}

Result<Database> Database::open(const std::filesystem::path& file, OpenAs mode) {
  // Each connection is used by one thread at a time, so SQLite's own locks would be in vain.
  const int access = mode == OpenAs::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &connection, access | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(connection);
  if (code != SQLITE_OK) return internal_error("cannot open " + file.string() + ": " + database.message());
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, busy_wait_ms);
  return database;
}

void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

int Database::execute(const char* sql) {
  return sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
}

int Database::prepare(std::string_view sql, Statement& statement) {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &prepared, nullptr);
  statement = Statement(prepared);
  return code;
}

std::int64_t Database::number(std::string_view sql) {
  Statement statement;
  if (prepare(sql, statement) != SQLITE_OK || !statement.next()) return -1;
  return statement.integer(0);
}

std::string Database::message() const {
  if (!handle()) return "out of memory";
  const int system_error = sqlite3_system_errno(handle());
  std::string text = sqlite3_errmsg(handle());
  if (system_error != 0) text += std::string(" (") + std::strerror(system_error) + ")";
  return text;
}

bool Database::no_room(int code) const {
  if ((code & 0xff) == SQLITE_FULL) return true;
  // ENOSPC is SQLITE_FULL; a quota and a limit on file sizes are not. A failed sync (SQLITE_IOERR_FSYNC) is never "no
  // room", whatever the system says: nobody knows then what is on the disk.
  if (code == SQLITE_IOERR_WRITE) return means_no_room(log_error(handle())) || means_no_room(database_error(handle()));
  return code == SQLITE_IOERR_SHMSIZE && means_no_room(sqlite3_system_errno(handle()));
}

void Database::roll_back() {
  // Some failures have rolled back already.
  if (sqlite3_get_autocommit(handle()) == 0) execute("ROLLBACK");
}

bool is_damage(int code) {
  const int kind = code & 0xff;
  return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
}

}  // namespace hansa::sqlite
