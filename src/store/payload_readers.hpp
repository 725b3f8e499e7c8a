// Reading beside the writer: payloads and notes, from any thread.
//
// Each reading thread borrows a read connection and gives it back; there are never more of them than threads that read
// at once. WAL lets them read while the writer commits, and each sees all that was committed before it began.
//
// The readers' port has no word for a failure, so nothing is what a failed read gives. The first failure is kept, for
// the writer to report at its next commit: a journal that can't be read is fatal to the site.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/result.hpp"
#include "src/store/sqlite.hpp"

namespace hansa {

class PayloadReaders {
 public:
  explicit PayloadReaders(std::filesystem::path file) : file_(std::move(file)) {}

  std::optional<std::string> job_payload(const JobId& job);
  std::optional<std::string> run_payload(const RunKey& run);
  std::optional<std::string> note(const JobId& job);

  std::optional<Error> failure() const;

 private:
  struct Reader {
    sqlite::Database database;
    sqlite::Statement job_payload, run_payload, note;
  };

  template <class Key>
  std::optional<std::string> read(sqlite::Statement Reader::*statement, const Key& key);
  std::unique_ptr<Reader> borrow();
  std::unique_ptr<Reader> open();
  void give_back(std::unique_ptr<Reader> reader);
  void fail(int code, const std::string& why);

  const std::filesystem::path file_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<Reader>> idle_;
  std::optional<Error> failure_;
};

}  // namespace hansa
