// What a gateway does to those who ask too much, too slowly, or nonsense: it goes on for everybody else.
#include <sys/resource.h>

#include <random>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {
namespace {

using Bounds = GatewayTest;
using std::chrono::milliseconds;

GatewayLimits impatient() {
  return {.idle_max = milliseconds(60'000),
          .header_max = milliseconds(50),
          .body_max = milliseconds(50),
          .body_bytes_per_s_min = 1u << 30};
}

TEST_F(Bounds, ABodyAboveTheLimitIsRefusedBeforeItIsRead) {
  start();
  auto large = probe();
  large.send("POST /v1/jobs/1042/cancel HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n");
  EXPECT_EQ(large.response().status, 413);
  auto huge = probe();
  huge.send("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999\r\n\r\n");
  EXPECT_EQ(huge.response().status, 413);
  auto pieces = probe();
  pieces.send("POST /v1/chunks/missing HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  const auto piece = "100000\r\n" + std::string(1u << 20, 'x') + "\r\n";
  for (int i = 0; i < 10 && pieces.send(piece); ++i) {
  }
  EXPECT_EQ(pieces.response().status, 413);
}

// A job of `files` empty files whose paths have `bytes` bytes each.
std::string job_with_files(int files, std::size_t bytes, const std::string& more = "") {
  std::string entries;
  for (int i = 0; i < files; ++i) {
    auto path = std::to_string(i);
    path.resize(bytes, 'x');
    entries += (i > 0 ? "," : "") + std::string(R"({"path":")") + path + "\"}";
  }
  return R"({"script":"#!/bin/sh\ntrue\n","inputs":{"entries":[)" + entries + "]}" + more + "}";
}

TEST_F(Bounds, AJobThatNoMessageBetweenSitesCouldHoldIsRefusedWhateverTheSiteAllows) {
  auto options = options_in(folder_.path());
  options.script_bytes_max = 64u << 20;
  auto started = Gateway::start(std::move(options), api_);
  ASSERT_TRUE(started.ok()) << started.error().text;
  gateway_ = std::move(*started);
  const auto refused = post("/v1/jobs", job_with_files(4'300, 1'000));
  EXPECT_EQ(refused.status, 400);
  const auto detail = refused.json()["detail"].get<std::string>();
  EXPECT_EQ(detail.find("job: script, environment, list of input files and wishes have 43"), 0u) << detail;
  EXPECT_NE(detail.find("a message between sites holds 4194304"), std::string::npos) << detail;
  EXPECT_EQ(post("/v1/jobs", job_with_files(4'000, 1'000)).status, 201);
  EXPECT_EQ(api_.submissions().size(), 1u);
}

TEST_F(Bounds, WishesCountAsWellForTheyTravelInTheSameMessage) {
  start();
  std::string models;
  for (int i = 0; i < 4'000; ++i) models += (i > 0 ? ",\"" : "\"") + std::string(200, 'm') + "\"";
  EXPECT_EQ(post("/v1/jobs", job_with_files(4'000, 1'000)).status, 201);
  const auto more = R"(,"resources":{"models":[)" + models + "]}";
  const auto refused = post("/v1/jobs", job_with_files(4'000, 1'000, more));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("a message between sites holds"), std::string::npos) << refused.body.substr(0, 300);
}

TEST_F(Bounds, TheSitesOwnLimitOnScriptsIsKept) {
  auto options = options_in(folder_.path());
  options.script_bytes_max = 10'000;
  auto started = Gateway::start(std::move(options), api_);
  ASSERT_TRUE(started.ok()) << started.error().text;
  gateway_ = std::move(*started);
  const auto job = [](std::size_t script, std::size_t environment) {
    return R"({"script":")" + std::string(script, '#') + R"(","environment":{"A":")" + std::string(environment, 'a') +
           "\"}}";
  };
  EXPECT_EQ(post("/v1/jobs", job(9'000, 999)).status, 201);
  const auto refused = post("/v1/jobs", job(9'000, 1'000));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.json()["detail"],
            "job: script, arguments and environment have 10001 bytes, and this site takes at most 10000 "
            "(limits.script_bytes_max); move data into input files");
}

TEST_F(Bounds, ARefusalIsReadableEvenIfTheClientWroteOnAndOn) {
  start();
  auto one = tcp_probe();
  const auto body = std::string(1u << 20, 'x');
  one.send("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(one.response().status, 401);
  EXPECT_TRUE(one.ends());
}

TEST_F(Bounds, BodiesInFlightAreBoundedInAll) {
  start({.body_bytes_total_max = 100'000});
  api_.hold_answers();
  auto first = probe();
  const auto padded = R"({"script":")" + std::string(90'000, 'x') + "\"}";
  first.send("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(padded.size()) + "\r\n\r\n" +
             padded);
  while (api_.calls() == 0) std::this_thread::yield();
  auto second = post("/v1/jobs", padded);
  EXPECT_EQ(second.status, 429);
  EXPECT_TRUE(second.headers.contains("retry-after"));
  api_.release_answers();
  EXPECT_EQ(first.response().status, 201);
  EXPECT_EQ(post("/v1/jobs", padded).status, 201);
}

TEST_F(Bounds, HeadersAreBounded) {
  start();
  EXPECT_EQ(probe().ask("GET", "/healthz", "", "X: " + std::string(20'000, 'x') + "\r\n").status, 431);
  EXPECT_EQ(probe().ask("GET", "/" + std::string(20'000, 'x')).status, 431);
  EXPECT_EQ(probe().ask("GET", "/healthz", "", "X: " + std::string(2'000, 'x') + "\r\n").status, 200);
}

TEST_F(Bounds, GarbageIsAnsweredOrDroppedAndNothingElseHappens) {
  start();
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(1 + random() % 2'000, '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    if (round % 4 == 0) bytes = "GET /v1/jobs HTTP/1.1\r\n" + bytes;
    if (round % 4 == 1) bytes = "POST /v1/jobs HTTP/1.1\r\nContent-Length: 10\r\n\r\n" + bytes;
    auto one = probe();
    one.send(bytes);
    shutdown(one.fd(), SHUT_WR);
    EXPECT_TRUE(one.ends()) << round;
    EXPECT_EQ(one.read().find("HTTP/1.1 2"), std::string::npos);
  }
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_TRUE(api_.submissions().empty());
}

TEST_F(Bounds, AClientThatNeverFinishesItsHeadersIsDropped) {
  start(impatient());
  auto slow = probe();
  slow.send("GET /healthz HT");
  EXPECT_TRUE(slow.ends());
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Bounds, AClientThatNeverFinishesItsBodyIsDropped) {
  start(impatient());
  auto slow = probe();
  slow.send("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_TRUE(slow.ends());
  EXPECT_EQ(api_.calls(), 0u);
}

TEST_F(Bounds, AClientThatNeverReadsIsDropped) {
  start(impatient());
  post("/v1/jobs", small_job);
  api_.append_log(std::string(32u << 20, 'x'), true);
  auto slow = probe();
  slow.send("GET /v1/jobs/1042/logs HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(slow.read_until("HTTP/1.1 200"));
  const auto connections = [this] {
    const auto text = get("/metrics").body;
    return text.find("hansa_gateway_connections 1\n") != std::string::npos;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!connections() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(connections());
}

TEST_F(Bounds, AnIdleConnectionIsClosed) {
  start({.idle_max = milliseconds(50)});
  auto idle = probe();
  EXPECT_EQ(idle.ask("GET", "/healthz").status, 200);
  EXPECT_TRUE(idle.ends());
}

TEST_F(Bounds, ADaemonThatDoesNotAnswerIsSaidToBeSilent) {
  start({.header_max = milliseconds(50), .answer_max = milliseconds(50)});
  api_.hold_answers();
  auto one = probe();
  EXPECT_EQ(one.ask("GET", "/v1/status").status, 503);
  api_.release_answers();  // the late answer finds nobody
  EXPECT_EQ(get("/v1/status").status, 200);
}

TEST_F(Bounds, ConnectionsAreBounded) {
  start({.connections_max = 8});
  std::vector<HttpProbe> open;
  for (int i = 0; i < 8; ++i) {
    open.push_back(probe());
    ASSERT_EQ(open.back().ask("GET", "/healthz").status, 200);
  }
  auto late = probe();
  EXPECT_EQ(late.response().status, 503);
  EXPECT_TRUE(late.ends());
  open.clear();
  auto again = probe();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (get("/healthz").status != 200 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Bounds, AnswersThatComeAfterTheClientOrTheGatewayLeftAreDropped) {
  start();
  api_.hold_answers();
  {
    auto gone = probe();
    gone.send("GET /v1/status HTTP/1.1\r\nHost: h\r\n\r\n");
    while (api_.calls() == 0) std::this_thread::yield();
  }
  auto waiting = probe();
  waiting.send("GET /v1/status HTTP/1.1\r\nHost: h\r\n\r\n");
  while (api_.calls() < 2) std::this_thread::yield();
  gateway_.reset();
  EXPECT_TRUE(waiting.ends());
  api_.release_answers();
}

}  // namespace
}  // namespace hansa
