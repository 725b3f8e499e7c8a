#include "src/backends/fake/fake_machine.hpp"

#include <gtest/gtest.h>

#include "protocol/wire/codec.hpp"

namespace hansa {
namespace {

using namespace std::chrono_literals;

struct Recorder : BackendHandler {
  void on_event(BackendEvent event) override { events.push_back(std::move(event)); }
  std::vector<BackendEvent> events;
};

struct FakeMachineTest : ::testing::Test {
  FakeMachineTest() : machine({}, false) { machine.attach(&recorder); }

  StartRun start(std::uint64_t number, const std::string& script, std::map<std::string, std::string> environment = {}) {
    JobPayload payload;
    payload.script = script;
    payload.environment = std::move(environment);
    return {.run = key(number), .payload = EncodedPayload(encode(payload))};
  }
  static RunKey key(std::uint64_t number) { return {.job = {.number = number}, .epoch = {1}}; }
  static Instant at(Duration since_start) { return Instant{since_start}; }

  FakeMachine machine;
  Recorder recorder;
};

TEST_F(FakeMachineTest, ARunEndsExactlyWhenItsTimeHasCome) {
  machine.perform(start(1, "sleep 5; exit 2"));
  ASSERT_EQ(recorder.events.size(), 1u);
  EXPECT_EQ(machine.deadline(), at(5s));
  machine.advance(at(5s) - Duration(1));
  EXPECT_EQ(recorder.events.size(), 1u);
  machine.advance(at(5s));
  ASSERT_EQ(recorder.events.size(), 2u);
  EXPECT_EQ(std::get<RunEnded>(recorder.events[1]).outcome.exit.code, 2);
  EXPECT_EQ(machine.deadline(), end_of_time);
}

TEST_F(FakeMachineTest, WhatIsDueHappensInTheOrderOfTime) {
  machine.perform(start(1, "sleep 9"));
  machine.perform(start(2, "sleep 3"));
  machine.perform(start(3, "sleep 6"));
  recorder.events.clear();
  machine.advance(at(60s));
  std::vector<std::uint64_t> order;
  for (const auto& event : recorder.events) order.push_back(std::get<RunEnded>(event).run.job.number);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{2, 3, 1}));
}

TEST_F(FakeMachineTest, AFaultMakesStartsFail) {
  machine.faults.fail_starts = "out of nodes";
  machine.perform(start(1, "true"));
  EXPECT_EQ(std::get<StartFailed>(recorder.events.at(0)).text, "out of nodes");
}

TEST_F(FakeMachineTest, AJobMayAskForItsOwnTrouble) {
  machine.perform(start(1, "true", {{"HANSA_FAKE_FAIL_START", "as asked"}}));
  machine.perform(start(2, "true", {{"HANSA_FAKE_START_DELAY_MS", "250"}}));
  ASSERT_EQ(recorder.events.size(), 1u);
  EXPECT_EQ(std::get<StartFailed>(recorder.events[0]).text, "as asked");
  machine.advance(at(250ms));
  EXPECT_EQ(recorder.events.size(), 3u);
}

TEST_F(FakeMachineTest, ALostEventIsFoundByLooking) {
  machine.perform(start(1, "sleep 1; exit 4"));
  machine.faults.events_to_lose = 1;
  machine.advance(at(2s));
  ASSERT_EQ(recorder.events.size(), 1u);
  machine.perform(LookForRun{key(1)});
  EXPECT_EQ(std::get<RunFound>(recorder.events.at(1)).outcome.exit.code, 4);
}

TEST_F(FakeMachineTest, AClaimDuringASlowStartStopsIt) {
  machine.faults.start_delay = 10s;
  machine.perform(start(1, "true"));
  machine.perform(ClaimRun{key(1)});
  machine.advance(at(60s));
  ASSERT_EQ(recorder.events.size(), 2u);
  EXPECT_TRUE(std::get<StartFailed>(recorder.events[0]).claim_lost);
  EXPECT_TRUE(std::get<ClaimDecided>(recorder.events[1]).won);
}

TEST_F(FakeMachineTest, AMachineThatWasResetForgets) {
  machine.perform(start(1, "sleep 5"));
  machine.faults.forget_on_restart = true;
  machine.attach(nullptr);
  machine.attach(&recorder);
  recorder.events.clear();
  machine.perform(LookForRun{key(1)});
  EXPECT_EQ(std::get<RunFound>(recorder.events.at(0)).state, FoundState::never_started);
}

TEST_F(FakeMachineTest, AHandlerMayCommandFromWithinAnEvent) {
  struct Restarter : BackendHandler {
    void on_event(BackendEvent event) override {
      if (std::holds_alternative<RunStarted>(event)) machine->perform(StopRun{key(1)});
      if (std::holds_alternative<RunEnded>(event)) ended = true;
    }
    FakeMachine* machine = nullptr;
    bool ended = false;
  } restarter;
  restarter.machine = &machine;
  machine.attach(&restarter);
  machine.perform(start(1, "sleep 600"));
  EXPECT_TRUE(restarter.ended);
}

}  // namespace
}  // namespace hansa
