#include <atomic>
#include <thread>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {
namespace {

using Streams = GatewayTest;

FederationEvent event(const std::string& text = "") {
  return {
      .kind = "job_placed", .at = WallTime{1'772'354'096'125}, .job = "wujiang-1042", .site = {"taihu"}, .text = text};
}

HttpProbe open_stream(HttpProbe probe) {
  probe.send("GET /v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(probe.read_until("text/event-stream"));
  EXPECT_TRUE(probe.read_until(":\n\n"));
  return probe;
}

TEST_F(Streams, AnEventReachesWhoeverListens) {
  start();
  auto listener = open_stream(probe());
  gateway_->publish(event());
  ASSERT_TRUE(listener.read_until("}\n\n"));
  const auto& text = listener.read();
  EXPECT_NE(text.find("event: job_placed\n"), std::string::npos);
  const auto data = text.substr(text.find("data: ") + 6);
  const auto json = nlohmann::json::parse(data.substr(0, data.find('\n')));
  EXPECT_EQ(json, (nlohmann::json{{"kind", "job_placed"},
                                  {"at", "2026-03-01T08:34:56.125Z"},
                                  {"job", "wujiang-1042"},
                                  {"site", "taihu"},
                                  {"text", ""}}));
}

TEST_F(Streams, ManyListenersAllHearEverythingInOrder) {
  start();
  constexpr int listeners = 200;
  constexpr int events = 50;
  std::vector<HttpProbe> open;
  for (int i = 0; i < listeners; ++i) open.push_back(open_stream(probe()));
  std::thread publisher([this] {
    for (int i = 0; i < events; ++i) gateway_->publish(event("number " + std::to_string(i) + "."));
  });
  publisher.join();
  for (auto& listener : open) {
    ASSERT_TRUE(listener.read_until("number " + std::to_string(events - 1) + "."));
    std::size_t at = 0;
    for (int i = 0; i < events; ++i) {
      at = listener.read().find("number " + std::to_string(i) + ".", at);
      ASSERT_NE(at, std::string::npos) << i;
    }
  }
}

TEST_F(Streams, ASlowListenerIsDroppedAndTheOthersAreNot) {
  start({.stream_bytes_max = 64u << 10});
  auto slow = open_stream(probe());
  auto quick = open_stream(probe());
  for (int i = 0; i < 100; ++i) {
    gateway_->publish(event(std::to_string(i) + std::string(16u << 10, 'x') + "end" + std::to_string(i) + "."));
    ASSERT_TRUE(quick.read_until("end" + std::to_string(i) + "."));
  }
  EXPECT_TRUE(slow.ends());
  EXPECT_EQ(slow.read().find("end99."), std::string::npos);
}

TEST_F(Streams, StreamsAreBounded) {
  start({.streams_max = 2});
  auto first = open_stream(probe());
  auto second = open_stream(probe());
  EXPECT_EQ(get("/v1/events").status, 503);
}

TEST_F(Streams, AListenerThatLeftMakesRoom) {
  start({.streams_max = 1});
  { auto first = open_stream(probe()); }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool opened = false;
  while (!opened && std::chrono::steady_clock::now() < deadline) {
    auto again = probe();
    again.send("GET /v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
    again.read_some();
    opened = again.read().find("200 OK") != std::string::npos;
  }
  EXPECT_TRUE(opened);
}

TEST_F(Streams, ASilentStreamBeats) {
  start({.heartbeat = std::chrono::milliseconds(20)});
  auto listener = open_stream(probe());
  EXPECT_TRUE(listener.read_until(":\n\n:\n\n"));
}

TEST_F(Streams, EventsFromManyThreadsWhileListenersComeAndGoHarmNothing) {
  start();
  std::atomic<bool> done = false;
  std::vector<std::thread> publishers;
  for (int i = 0; i < 3; ++i) {
    publishers.emplace_back([&] {
      while (!done) gateway_->publish(event("storm"));
    });
  }
  for (int i = 0; i < 30; ++i) {
    auto listener = open_stream(probe());
    EXPECT_TRUE(listener.read_until("storm"));
  }
  done = true;
  for (auto& thread : publishers) thread.join();
  EXPECT_EQ(get("/healthz").status, 200);
}

}  // namespace
}  // namespace hansa
