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

std::string number(int i) {
  return "number " + std::to_string(i) + ".";
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The id of the last event in `text`.
std::string last_id(const std::string& text) {
  const auto at = text.rfind("id: ") + 4;
  return text.substr(at, text.find('\n', at) - at);
}

HttpProbe resume(HttpProbe probe, const std::string& target, const std::string& header = "") {
  probe.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + header + "\r\n");
  return probe;
}

TEST_F(Streams, ASlowListenerIsToldHowManyItLostAndTheOthersLoseNone) {
  start({.stream_bytes_max = 32u << 10, .events_kept_max = 10});
  auto slow = open_stream(probe());
  auto quick = open_stream(probe());
  constexpr int events = 200;
  for (int i = 0; i < events; ++i) {
    gateway_->publish(event(std::string(16u << 10, 'x') + number(i)));
    ASSERT_TRUE(quick.read_until(number(i)));
  }
  ASSERT_TRUE(slow.read_until(number(events - 1)));
  const auto& text = slow.read();
  std::size_t lost_count = 0;
  for (auto at = text.find("\"count\":"); at != std::string::npos; at = text.find("\"count\":", at + 1)) {
    lost_count += std::stoul(text.substr(at + 8));
  }
  EXPECT_GT(lost_count, 0u);
  EXPECT_EQ(count_of(text, "number ") + lost_count, static_cast<std::size_t>(events)) << "each is told or counted";
  EXPECT_EQ(quick.read().find("event: lost"), std::string::npos);
  EXPECT_NE(get("/metrics").body.find("hansa_gateway_events_lost_total " + std::to_string(lost_count) + "\n"),
            std::string::npos);
}

TEST_F(Streams, AReaderThatComesBackGoesOnWhereItWas) {
  start();
  std::string id;
  {
    auto first = open_stream(probe());
    for (int i = 0; i < 3; ++i) gateway_->publish(event(number(i)));
    ASSERT_TRUE(first.read_until(number(2) + "\"}\n\n"));
    id = last_id(first.read());
  }
  for (int i = 3; i < 6; ++i) gateway_->publish(event(number(i)));
  for (const auto& [target, header] : {std::pair<std::string, std::string>{"/v1/events?after=" + id, ""},
                                       {"/v1/events", "Last-Event-ID: " + id + "\r\n"},
                                       {"/v1/events?after=0", "Last-Event-ID: " + id + "\r\n"}}) {
    auto again = resume(probe(), target, header);
    ASSERT_TRUE(again.read_until(number(5))) << target;
    EXPECT_EQ(again.read().find(number(2)), std::string::npos) << "it has seen that";
    EXPECT_LT(again.read().find(number(3)), again.read().find(number(4)));
    EXPECT_EQ(again.read().find("event: lost"), std::string::npos);
  }
  auto all = resume(probe(), "/v1/events?after=0");
  ASSERT_TRUE(all.read_until(number(5)));
  EXPECT_EQ(count_of(all.read(), "event: job_placed"), 6u);
  EXPECT_EQ(get("/v1/events?after=yesterday").status, 400);
}

TEST_F(Streams, WhoComesBackTooLateIsToldHowMuchIsGone) {
  start({.events_kept_max = 4});
  auto first = open_stream(probe());
  gateway_->publish(event(number(0)));
  ASSERT_TRUE(first.read_until(number(0) + "\"}\n\n"));
  const auto id = last_id(first.read());
  for (int i = 1; i <= 10; ++i) gateway_->publish(event(number(i)));
  auto late = resume(probe(), "/v1/events", "Last-Event-ID: " + id + "\r\n");
  ASSERT_TRUE(late.read_until(number(10)));
  EXPECT_NE(late.read().find("event: lost\ndata: {\"kind\":\"lost\",\"count\":6,"), std::string::npos) << late.read();
  EXPECT_EQ(count_of(late.read(), "event: job_placed"), 4u);
}

TEST_F(Streams, AnIdOfTheDaemonsEarlierLifeIsKnownForOne) {
  start();
  auto first = open_stream(probe());
  for (int i = 0; i < 50; ++i) gateway_->publish(event(number(i)));
  ASSERT_TRUE(first.read_until(number(49) + "\"}\n\n"));
  const auto id = last_id(first.read());
  gateway_.reset();
  start();
  gateway_->publish(event("after the restart"));
  auto again = resume(probe(), "/v1/events", "Last-Event-ID: " + id + "\r\n");
  ASSERT_TRUE(again.read_until("after the restart"));
  EXPECT_NE(again.read().find("event: lost\ndata: {\"kind\":\"lost\",\"count\":null,"), std::string::npos);
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
