#include "src/store/schema.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

#include "src/store/journal_file.hpp"

namespace hansa {

namespace {

// Records are small and change often, payloads are large and never change: they live in tables of their own, so that
// a change of state writes one page. All rows sit in their key's own tree (WITHOUT ROWID): an ordinary table has an
// index besides, and each tree that a submission touches is one more page to write before its sync. Payloads are read
// one by one and rarely, so that it does not matter that few of them share a page.
constexpr const char* first_tables = R"sql(
CREATE TABLE identity (store BLOB NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE jobs (store BLOB, number INTEGER, task INTEGER, record BLOB NOT NULL,
                   PRIMARY KEY (store, number, task)) WITHOUT ROWID;
CREATE TABLE runs (store BLOB, number INTEGER, task INTEGER, epoch INTEGER, record BLOB NOT NULL,
                   PRIMARY KEY (store, number, task, epoch)) WITHOUT ROWID;
CREATE TABLE job_payloads (store BLOB NOT NULL, number INTEGER NOT NULL, task INTEGER NOT NULL, payload BLOB NOT NULL,
                           PRIMARY KEY (store, number, task)) WITHOUT ROWID;
CREATE TABLE run_payloads (store BLOB NOT NULL, number INTEGER NOT NULL, task INTEGER NOT NULL,
                           epoch INTEGER NOT NULL, payload BLOB NOT NULL,
                           PRIMARY KEY (store, number, task, epoch)) WITHOUT ROWID;
CREATE TABLE notes (store BLOB NOT NULL, number INTEGER NOT NULL, task INTEGER NOT NULL, text TEXT NOT NULL,
                    PRIMARY KEY (store, number, task)) WITHOUT ROWID;
)sql";

// Whether the log holds more than the database (log_mark.hpp).
constexpr const char* log_mark = R"sql(
CREATE TABLE log_mark (more INTEGER NOT NULL);
INSERT INTO log_mark VALUES (0);
)sql";

// Copies of other origins' records: small, and found by their job alone.
constexpr const char* copies_table = R"sql(
CREATE TABLE copies (store BLOB, number INTEGER, task INTEGER, copy BLOB NOT NULL,
                     PRIMARY KEY (store, number, task)) WITHOUT ROWID;
)sql";

constexpr const char* documents_table = R"sql(
CREATE TABLE documents (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
)sql";

constexpr std::array migrations_so_far{
    Migration{.to = 1, .sql = first_tables},
    Migration{.to = 2, .sql = log_mark},
    Migration{.to = 3, .sql = copies_table},
    Migration{.to = 4, .sql = documents_table},
};

std::string set_pragma(const char* name, std::int64_t value) {
  return std::string("PRAGMA ") + name + " = " + std::to_string(value);
}

int run_one(sqlite::Database& database, const Migration& migration) {
  int code = database.execute(migration.sql);
  if (code == SQLITE_OK) code = database.execute(set_pragma("user_version", migration.to).c_str());
  return code;
}

int write_identity(sqlite::Database& database, const StoreId& id) {
  if (const int code = database.execute(set_pragma("application_id", journal_application_id).c_str())) return code;
  sqlite::Statement insert;
  if (const int code = database.prepare("INSERT INTO identity VALUES (?)", insert)) return code;
  return insert.run(id);
}

int create_all(sqlite::Database& database, const StoreId& id, std::span<const Migration> migrations) {
  int code = database.execute("BEGIN IMMEDIATE");
  for (const auto& migration : migrations)
    if (code == SQLITE_OK) code = run_one(database, migration);
  if (code == SQLITE_OK) code = write_identity(database, id);
  if (code == SQLITE_OK) code = database.execute("COMMIT");
  return code;
}

int migrate_one(sqlite::Database& database, const Migration& migration) {
  int code = database.execute("BEGIN IMMEDIATE");
  if (code == SQLITE_OK) code = run_one(database, migration);
  if (code == SQLITE_OK) code = database.execute("COMMIT");
  return code;
}

Error too_new(const std::string& name, std::int64_t version, int newest) {
  return refusal("cannot use the journal " + name + ": it has schema version " + std::to_string(version) +
                 " and this program knows versions up to " + std::to_string(newest) +
                 "; run the newer hansad that wrote it");
}

}  // namespace

std::span<const Migration> journal_migrations() {
  return migrations_so_far;
}

Status create_schema(sqlite::Database& database, const StoreId& id, std::span<const Migration> migrations) {
  if (create_all(database, id, migrations) == SQLITE_OK) return success();
  auto error = internal_error("cannot make a new journal: " + database.message());
  database.roll_back();
  return error;
}

Status migrate(sqlite::Database& database, const std::string& name, std::span<const Migration> migrations) {
  const auto version = database.number("PRAGMA user_version");
  if (version < 1)
    return corrupt("cannot use the journal " + name + ": its schema version can't be read (" + database.message() +
                   "); put back a copy of the state folder");
  if (version > migrations.back().to) return too_new(name, version, migrations.back().to);
  for (const auto& migration : migrations.subspan(static_cast<std::size_t>(version))) {
    if (migrate_one(database, migration) == SQLITE_OK) continue;
    auto error = internal_error("cannot bring the journal " + name + " to schema version " +
                                std::to_string(migration.to) + ": " + database.message() + "; it was left as it is");
    database.roll_back();
    return error;
  }
  return success();
}

}  // namespace hansa
