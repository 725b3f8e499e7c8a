// logs and fetch.
#include <charconv>
#include <cstdio>

#include "src/client/bundle.hpp"
#include "src/client/formats.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

struct Piece {
  std::uint64_t next = 0;  // offset behind its bytes
  bool complete = false;
  bool empty = true;
};

// Prints what there is from `offset` on.
Result<Piece> print_piece(Daemon& daemon, const std::string& log, std::uint64_t offset, bool wait) {
  auto reply = daemon.ask({.target = log + "&offset=" + std::to_string(offset) + (wait ? "&wait=30" : "")});
  if (!reply) return reply.error();
  const auto& told = reply->headers["x-hansa-offset"];
  std::uint64_t at = offset;
  std::from_chars(told.data(), told.data() + told.size(), at);
  print(reply->body);
  std::fflush(stdout);
  return Piece{.next = at + reply->body.size(),
               .complete = reply->headers["x-hansa-complete"] == "true",
               .empty = reply->body.empty()};
}

}  // namespace

Outcome run_logs(Context& context, const Args& args) {
  if (args.words.size() != 1) return usage_error("one job is wanted, as in hansa logs wujiang-1042");
  const auto log =
      "/v1/jobs/" + escape(args.words.front()) + "/logs?stream=" + (args.has("stderr") ? "stderr" : "stdout");
  const bool follow = args.has("follow");
  std::uint64_t offset = 0;
  while (true) {
    const auto piece = print_piece(context.daemon, log, offset, follow);
    if (!piece) return piece.error();
    offset = piece->next;
    if (piece->empty && (piece->complete || !follow)) return 0;
    if (std::ferror(stdout) != 0) return 0;  // whoever read this has enough
  }
}

Outcome run_fetch(Context& context, const Args& args) {
  if (args.words.empty() || args.words.size() > 2)
    return usage_error("a job and perhaps a folder are wanted, as in hansa fetch wujiang-1042 results");
  const auto& job = args.words.front();
  const auto folder = args.words.size() == 2 ? args.words[1] : job;
  const auto manifest = download(context.daemon, job, folder);
  if (!manifest) return manifest.error();
  std::size_t files = 0;
  for (const auto& entry : manifest->entries) files += entry.kind == EntryKind::file;
  print(std::to_string(files) + (files == 1 ? " file, " : " files, ") +
        format_bytes(static_cast<double>(manifest->size_bytes())) + ", in " + folder + "\n");
  return 0;
}

}  // namespace hansa::client
