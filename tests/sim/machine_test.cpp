// The simulated machine keeps to the contract of ports/backend.hpp; most of all, to the start claim.
#include "src/sim/machine.hpp"

#include "tests/support/handoff_kit.hpp"

namespace hansa::sim {
namespace {

using namespace hansa::test;
using std::chrono::seconds;

struct MachineTest : testing::Test {
  Timeline timeline;
  SiteClock clock{timeline};
  RunPlan plan{.wrapper_delay = milliseconds(100), .duration = seconds(10)};
  std::vector<BackendEvent> told;
  std::vector<RunKey> started, ended;
  Machine machine{clock,
                  [this](const RunKey&) { return plan; },
                  [this](BackendEvent event) { told.push_back(std::move(event)); },
                  {.started = [this](const StartRun& command) { started.push_back(command.run); },
                   .ended = [this](const RunKey& key) { ended.push_back(key); }}};
  const RunKey run = run_of(1, 1);

  void start(Instant lease = end_of_time) {
    machine.perform(StartRun{.run = run, .under_lease = lease != end_of_time, .lease_until = lease});
  }
  void pass(Duration by) {
    while (timeline.step(timeline.now() + by)) {
    }
  }
  template <class E>
  std::vector<E> take() {
    auto found = all_of_type<E>(told);
    return found;
  }
};

TEST_F(MachineTest, ARunStartsAndEnds) {
  start();
  pass(seconds(20));
  EXPECT_EQ(take<RunStarted>().size(), 1u);
  EXPECT_EQ(take<RunEnded>().at(0).outcome.state, FinalState::completed);
  EXPECT_EQ(started, ended);
}

TEST_F(MachineTest, AClaimBeforeTheWrapperWinsAndItNeverStarts) {
  start();
  machine.perform(ClaimRun{run});
  pass(seconds(20));
  EXPECT_TRUE(take<ClaimDecided>().at(0).won);
  EXPECT_TRUE(take<StartFailed>().at(0).claim_lost);
  EXPECT_TRUE(started.empty());
}

TEST_F(MachineTest, AClaimAfterTheWrapperIsLost) {
  start();
  while (started.empty() && timeline.step(end_of_time)) {
  }
  machine.perform(ClaimRun{run});
  EXPECT_FALSE(take<ClaimDecided>().at(0).won);
}

TEST_F(MachineTest, AClaimOfWhatWasNeverStartedWinsForEver) {
  machine.perform(ClaimRun{run});
  start();
  pass(seconds(20));
  EXPECT_TRUE(take<ClaimDecided>().at(0).won);
  EXPECT_TRUE(take<StartFailed>().at(0).claim_lost);
  EXPECT_TRUE(started.empty());
}

TEST_F(MachineTest, ACommandThatComesAgainHasTheEffectOfOneAndItsEventIsSentAgain) {
  start();
  start();
  while (started.empty() && timeline.step(end_of_time)) {
  }
  start();
  EXPECT_EQ(take<RunStarted>().size(), 2u);
  EXPECT_EQ(started.size(), 1u);
  pass(seconds(20));
  start();
  EXPECT_EQ(take<RunEnded>().size(), 2u);
  EXPECT_EQ(started.size(), 1u);
}

TEST_F(MachineTest, AStopEndsIt) {
  start();
  pass(seconds(0));
  while (started.empty() && timeline.step(end_of_time)) {
  }
  machine.perform(StopRun{.run = run});
  timeline.step(timeline.now());
  EXPECT_EQ(take<RunEnded>().at(0).outcome.state, FinalState::cancelled);
}

TEST_F(MachineTest, AStopOfWhatHasNotStartedClaimsIt) {
  start();
  machine.perform(StopRun{.run = run});
  EXPECT_TRUE(take<ClaimDecided>().at(0).won);
  EXPECT_EQ(take<RunEnded>().at(0).outcome.usage.elapsed, Duration{0});
}

TEST_F(MachineTest, TheWrapperHoldsTheLeaseAndExtendsIt) {
  start(timeline.now() + seconds(6));
  while (started.empty() && timeline.step(end_of_time)) {
  }
  machine.perform(ExtendLease{.run = run, .lease_until = timeline.now() + seconds(8)});
  pass(seconds(20));
  EXPECT_TRUE(take<RunEnded>().at(0).by_lease);
}

TEST_F(MachineTest, ARebootEndsWhatRanAndForgetsWhatHadNotStarted) {
  start();
  while (started.empty() && timeline.step(end_of_time)) {
  }
  machine.perform(StartRun{.run = run_of(2, 1)});
  machine.reboot();
  machine.perform(LookForRun{run});
  machine.perform(LookForRun{run_of(2, 1)});
  const auto found = take<RunFound>();
  EXPECT_EQ(found.at(0).state, FoundState::ended);
  EXPECT_EQ(found.at(0).outcome.state, FinalState::node_fail);
  EXPECT_EQ(found.at(1).state, FoundState::never_started);
}

TEST_F(MachineTest, StraysAreStoppedBeforeItSaysSo) {
  start();
  while (started.empty() && timeline.step(end_of_time)) {
  }
  plan.ignores_term = true;
  machine.perform(StopStrayRuns{});
  EXPECT_TRUE(take<StrayRunsStopped>().empty());
  pass(seconds(5));
  EXPECT_EQ(take<StrayRunsStopped>().at(0).stopped, std::vector{run});
  EXPECT_EQ(ended, std::vector{run});
}

}  // namespace
}  // namespace hansa::sim
