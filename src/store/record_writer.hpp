// Each kind of StoreRecord as its prepared statement.
#pragma once

#include "hansa/types/records.hpp"
#include "src/store/sqlite.hpp"

namespace hansa {

class RecordWriter {
 public:
  // All statements, or SQLite's code for the first that failed.
  int prepare(sqlite::Database& database);

  // Within the caller's transaction; SQLITE_OK, or what went wrong.
  int write(const StoreRecord& record);

 private:
  int write_one(const PutJob& put);
  int write_one(const PutJobPayload& put);
  int write_one(const DropJob& drop);
  int write_one(const PutRun& put);
  int write_one(const PutRunPayload& put);
  int write_one(const DropRun& drop);
  int write_one(const PutNote& put);
  int write_one(const PutFact& put);
  int write_one(const PutCopy& put);
  int write_one(const DropCopy& drop);
  int write_one(const PutDocument& put);

  sqlite::Statement put_job_, put_job_payload_, drop_job_, drop_job_payload_, drop_note_;
  sqlite::Statement put_run_, put_run_payload_, drop_run_, drop_run_payload_;
  sqlite::Statement put_note_, put_fact_, put_copy_, drop_copy_, put_document_, drop_document_;
};

}  // namespace hansa
