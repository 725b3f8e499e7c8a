#include "src/staging/log_desk.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "src/staging/clock.hpp"
#include "src/staging/holders.hpp"
#include "src/staging/manifest_check.hpp"
#include "src/staging/names.hpp"
#include "src/staging/paths.hpp"
#include "src/staging/run_stream.hpp"

namespace hansa::staging {
namespace {

Error host_is_silent(const SiteName& host) {
  return unreachable("the log can't be read now: site " + host.value +
                     ", where the job runs, does not answer; try again when it is back");
}

LogData to_wire(const LogGet& get, const Result<LogPiece>& piece) {
  if (!piece.ok()) return {.request = get.request, .offset = get.offset, .error = piece.error().text};
  return {.request = get.request, .offset = piece->offset, .bytes = piece->bytes, .complete = piece->complete};
}

}  // namespace

LogDesk::LogDesk(LogOptions options, LogSources sources, BulkSender& sender)
    : options_(std::move(options)),
      sources_(sources),
      sender_(sender),
      loop_([this](Instant now) { return tick(now); }) {}

void LogDesk::read(const LogQuery& asked, const SiteName& host, LogAnswer answer) {
  auto query = asked;
  query.bytes_max = std::clamp(query.bytes_max, 1u, options_.bytes_max);
  query.wait = std::clamp(query.wait, Duration{0}, options_.wait_max);
  loop_.post([this, query, host, answer = std::move(answer)]() mutable {
    const auto home = sources_.outputs.get(file_name(query.run.job));
    if (home.ok()) return answer(read_stored(*home, query));
    if (host.empty() || host == options_.self) return read_here(query, std::move(answer));
    ask(query, host, std::move(answer));
  });
}

void LogDesk::on_get(const SiteName& from, const LogGet& get) {
  loop_.offer([this, from, get] { answer_get(from, get); });
}

void LogDesk::answer_get(const SiteName& from, const LogGet& get) {
  const auto answer = [this, from, get](const Result<LogPiece>& piece) { sender_.send(from, to_wire(get, piece)); };
  if (!sources_.directory.is_origin(from, get.run)) {
    return answer(not_found("site " + options_.self.value + " has no such run for " + from.value));
  }
  read_here({.run = get.run,
             .stream = get.stream,
             .offset = get.offset,
             .bytes_max = std::clamp(get.bytes_max, 1u, options_.bytes_max),
             .wait = std::min<Duration>(std::chrono::milliseconds(get.wait_ms), options_.wait_max)},
            answer);
}

void LogDesk::read_here(const LogQuery& query, LogAnswer answer) {
  auto piece = try_read(query);
  if (!piece.ok()) return answer(piece.error());
  if (piece->has_value()) return answer(std::move(**piece));
  if (query.wait == Duration{0}) return answer(LogPiece{.offset = query.offset});
  if (waiters_.size() >= options_.waiters_max) {
    return answer(overloaded("too many logs are being followed at site " + options_.self.value + ": try again later"));
  }
  waiters_.push_back({query, boot_now() + query.wait, std::move(answer)});
}

// It went elsewhere while somebody waited for it here, and may have ended there: who asks again is sent there.
Result<std::optional<LogPiece>> LogDesk::look(const LogQuery& query) {
  if (sources_.directory.life_of(query.run) != RunLife::unknown) return try_read(query);
  return std::optional(LogPiece{.offset = query.offset});
}

// Nothing: at its end, but more may come.
Result<std::optional<LogPiece>> LogDesk::try_read(const LogQuery& query) {
  const auto life = sources_.directory.life_of(query.run);  // before the bytes: what it wrote last is then in the file
  if (life == RunLife::unknown) return not_found("site " + options_.self.value + " keeps no log of this run");
  const bool ended = life == RunLife::ended;
  const auto file = open_stream(sources_.folders, query.run, query.stream);
  if (file.ok()) return read_file_stream(file->get(), query, ended);
  if (!ended) return std::optional<LogPiece>();
  const auto kept = sources_.collected.get(collected_holder(query.run));
  auto piece = read_stored(kept.ok() ? *kept : Manifest{}, query);
  if (!piece.ok()) return piece.error();
  return std::optional(std::move(piece).value());
}

Result<std::optional<LogPiece>> LogDesk::read_file_stream(int file, const LogQuery& query, bool ended) {
  LogPiece piece{.offset = query.offset};
  struct stat facts {};
  if (!read_at(file, query.offset, query.bytes_max, piece.bytes) || ::fstat(file, &facts) != 0) {
    return internal_error("the run's log can't be read: " + errno_text(errno));
  }
  piece.complete = ended && query.offset + piece.bytes.size() >= static_cast<std::uint64_t>(facts.st_size);
  if (piece.bytes.empty() && !piece.complete) return std::optional<LogPiece>();
  return std::optional(std::move(piece));
}

// A stream that the manifest doesn't name was empty.
Result<LogPiece> LogDesk::read_stored(const Manifest& manifest, const LogQuery& query) {
  LogPiece piece{.offset = query.offset, .complete = true};
  const auto name = query.stream == LogStream::out ? stdout_entry : stderr_entry;
  const auto entry = std::find_if(manifest.entries.begin(), manifest.entries.end(),
                                  [&](const ManifestEntry& one) { return one.path == name; });
  if (entry == manifest.entries.end() || query.offset >= entry->size_bytes) return piece;
  const auto chunk = sources_.chunks.read(entry->chunks.at(query.offset / chunk_bytes_max));
  if (!chunk.ok()) return chunk.error();
  const auto begin = std::min<std::uint64_t>(query.offset % chunk_bytes_max, chunk->size());
  piece.bytes = chunk->substr(begin, query.bytes_max);
  piece.complete = query.offset + piece.bytes.size() >= entry->size_bytes;
  return piece;
}

void LogDesk::ask(const LogQuery& query, const SiteName& host, LogAnswer answer) {
  if (asked_.size() >= options_.waiters_max) {
    return answer(overloaded("too many logs are being followed at site " + options_.self.value + ": try again later"));
  }
  const auto request = ++requests_;
  const auto wait_ms = std::chrono::duration_cast<std::chrono::milliseconds>(query.wait).count();
  const LogGet get{.request = request,
                   .run = query.run,
                   .stream = query.stream,
                   .offset = query.offset,
                   .bytes_max = query.bytes_max,
                   .wait_ms = static_cast<std::uint32_t>(wait_ms)};
  if (!sender_.send(host, get)) return answer(host_is_silent(host));
  asked_.emplace(request, Asked{host, query, boot_now() + query.wait + options_.answer_slack, std::move(answer)});
}

void LogDesk::on_data(const SiteName& from, LogData data) {
  loop_.offer([this, from, data = std::move(data)]() mutable {
    const auto found = asked_.find(data.request);
    if (found == asked_.end() || found->second.host != from) return;
    const auto asked = std::move(found->second);
    asked_.erase(found);
    if (!data.error.empty()) return asked.answer(not_found(std::move(data.error)));
    if (data.offset != asked.query.offset || data.bytes.size() > asked.query.bytes_max) {
      return asked.answer(corrupt("site " + from.value + " answered with another part of the log than was asked for"));
    }
    asked.answer(LogPiece{data.offset, std::move(data.bytes), data.complete});
  });
}

void LogDesk::on_link(const SiteName& peer, bool up) {
  if (up) return;
  loop_.post([this, peer] {
    std::vector<LogAnswer> cut;
    for (auto asked = asked_.begin(); asked != asked_.end();) {
      if (asked->second.host == peer) cut.push_back(std::move(asked->second.answer));
      asked = asked->second.host == peer ? asked_.erase(asked) : std::next(asked);
    }
    for (const auto& answer : cut) answer(host_is_silent(peer));
  });
}

std::optional<Instant> LogDesk::tick(Instant now) {
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    auto piece = look(waiter->query);
    const bool waits = piece.ok() && !piece->has_value() && now < waiter->until;
    if (waits) {
      ++waiter;
      continue;
    }
    if (!piece.ok()) {
      waiter->answer(piece.error());
    } else {
      waiter->answer(piece->has_value() ? std::move(**piece) : LogPiece{.offset = waiter->query.offset});
    }
    waiter = waiters_.erase(waiter);
  }
  std::optional<Instant> next = waiters_.empty() ? std::nullopt : std::optional(now + options_.look_every);
  for (auto asked = asked_.begin(); asked != asked_.end();) {
    if (asked->second.until <= now) {
      asked->second.answer(host_is_silent(asked->second.host));
      asked = asked_.erase(asked);
      continue;
    }
    next = std::min(next.value_or(end_of_time), asked->second.until);
    ++asked;
  }
  return next;
}

}  // namespace hansa::staging
