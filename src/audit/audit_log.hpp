// AuditLog: the operator's book. Who asked for what, what was decided and how, in lines that nobody can change
// unnoticed.
//
// Problem: whoever may write to the machine may write to its logs. Idea: each line bears the hash of the one before it,
// and at intervals, when a file is full and when the daemon ends, the site's own key signs the chain as far as it goes.
// A changed, missing or exchanged line breaks the chain at that line (audit_verify.hpp); only what was written after
// the last seal could be cut off unnoticed.
//
// note() may be called from any thread and returns at once; a thread of the log's own writes, and brings each batch to
// the disk. When the disk takes nothing, lines wait, up to a bound; those beyond are counted, and the count is a line.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "hansa/audit.hpp"
#include "src/audit/audit_files.hpp"
#include "src/audit/repeats.hpp"
#include "src/identity/site_keys.hpp"

namespace hansa {

struct AuditOptions {
  std::string folder;
  SiteName site;
  IdentitySecret secret;
  std::function<WallTime()> clock;
  // What the log itself has to complain about.
  std::function<void(const std::string&)> complain = [](const std::string&) {};
  std::chrono::milliseconds seal_every{60'000};
  std::uint64_t lines_per_seal = 1'000;
  std::uint64_t file_bytes_max = 64u << 20;
  std::size_t waiting_max = 65'536;
};

class AuditLog {
 public:
  static Result<std::unique_ptr<AuditLog>> open(AuditOptions options);
  // Writes what waits, and seals.
  ~AuditLog();

  void note(AuditNote note);

 private:
  AuditLog(AuditOptions options, audit::AuditFile file, audit::Link next);

  void work();
  void write(std::deque<AuditNote> notes, bool minute_is_over);
  void add(const AuditNote& note, std::uint64_t count);
  void add_line(const std::string& line);
  void add_seal();
  void flush();
  void begin_next_file();

  const AuditOptions options_;
  // The writing thread's own.
  audit::AuditFile file_;
  audit::Link next_;
  audit::Repeats repeats_;
  std::string unwritten_;  // whole lines that the chain counts already
  std::uint64_t unsealed_ = 0;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<AuditNote> waiting_;
  std::uint64_t lost_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hansa
