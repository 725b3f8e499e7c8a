#include "src/store/state_loader.hpp"

#include <sqlite3.h>

#include <utility>

#include "protocol/wire/codec.hpp"
#include "src/store/request_interner.hpp"

namespace hansa {

namespace {

class StateLoader {
 public:
  StateLoader(sqlite::Database& database, const std::string& name) : database_(database), name_(name) {}

  Result<StoredState> load() {
    if (auto read = read_identity(); !read) return read.error();
    if (auto read = read_facts(); !read) return read.error();
    if (auto read = read_documents(); !read) return read.error();
    if (auto read = read_jobs(); !read) return read.error();
    if (auto read = read_runs(); !read) return read.error();
    if (auto read = read_copies(); !read) return read.error();
    state_.fresh = state_.facts.empty() && state_.jobs.empty() && state_.runs.empty();
    return std::move(state_);
  }

 private:
  Status read_identity() {
    return for_each_row("SELECT store FROM identity", [this](sqlite::Statement& row) -> Status {
      state_.store = row.store_id(0);
      if (state_.store.is_zero()) return damage("the store's own id is not an id");
      return success();
    });
  }

  Status read_facts() {
    return for_each_row("SELECT name, value FROM facts ORDER BY name", [this](sqlite::Statement& row) -> Status {
      state_.facts.emplace(row.bytes(0), static_cast<std::uint64_t>(row.integer(1)));
      return success();
    });
  }

  Status read_documents() {
    return for_each_row("SELECT name, bytes FROM documents ORDER BY name", [this](sqlite::Statement& row) -> Status {
      state_.documents.emplace(row.bytes(0), row.bytes(1));
      return success();
    });
  }

  Status read_jobs() {
    reserve(state_.jobs, "SELECT count(*) FROM jobs");
    constexpr auto all = "SELECT store, number, task, record FROM jobs ORDER BY store, number, task";
    return for_each_row(all, [this](sqlite::Statement& row) -> Status {
      auto record = decode<JobRecord>(row.bytes(3));
      if (!record) return damage("the record of job " + job_number(row) + " is not readable: " + record.error().text);
      if (record->id != job_id(row)) return damage("the record of job " + job_number(row) + " is another job's");
      record->request = interned_(record->request);
      state_.jobs.push_back(std::move(*record));
      return success();
    });
  }

  Status read_runs() {
    reserve(state_.runs, "SELECT count(*) FROM runs");
    constexpr auto all = "SELECT store, number, task, epoch, record FROM runs ORDER BY store, number, task, epoch";
    return for_each_row(all, [this](sqlite::Statement& row) -> Status {
      auto record = decode<RunRecord>(row.bytes(4));
      if (!record) return damage("the record of run " + job_number(row) + " is not readable: " + record.error().text);
      if (record->key != run_key(row)) return damage("the record of run " + job_number(row) + " is another run's");
      record->request = interned_(record->request);
      state_.runs.push_back(std::move(*record));
      return success();
    });
  }

  Status read_copies() {
    reserve(state_.copies, "SELECT count(*) FROM copies");
    constexpr auto all = "SELECT store, number, task, copy FROM copies ORDER BY store, number, task";
    return for_each_row(all, [this](sqlite::Statement& row) -> Status {
      auto copy = decode<JobCopy>(row.bytes(3));
      if (!copy) return damage("the copy of job " + job_number(row) + " is not readable: " + copy.error().text);
      if (copy->record.id != job_id(row)) return damage("the copy of job " + job_number(row) + " is another job's");
      state_.copies.push_back(std::move(*copy));
      return success();
    });
  }

  template <class Take>
  Status for_each_row(std::string_view sql, Take take) {
    sqlite::Statement rows;
    if (database_.prepare(sql, rows) != SQLITE_OK) return damage(database_.message());
    while (rows.next())
      if (auto taken = take(rows); !taken) return taken;
    if (rows.code() != SQLITE_OK) return damage(database_.message());
    return success();
  }

  template <class Record>
  void reserve(std::vector<Record>& records, std::string_view count) {
    const auto rows = database_.number(count);
    if (rows > 0) records.reserve(static_cast<std::size_t>(rows));
  }

  static JobId job_id(const sqlite::Statement& row) {
    return {.store = row.store_id(0),
            .number = static_cast<std::uint64_t>(row.integer(1)),
            .task = static_cast<std::int32_t>(row.integer(2))};
  }
  static RunKey run_key(const sqlite::Statement& row) {
    return {.job = job_id(row), .epoch = Epoch{static_cast<std::uint64_t>(row.integer(3))}};
  }
  static std::string job_number(const sqlite::Statement& row) { return std::to_string(row.integer(1)); }

  Error damage(const std::string& what) const {
    return corrupt("cannot read the journal " + name_ + ": " + what + "; put back a copy of the state folder");
  }

  sqlite::Database& database_;
  const std::string& name_;
  StoredState state_;
  RequestInterner interned_;
};

}  // namespace

Result<StoredState> load_state(sqlite::Database& database, const std::string& name) {
  return StateLoader(database, name).load();
}

}  // namespace hansa
