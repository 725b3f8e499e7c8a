#include "src/transport/names.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace hansa::transport {
namespace {

using namespace std::chrono_literals;

std::atomic<int> asked{0};

std::vector<std::string> two_addresses(const std::string& endpoint) {
  ++asked;
  if (endpoint.find("nobody") != std::string::npos) return {};
  return {"tcp://192.0.2.1:1", "tcp://192.0.2.2:1"};
}

class NamesTest : public ::testing::Test {
 protected:
  NamesTest() { asked = 0; }
  Names::Answer answer_to(const std::string& endpoint, Names::Clock::duration later = 0s) {
    const auto deadline = Names::Clock::now() + 10s;
    Names::Answer answer{Names::State::asking, {}};
    while (answer.state == Names::State::asking && Names::Clock::now() < deadline) {
      answer = names_.numeric(endpoint, Names::Clock::now() + later);
      std::this_thread::yield();
    }
    return answer;
  }
  Names names_{two_addresses};
};

TEST_F(NamesTest, AnAddressIsItsOwnAnswer) {
  for (const auto* endpoint : {"tcp://192.0.2.7:7700", "tcp://[2001:db8::1]:7700"})
    EXPECT_EQ(answer_to(endpoint).endpoint, endpoint);
  EXPECT_EQ(asked, 0);
}

TEST_F(NamesTest, ANameIsAskedForInTheBackground) {
  EXPECT_EQ(names_.numeric("tcp://taihu:1", Names::Clock::now()).state, Names::State::asking);
  EXPECT_EQ(answer_to("tcp://taihu:1").endpoint, "tcp://192.0.2.1:1");
}

TEST_F(NamesTest, EachAddressHasItsTurnAndTheNameIsAskedForOnce) {
  EXPECT_EQ(answer_to("tcp://taihu:1").endpoint, "tcp://192.0.2.1:1");
  EXPECT_EQ(answer_to("tcp://taihu:1").endpoint, "tcp://192.0.2.2:1");
  EXPECT_EQ(answer_to("tcp://taihu:1").endpoint, "tcp://192.0.2.1:1");
  EXPECT_EQ(asked, 1);
}

TEST_F(NamesTest, AfterAMinuteItIsAskedForAgainWhileTheOldAnswerServes) {
  answer_to("tcp://taihu:1");
  EXPECT_EQ(names_.numeric("tcp://taihu:1", Names::Clock::now() + 2min).state, Names::State::known);
  const auto deadline = Names::Clock::now() + 10s;
  while (asked < 2 && Names::Clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(asked, 2);
}

TEST_F(NamesTest, AnUnknownNameIsSaidAndAskedForAnew) {
  EXPECT_EQ(answer_to("tcp://nobody:1").state, Names::State::unknown);
  EXPECT_EQ(answer_to("tcp://nobody:1").state, Names::State::unknown);
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace hansa::transport
