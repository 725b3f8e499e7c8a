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
