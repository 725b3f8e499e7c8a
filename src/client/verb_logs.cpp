// logs.
#include <charconv>
#include <cstdio>

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

}  // namespace hansa::client
