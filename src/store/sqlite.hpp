// SQLite's C interface as owned values: a connection, a prepared statement, and what a result code means.
//
// Codes are SQLite's extended ones and stay plain ints, because the store decides by them (a full disk is not a
// failure); they become an Error only where somebody has to read them. One connection, and its statements, belong to
// one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hansa::sqlite {

struct Text {
  std::string_view value;
};

// Bound by address, not copied: what is bound must live until the statement has run.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Runs a statement that returns no rows; SQLITE_OK, or what went wrong.
  template <class... Values>
  int run(const Values&... values) {
    bind_all(values...);
    return finish();
  }

  // For statements that return rows: query(…), then while (next()) read columns, then code() says whether it ended
  // well; it is reset by then.
  template <class... Values>
  void query(const Values&... values) {
    bind_all(values...);
  }
  bool next();
  int code() const { return code_; }

  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;  // valid until next()
  StoreId store_id(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  template <class... Values>
  void bind_all(const Values&... values) {
    int column = 0;
    (bind(column, values), ...);
  }
  void bind(int& column, std::int64_t value);
  void bind(int& column, std::uint64_t value) { bind(column, static_cast<std::int64_t>(value)); }
  void bind(int& column, std::string_view blob);
  void bind(int& column, Text text);
  void bind(int& column, const StoreId& id);
  void bind(int& column, const JobId& job);   // three columns: store, number, task
  void bind(int& column, const RunKey& run);  // four: those and the epoch
  int finish();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int code_ = 0;
};

enum class OpenAs : std::uint8_t { writer, reader };

class Database {
 public:
  static Result<Database> open(const std::filesystem::path& file, OpenAs mode);

  int execute(const char* sql);
  // `statement` is left empty when this fails.
  int prepare(std::string_view sql, Statement& statement);
  // The first column of the first row; -1 when there is none.
  std::int64_t number(std::string_view sql);

  // What the last failed call says, as the end of a sentence.
  std::string message() const;
  // Whether `code`, which the last call gave, means that there is no room: nothing was changed then, and the same may
  // be tried again.
  bool no_room(int code) const;
  // Undoes what is left of a failed transaction.
  void roll_back();

  sqlite3* handle() const { return connection_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit Database(sqlite3* connection) : connection_(connection) {}

  std::unique_ptr<sqlite3, Close> connection_;
};

bool is_damage(int code);  // the file's bytes make no sense

}  // namespace hansa::sqlite
