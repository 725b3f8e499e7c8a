// The journal: a SQLite database in the site's state folder.
//
// A commit is one transaction of prepared statements and one sync of the log (WAL, synchronous = FULL). What makes it
// fast is that records are small, payloads are written once, and many batches share a sync (commit_queue.hpp).
//
// Once the log has `log_pages` pages, the committing thread copies them into the database and the log starts again at
// its beginning. That is one commit in some 300 to 500, 5 to 18 ms long on a disk that syncs in 0.1 ms; a thread of its
// own could not end it while commits go on, the log would grow, and a sync takes twice as long at a growing end (0.27
// against 0.14 ms). For the same reason the log is made that long when the store is opened. A longer one makes the
// pause rarer and longer (4,000 pages: 24 ms), a shorter one costs more in all (250: 7 ms, one commit in 120).
//
// What is checked at the start, and what is not: the header and the schema, that the file is as long as it says, and
// every record of every job and run, since all are decoded. Payloads are not read: a check of the whole file
// (PRAGMA quick_check) takes seconds a gigabyte, and WAL's own checksums already cover what a crash can tear. A payload
// that turns out to be unreadable stops the site at its next commit.
//
// Around each checkpoint a mark is set and taken back (log_mark.hpp): a log that was removed is missed at the next
// start.
//
// Files in the folder: journal.db, its -wal and -shm, and lock. Only the daemon's user may read them.
#pragma once

#include <filesystem>
#include <memory>

#include "hansa/ports/store.hpp"

namespace hansa {

class SqliteStore final : public Store {
 public:
  // Opens the journal in `folder`, which must exist, or makes one there with `new_id`, which must be newly drawn.
  // Refused in one sentence: a folder that another daemon uses, a foreign or damaged file, a newer schema.
  static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& folder, const StoreId& new_id);
  ~SqliteStore() override;

  // `fresh` until something has been committed: a daemon that dies in between starts with a fresh store again.
  Result<StoredState> load() override;

  // After any failure but disk_full the store refuses every further commit: what is on the disk is then known only
  // after a restart has read it.
  Result<CommitResult> commit(std::span<const StoreRecord> records) override;

  std::optional<EncodedPayload> job_payload(const JobId& job) const override;
  std::optional<EncodedPayload> run_payload(const RunKey& run) const override;
  std::optional<std::string> note(const JobId& job) const override;

 private:
  struct Parts;
  explicit SqliteStore(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace hansa
