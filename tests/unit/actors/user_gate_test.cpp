#include "actors/user_gate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hansa {
namespace {

const Caller user{.user = "liwei"};
const Caller other{.user = "wangfang"};
const Caller chief{.user = "root", .is_operator = true};
const Caller daemon_itself{.user = "", .is_operator = true};

struct UserGateTest : ::testing::Test {
  UserGate gate{{.jobs_max = 10, .questions_max = 3}};
  std::vector<UserGate::Answer> waiting;
  int answered = 0;

  bool enters(const Caller& caller, const ApiCall& call) {
    auto entered = gate.enter(caller, call, [this](const ApiReply&) { ++answered; });
    if (!entered) {
      EXPECT_EQ(entered.error().kind, ErrorKind::overloaded);
      return false;
    }
    waiting.push_back(std::move(*entered));
    return true;
  }
  static SubmitJobs submission(std::size_t jobs) { return {.jobs = std::vector<Submission>(jobs)}; }
};

TEST_F(UserGateTest, TakesSoManyJobsUntilTheyAreAnswered) {
  EXPECT_TRUE(enters(user, submission(6)));
  EXPECT_FALSE(enters(other, submission(5)));
  EXPECT_TRUE(enters(other, submission(4)));
  waiting.front()(ApiReply{ApiAnswer{Acknowledged{}}});
  EXPECT_EQ(answered, 1);
  EXPECT_TRUE(enters(other, submission(5)));
}

TEST_F(UserGateTest, TakesARequestOfAnySizeWhenNoneWaits) {
  EXPECT_TRUE(enters(user, submission(50)));
  EXPECT_FALSE(enters(user, submission(1)));
}

TEST_F(UserGateTest, SubmissionsAndQuestionsDoNotKeepEachOtherOut) {
  while (enters(user, submission(1))) continue;
  EXPECT_TRUE(enters(user, ListJobs{}));
  while (enters(user, ListJobs{})) continue;
  EXPECT_FALSE(enters(user, GetStatus{}));
}

TEST_F(UserGateTest, OperatorsAndTheDaemonItselfAlwaysGetThrough) {
  while (enters(user, ListJobs{})) continue;
  EXPECT_TRUE(enters(chief, ListJobs{}));
  while (enters(chief, ListJobs{})) continue;
  EXPECT_TRUE(enters(daemon_itself, GetStatus{}));
}

TEST_F(UserGateTest, LongPollsAreCountedByTheirConnectionsAlone) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(enters(user, GetJob{.wait = std::chrono::seconds(60)}));
  EXPECT_TRUE(enters(user, GetJob{}));
}

}  // namespace
}  // namespace hansa
