#include <thread>

#include "tests/contract/staging/two_sites.hpp"

namespace hansa::staging {
namespace {

class Logs : public TwoSites {
 public:
  LogQuery from(std::uint64_t offset, Duration wait = Duration{0}) const {
    return {.run = run, .offset = offset, .wait = wait};
  }
  void append(const std::string& text) const {
    std::ofstream(host.runs.path(file_name(run) + "/stdout"), std::ios::app | std::ios::binary) << text;
  }
};

TEST_F(Logs, AreReadAtTheHostFromAnyOffset) {
  write_in_run("stdout", "hello");
  EXPECT_EQ(host.log(from(0), host.self)->bytes, "hello");
  EXPECT_EQ(host.log(from(3), {})->bytes, "lo");
  EXPECT_FALSE(host.log(from(0), host.self)->complete);
  EXPECT_EQ(host.log({.run = run, .bytes_max = 2}, host.self)->bytes, "he");
}

TEST_F(Logs, OfARunElsewhereAreFollowedUntilItEnds) {
  write_in_run("stdout", "one ");
  EXPECT_EQ(origin.log(from(0, patience), host.self)->bytes, "one ");
  std::promise<Result<LogPiece>> answered;
  origin.service->read_log(from(4, patience), host.self, [&](Result<LogPiece> piece) { answered.set_value(piece); });
  append("two");
  const auto second = answered.get_future().get();
  ASSERT_TRUE(second.ok()) << second.error().text;
  EXPECT_EQ(second->bytes.substr(0, 1), "t");
  std::promise<Result<LogPiece>> ended;
  origin.service->read_log(from(7, patience), host.self, [&](Result<LogPiece> piece) { ended.set_value(piece); });
  host.set_life(run, RunLife::ended);
  const auto last = ended.get_future().get();
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->bytes, "");
  EXPECT_TRUE(last->complete);
}

TEST_F(Logs, OfARunThatHasNotStartedAreWaitedFor) {
  std::promise<Result<LogPiece>> answered;
  origin.service->read_log(from(0, patience), host.self, [&](Result<LogPiece> piece) { answered.set_value(piece); });
  write_in_run("stdout", "begun");
  EXPECT_EQ(answered.get_future().get()->bytes.substr(0, 1), "b");
}

TEST_F(Logs, OfARunThatLeftWhileTheyWereWaitedForAreAskedForAgain) {
  std::promise<Result<LogPiece>> answered;
  origin.set_life(run, RunLife::alive);
  origin.service->read_log(from(0, patience), {}, [&](Result<LogPiece> piece) { answered.set_value(piece); });
  EXPECT_TRUE(origin.log(from(0), {}).ok());  // answered behind it: it waits by now
  origin.set_life(run, RunLife::unknown);
  const auto piece = answered.get_future().get();
  ASSERT_TRUE(piece.ok()) << piece.error().text;
  EXPECT_FALSE(piece->complete);
}

TEST_F(Logs, AnswerWithNothingWhenNothingComesInTime) {
  const auto piece = origin.log(from(0, std::chrono::milliseconds(20)), host.self);
  ASSERT_TRUE(piece.ok());
  EXPECT_EQ(piece->bytes, "");
  EXPECT_FALSE(piece->complete);
}

TEST_F(Logs, AreCompleteOnlyWithTheirLastByte) {
  write_in_run("stdout", "12345");
  host.set_life(run, RunLife::ended);
  EXPECT_FALSE(origin.log({.run = run, .bytes_max = 4}, host.self)->complete);
  const auto last = origin.log({.run = run, .offset = 4, .bytes_max = 4}, host.self);
  EXPECT_EQ(last->bytes, "5");
  EXPECT_TRUE(last->complete);
}

TEST_F(Logs, OfAFinishedJobAreReadAtHomeWithTheHostGone) {
  const auto text = noise(chunk_bytes_max + 100);
  write_in_run("stdout", text);
  pull(collect(EncodedPayload(encode(JobPayload{}))).outputs);
  host.stop();
  EXPECT_EQ(origin.log({.run = run, .offset = chunk_bytes_max - 5, .bytes_max = 100}, host.self)->bytes,
            text.substr(chunk_bytes_max - 5, 5));
  const auto last = origin.log({.run = run, .offset = chunk_bytes_max, .bytes_max = 1000}, host.self);
  EXPECT_EQ(last->bytes, text.substr(chunk_bytes_max));
  EXPECT_TRUE(last->complete);
  EXPECT_TRUE(origin.log({.run = run, .stream = LogStream::err}, host.self)->complete);
  EXPECT_EQ(origin.log({.run = run, .offset = ~0ull}, host.self)->bytes, "");
}

TEST_F(Logs, OfAHostThatIsAwayAreRefusedAtOnceWithTheReason) {
  host.stop();
  const auto piece = origin.log(from(0, patience), host.self);
  ASSERT_FALSE(piece.ok());
  EXPECT_EQ(piece.error().kind, ErrorKind::unreachable);
  EXPECT_NE(piece.error().text.find("taihu"), std::string::npos);
}

TEST_F(Logs, AFollowerIsToldWhenTheConnectionIsCut) {
  std::promise<Result<LogPiece>> answered;
  network.set_fault([&](auto&, auto&, BulkMessage& message) { return !std::holds_alternative<LogGet>(message); });
  origin.service->read_log(from(0, patience), host.self, [&](Result<LogPiece> piece) { answered.set_value(piece); });
  while (network.sent<LogGet>() == 0) std::this_thread::yield();
  network.tell_links(false);
  EXPECT_EQ(answered.get_future().get().error().kind, ErrorKind::unreachable);
}

TEST_F(Logs, AreShownToTheOriginAlone) {
  write_in_run("stdout", "secret");
  TestSite stranger(network, "stranger");
  const auto piece = stranger.log(from(0), host.self);
  ASSERT_FALSE(piece.ok());
  EXPECT_EQ(piece.error().text.find("secret"), std::string::npos);
}

TEST_F(Logs, AreNotReadThroughALinkThatTheJobPlanted) {
  TempFolder outside;
  outside.write("secret", "s");
  host.runs.link(file_name(run) + "/stdout", outside.path("secret"));
  host.set_life(run, RunLife::ended);
  const auto piece = host.log(from(0), host.self);
  ASSERT_TRUE(piece.ok());
  EXPECT_EQ(piece->bytes, "");
}

}  // namespace
}  // namespace hansa::staging
