#include "src/store/sqlite_store.hpp"

#include <sqlite3.h>

#include <string>
#include <utility>

#include "src/store/folder_lock.hpp"
#include "src/store/journal_file.hpp"
#include "src/store/payload_readers.hpp"
#include "src/store/record_writer.hpp"
#include "src/store/schema.hpp"
#include "src/store/sqlite.hpp"
#include "src/store/state_loader.hpp"

namespace hansa {

namespace {

constexpr int log_pages = 1000;
constexpr std::uint64_t log_bytes = 32 + std::uint64_t{log_pages + 100} * (4096 + 24);

// secure_delete: Debian's default writes zeros over every page of a dropped job; FAST does so where it costs no I/O.
constexpr const char* writer_settings =
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -2048;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA secure_delete = FAST;"
    "PRAGMA cell_size_check = 1;"
    "PRAGMA trusted_schema = 0;";

Error cannot_open(const std::filesystem::path& file, const sqlite::Database& database, int code) {
  const auto text = "cannot open the journal " + file.string() + ": " + database.message();
  if (sqlite::is_damage(code)) return corrupt(text + "; put back a copy of the state folder");
  if (database.no_room(code)) return overloaded(text + "; make room on its filesystem");
  return internal_error(text);
}

Status enter_wal(sqlite::Database& database, const std::filesystem::path& file) {
  sqlite::Statement mode;
  const int code = database.prepare("PRAGMA journal_mode = WAL", mode);
  if (code != SQLITE_OK) return cannot_open(file, database, code);
  if (!mode.next()) return cannot_open(file, database, mode.code());
  if (mode.bytes(0) == "wal") return success();
  return internal_error("cannot open the journal " + file.string() +
                        ": its filesystem has no shared memory for SQLite's WAL; put the state folder on a local one");
}

// Whether the database has all the pages it says. Those still in the log are copied first, so that the file shows.
bool has_all_pages(sqlite::Database& database, const std::filesystem::path& file) {
  int in_log = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
  if (code != SQLITE_OK || in_log != copied) return true;  // a full disk, or somebody looks at it: not to be known now
  const auto pages = database.number("PRAGMA page_count");
  const auto page_bytes = database.number("PRAGMA page_size");
  std::error_code ignored;
  return pages >= 0 && std::filesystem::file_size(file, ignored) >= static_cast<std::uintmax_t>(pages * page_bytes);
}

}  // namespace

struct SqliteStore::Parts {
  FolderLock lock;  // let go last
  std::filesystem::path file;
  sqlite::Database database;
  PayloadReaders readers{file};
  RecordWriter writer{};
  int pages_in_log = 0;
  std::optional<Error> failed{};

  Status make_or_migrate(JournalFile found, const StoreId& new_id) {
    if (found == JournalFile::absent) return create_schema(database, new_id, journal_migrations());
    return migrate(database, file.string(), journal_migrations());
  }

  Status prepare() {
    int code = database.execute(writer_settings);
    if (code == SQLITE_OK) code = writer.prepare(database);
    if (code != SQLITE_OK) return cannot_open(file, database, code);
    if (!has_all_pages(database, file))
      return corrupt("cannot use the journal " + file.string() +
                     ": it is shorter than it says; put back a copy of the state folder");
    sqlite3_wal_hook(database.handle(), &Parts::note_log, this);  // also ends SQLite's own checkpoints
    return success();
  }

  static int note_log(void* parts, sqlite3*, const char*, int pages) {
    static_cast<Parts*>(parts)->pages_in_log = pages;
    return SQLITE_OK;
  }

  // What was committed stays so whatever comes of this. A full disk lets the log grow as far as it can; a database file
  // that can't be written, which SQLite's own checkpoints would pass over in silence, fails the next commit.
  void shorten_log() {
    if (pages_in_log < log_pages) return;
    const int code = sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    const bool may_pass = code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || database.no_room(code);
    if (!may_pass) failed = cannot_write(code);
  }

  Error cannot_write(int code) const {
    auto text = "cannot write to the journal " + file.string() + ": " + database.message();
    return sqlite::is_damage(code) ? corrupt(text + "; put back a copy of the state folder") : internal_error(text);
  }

  int write_all(std::span<const StoreRecord> records) {
    int code = database.execute("BEGIN IMMEDIATE");
    for (const auto& record : records)
      if (code == SQLITE_OK) code = writer.write(record);
    if (code == SQLITE_OK) code = database.execute("COMMIT");
    return code;
  }
};

SqliteStore::SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& folder, const StoreId& new_id) {
  auto lock = FolderLock::take(folder);
  if (!lock) return lock.error();
  const auto file = folder / "journal.db";
  const auto found = inspect_journal(file);
  if (!found) return found.error();
  if (*found == JournalFile::absent)
    if (auto created = create_journal_file(file); !created) return created.error();
  auto database = sqlite::Database::open(file, sqlite::OpenAs::writer);
  if (!database) return database.error();
  auto parts =
      std::unique_ptr<Parts>(new Parts{.lock = std::move(*lock), .file = file, .database = std::move(*database)});
  if (auto made = parts->make_or_migrate(*found, new_id); !made) return made.error();
  if (auto entered = enter_wal(parts->database, file); !entered) return entered.error();
  if (auto extended = extend_log(file.string() + "-wal", log_bytes); !extended) return extended.error();
  if (auto prepared = parts->prepare(); !prepared) return prepared.error();
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(parts)));
}

Result<StoredState> SqliteStore::load() {
  auto state = load_state(parts_->database, parts_->file.string());
  sqlite3_db_release_memory(parts_->database.handle());  // the pages of every record, most not needed soon
  return state;
}

Result<CommitResult> SqliteStore::commit(std::span<const StoreRecord> records) {
  auto& parts = *parts_;
  if (!parts.failed) parts.failed = parts.readers.failure();
  if (parts.failed) return *parts.failed;
  if (records.empty()) return CommitResult::durable;
  const int code = parts.write_all(records);
  if (code == SQLITE_OK) {
    parts.shorten_log();
    return CommitResult::durable;
  }
  const bool full = parts.database.no_room(code);
  if (!full) parts.failed = parts.cannot_write(code);
  parts.database.roll_back();
  if (full) return CommitResult::disk_full;
  return *parts.failed;
}

std::optional<EncodedPayload> SqliteStore::job_payload(const JobId& job) const {
  auto payload = parts_->readers.job_payload(job);
  if (!payload) return std::nullopt;
  return EncodedPayload(std::move(*payload));
}

std::optional<EncodedPayload> SqliteStore::run_payload(const RunKey& run) const {
  auto payload = parts_->readers.run_payload(run);
  if (!payload) return std::nullopt;
  return EncodedPayload(std::move(*payload));
}

std::optional<std::string> SqliteStore::note(const JobId& job) const {
  return parts_->readers.note(job);
}

}  // namespace hansa
