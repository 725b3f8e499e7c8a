#include "src/store/record_writer.hpp"

#include <string_view>
#include <utility>

#include "protocol/wire/codec.hpp"

namespace hansa {

int RecordWriter::prepare(sqlite::Database& database) {
  const std::pair<sqlite::Statement*, std::string_view> statements[] = {
      {&put_job_, "REPLACE INTO jobs VALUES (?,?,?,?)"},
      {&put_job_payload_, "REPLACE INTO job_payloads VALUES (?,?,?,?)"},
      {&drop_job_, "DELETE FROM jobs WHERE store = ? AND number = ? AND task = ?"},
      {&drop_job_payload_, "DELETE FROM job_payloads WHERE store = ? AND number = ? AND task = ?"},
      {&drop_note_, "DELETE FROM notes WHERE store = ? AND number = ? AND task = ?"},
      {&put_run_, "REPLACE INTO runs VALUES (?,?,?,?,?)"},
      {&put_run_payload_, "REPLACE INTO run_payloads VALUES (?,?,?,?,?)"},
      {&drop_run_, "DELETE FROM runs WHERE store = ? AND number = ? AND task = ? AND epoch = ?"},
      {&drop_run_payload_, "DELETE FROM run_payloads WHERE store = ? AND number = ? AND task = ? AND epoch = ?"},
      {&put_note_, "REPLACE INTO notes VALUES (?,?,?,?)"},
      {&put_fact_, "REPLACE INTO facts VALUES (?,?)"},
      {&put_copy_, "REPLACE INTO copies VALUES (?,?,?,?)"},
      {&drop_copy_, "DELETE FROM copies WHERE store = ? AND number = ? AND task = ?"},
      {&put_document_, "REPLACE INTO documents VALUES (?,?)"},
      {&drop_document_, "DELETE FROM documents WHERE name = ?"},
  };
  for (const auto& [statement, sql] : statements)
    if (const int code = database.prepare(sql, *statement)) return code;
  return 0;
}

int RecordWriter::write(const StoreRecord& record) {
  return std::visit([this](const auto& one) { return write_one(one); }, record);
}

int RecordWriter::write_one(const PutJob& put) {
  return put_job_.run(put.record.id, std::string_view(encode(put.record)));
}

int RecordWriter::write_one(const PutJobPayload& put) {
  return put_job_payload_.run(put.job, std::string_view(*put.payload));
}

int RecordWriter::write_one(const DropJob& drop) {
  if (const int code = drop_job_.run(drop.job)) return code;
  if (const int code = drop_job_payload_.run(drop.job)) return code;
  return drop_note_.run(drop.job);
}

int RecordWriter::write_one(const PutRun& put) {
  return put_run_.run(put.record.key, std::string_view(encode(put.record)));
}

int RecordWriter::write_one(const PutRunPayload& put) {
  return put_run_payload_.run(put.run, std::string_view(*put.payload));
}

int RecordWriter::write_one(const DropRun& drop) {
  if (const int code = drop_run_.run(drop.run)) return code;
  return drop_run_payload_.run(drop.run);
}

int RecordWriter::write_one(const PutNote& put) {
  return put_note_.run(put.job, sqlite::Text{put.text});
}

int RecordWriter::write_one(const PutFact& put) {
  return put_fact_.run(sqlite::Text{put.name}, put.value);
}

int RecordWriter::write_one(const PutCopy& put) {
  return put_copy_.run(put.copy.record.id, std::string_view(encode(put.copy)));
}

int RecordWriter::write_one(const DropCopy& drop) {
  return drop_copy_.run(drop.job);
}

int RecordWriter::write_one(const PutDocument& put) {
  if (put.bytes.empty()) return drop_document_.run(sqlite::Text{put.name});
  return put_document_.run(sqlite::Text{put.name}, std::string_view(put.bytes));
}

}  // namespace hansa
