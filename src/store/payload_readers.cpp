#include "src/store/payload_readers.hpp"

#include <sqlite3.h>

#include <utility>

namespace hansa {

namespace {

// Payloads are read once or twice in a job's life: a large cache would only be memory.
constexpr const char* reader_settings = "PRAGMA cache_size = -256; PRAGMA query_only = 1; PRAGMA cell_size_check = 1";

}  // namespace

std::optional<std::string> PayloadReaders::job_payload(const JobId& job) {
  return read(&Reader::job_payload, job);
}
std::optional<std::string> PayloadReaders::run_payload(const RunKey& run) {
  return read(&Reader::run_payload, run);
}
std::optional<std::string> PayloadReaders::note(const JobId& job) {
  return read(&Reader::note, job);
}

template <class Key>
std::optional<std::string> PayloadReaders::read(sqlite::Statement Reader::*statement, const Key& key) {
  auto reader = borrow();
  if (!reader) return std::nullopt;
  auto& rows = (*reader).*statement;
  std::optional<std::string> found;
  rows.query(key);
  while (rows.next()) found.emplace(rows.bytes(0));
  if (rows.code() != SQLITE_OK) {
    fail(rows.code(), reader->database.message());
    return std::nullopt;
  }
  give_back(std::move(reader));
  return found;
}

std::unique_ptr<PayloadReaders::Reader> PayloadReaders::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return open();
}

std::unique_ptr<PayloadReaders::Reader> PayloadReaders::open() {
  auto database = sqlite::Database::open(file_, sqlite::OpenAs::reader);
  if (!database) {
    fail(SQLITE_CANTOPEN, database.error().text);
    return nullptr;
  }
  auto reader = std::make_unique<Reader>(Reader{.database = std::move(*database)});
  auto& opened = reader->database;
  int code = opened.execute(reader_settings);
  if (code == SQLITE_OK)
    code = opened.prepare("SELECT payload FROM job_payloads WHERE store = ? AND number = ? AND task = ?",
                          reader->job_payload);
  if (code == SQLITE_OK)
    code = opened.prepare("SELECT payload FROM run_payloads WHERE store = ? AND number = ? AND task = ? AND epoch = ?",
                          reader->run_payload);
  if (code == SQLITE_OK)
    code = opened.prepare("SELECT text FROM notes WHERE store = ? AND number = ? AND task = ?", reader->note);
  if (code == SQLITE_OK) return reader;
  fail(code, opened.message());
  return nullptr;
}

void PayloadReaders::give_back(std::unique_ptr<Reader> reader) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(reader));
}

void PayloadReaders::fail(int code, const std::string& why) {
  const auto text = "cannot read the journal " + file_.string() + ": " + why;
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  failure_ = sqlite::is_damage(code) ? corrupt(text + "; put back a copy of the state folder") : internal_error(text);
}

std::optional<Error> PayloadReaders::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace hansa
