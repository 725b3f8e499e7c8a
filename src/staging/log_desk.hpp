// Logs: reading a run's streams from wherever they are, and following them while the run goes on.
//
// A reader who is at the end waits, at most as long as he said, for more. Waiting costs an entry in a list: one thread
// looks at the files of all who wait, a few times a second. At the origin the streams of a finished job are in the
// chunk store once its outputs are home; before that they are files at the host, read there or asked for with LogGet.
// `complete` is said only when the run was known to have ended before the last byte was read.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>

#include "hansa/api.hpp"
#include "src/staging/event_loop.hpp"
#include "src/staging/manifest_book.hpp"
#include "src/staging/seams.hpp"

namespace hansa::staging {

struct LogQuery {
  RunKey run;
  LogStream stream = LogStream::out;
  std::uint64_t offset = 0;
  std::uint32_t bytes_max = 256u << 10;
  Duration wait{0};
};
using LogAnswer = std::function<void(Result<LogPiece>)>;

struct LogOptions {
  SiteName self;
  Duration look_every = std::chrono::milliseconds(50);  // at the files of those who wait
  Duration wait_max = std::chrono::seconds(30);
  Duration answer_slack = std::chrono::seconds(10);  // beyond its wait, before a host counts as silent
  std::size_t waiters_max = 512;
  std::uint32_t bytes_max = 1u << 20;  // of one piece
};

// What it reads from. Outlives the desk.
struct LogSources {
  StagingDirectory& directory;
  RunFolders& folders;
  ChunkStore& chunks;
  ManifestBook& collected;  // at the host, by collected_holder(run)
  ManifestBook& outputs;    // at the origin, by file_name(job)
};

class LogDesk {
 public:
  LogDesk(LogOptions options, LogSources sources, BulkSender& sender);
  ~LogDesk() { stop(); }

  // At the origin or the host, for somebody who may read it. `host` runs it; empty when it is nowhere yet.
  void read(const LogQuery& query, const SiteName& host, LogAnswer answer);

  // From peers. Only the origin of a run is answered about it.
  void on_get(const SiteName& from, const LogGet& get);
  void on_data(const SiteName& from, LogData data);
  void on_link(const SiteName& peer, bool up);
  void stop() { loop_.stop(); }

 private:
  struct Waiter {
    LogQuery query;
    Instant until;
    LogAnswer answer;
  };
  struct Asked {
    SiteName host;
    LogQuery query;
    Instant until;
    LogAnswer answer;
  };

  // All on the loop's thread.
  std::optional<Instant> tick(Instant now);
  void read_here(const LogQuery& query, LogAnswer answer);
  void ask(const LogQuery& query, const SiteName& host, LogAnswer answer);
  void answer_get(const SiteName& from, const LogGet& get);
  Result<std::optional<LogPiece>> look(const LogQuery& query);
  Result<std::optional<LogPiece>> try_read(const LogQuery& query);
  Result<std::optional<LogPiece>> read_file_stream(int file, const LogQuery& query, bool ended);
  Result<LogPiece> read_stored(const Manifest& manifest, const LogQuery& query);

  const LogOptions options_;
  const LogSources sources_;
  BulkSender& sender_;
  std::list<Waiter> waiters_;
  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t requests_ = 0;
  EventLoop loop_;  // last: its thread uses what is above
};

}  // namespace hansa::staging
