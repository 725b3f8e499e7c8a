#include "src/audit/audit_log.hpp"

#include <signal.h>

#include "src/audit/seal.hpp"

namespace hansa {

using audit::AuditFile;

namespace {

constexpr std::size_t unwritten_bytes_max = 8u << 20;

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::open(AuditOptions options) {
  audit::Link next;
  std::uint64_t torn_bytes = 0;
  auto file = AuditFile::open(options.folder, next, torn_bytes);
  if (!file) return file.error();
  auto log = std::unique_ptr<AuditLog>(new AuditLog(std::move(options), std::move(*file), next));
  const auto torn = torn_bytes == 0 ? "" : "; " + std::to_string(torn_bytes) + " bytes of a torn line were cut off";
  log->note({.act = "open", .actor = "daemon", .subject = log->options_.site.value, .text = "the book goes on" + torn});
  return log;
}

AuditLog::AuditLog(AuditOptions options, AuditFile file, audit::Link next)
    : options_(std::move(options)), file_(std::move(file)), next_(next), thread_([this] { work(); }) {}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void AuditLog::note(AuditNote note) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= options_.waiting_max) {
    ++lost_;
    return;
  }
  waiting_.push_back(std::move(note));
  if (waiting_.size() == 1) changed_.notify_all();
}

void AuditLog::work() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  auto minute_ends = std::chrono::steady_clock::now() + options_.seal_every;
  for (bool stopping = false; !stopping;) {
    std::unique_lock lock(mutex_);
    const bool has_room = unwritten_.size() < unwritten_bytes_max;
    changed_.wait_until(lock, minute_ends, [&] { return stopping_ || (has_room && !waiting_.empty()); });
    stopping = stopping_;
    auto notes = has_room ? std::exchange(waiting_, {}) : std::deque<AuditNote>{};
    const auto lost = has_room ? std::exchange(lost_, 0) : 0;
    lock.unlock();
    if (lost > 0) {
      notes.push_back({.act = "lost",
                       .actor = "daemon",
                       .subject = std::to_string(lost),
                       .allowed = false,
                       .text = "so many notes could not be kept: the disk did not take them in time"});
    }
    const auto now = std::chrono::steady_clock::now();
    const bool minute_is_over = now >= minute_ends;
    if (minute_is_over) minute_ends = now + options_.seal_every;
    write(std::move(notes), minute_is_over || stopping);
  }
}

void AuditLog::write(std::deque<AuditNote> notes, bool minute_is_over) {
  for (const auto& note : notes) {
    if (note.repeats && repeats_.is_full()) {
      for (const auto& counted : repeats_.take()) add(counted.note, counted.count);
    }
    if (!note.repeats || repeats_.is_new(note)) add(note, 1);
  }
  if (minute_is_over) {
    for (const auto& counted : repeats_.take()) add(counted.note, counted.count);
    if (unsealed_ > 0) add_seal();
  }
  flush();
}

void AuditLog::add(const AuditNote& note, std::uint64_t count) {
  const bool is_full = file_.size() + unwritten_.size() >= options_.file_bytes_max;
  if (is_full && !failing_) begin_next_file();
  add_line(audit::write_note(next_, options_.clock(), note, count));
  if (++unsealed_ >= options_.lines_per_seal) add_seal();
}

void AuditLog::add_line(const std::string& line) {
  next_ = {.number = next_.number + 1, .before = audit::hash_of(line)};
  unwritten_ += line + '\n';
}

void AuditLog::add_seal() {
  const auto at = options_.clock();
  const audit::SealedPoint point{
      .site = options_.site, .number = next_.number, .before = next_.before, .at = audit::moment_text(at)};
  add_line(audit::write_seal(next_, at, options_.site, audit::sign_seal(options_.secret, point)));
  unsealed_ = 0;
}

// What the disk does not take now is tried again with the next lines, or when the minute is over.
void AuditLog::flush() {
  if (unwritten_.empty()) return;
  auto status = file_.append(unwritten_);
  if (status) {
    unwritten_.clear();
    status = file_.sync();
  }
  if (!status && !failing_) options_.complain(status.error().text + "; what happens meanwhile waits in memory");
  failing_ = !status;
}

// The full file ends with a seal, so that it stands by itself.
void AuditLog::begin_next_file() {
  if (unsealed_ > 0) add_seal();
  flush();
  if (failing_) return;
  auto next = AuditFile::begin(options_.folder, next_.number);
  if (next) {
    file_ = std::move(*next);
  } else {
    options_.complain(next.error().text);
  }
}

}  // namespace hansa
