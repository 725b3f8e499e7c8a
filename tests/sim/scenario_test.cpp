// Small federations on a straight course: what a seed can't be relied on to meet.
#include "src/sim/scenario.hpp"

#include <gtest/gtest.h>

#include "tests/sim/small.hpp"

namespace hansa::sim {
namespace {

using std::chrono::seconds;

ScenarioResult run(std::uint64_t seed) {
  return run_scenario({.seed = seed, .signatures = fake_signatures});
}

TEST(Scenario, OneSeedIsOneRun) {
  EXPECT_EQ(run(7).hash, run(7).hash);
  EXPECT_NE(run(7).hash, run(8).hash);
}

TEST_F(Small, AJobRunsAtHomeWhenHomeIsFree) {
  found({1, 1});
  const auto id = submit(0, request());
  pass(seconds(10));
  EXPECT_TRUE(completed(0, id));
  EXPECT_EQ(std::get<Ended>(job(0, id).state).host, site(0).name());
  EXPECT_TRUE(federation.unrest().empty());
}

TEST_F(Small, AJobOfAFullSiteRunsAtAnIdlePeer) {
  found({1, 1});
  plan.duration = seconds(60);
  const auto first = submit(0, request());
  const auto second = submit(0, request());
  pass(seconds(3));
  EXPECT_EQ(*host_of(job(0, first).state), site(0).name());
  EXPECT_EQ(*host_of(job(0, second).state), site(1).name());
  pass(seconds(120));
  EXPECT_TRUE(completed(0, first) && completed(0, second));
}

// Its start fails at home each time, and there is nowhere else: the pause grows, the disk rests.
TEST_F(Small, AJobWhoseStartFailsAtHomeIsNotTriedAgainAtOnce) {
  found({1});
  plan.cannot_start = true;
  const auto id = submit(0, request());
  pass(seconds(60));
  EXPECT_LE(job(0, id).epoch.value, 8u);
  EXPECT_GE(job(0, id).epoch.value, 3u);
  plan.cannot_start = false;
  pass(seconds(120));
  EXPECT_TRUE(completed(0, id));
}

// The units that a bid held are the run's until its Confirm: a job that comes in between does not get them.
TEST_F(Small, UnitsHeldForABidStayHeldForTheRunThatItBecame) {
  found({1, 1});
  plan.duration = seconds(60);
  submit(0, request());
  const auto& host = site(1).controller().host();
  ask_for(0, request());
  for (int i = 0; i < 10'000 && host.runs().empty(); ++i) pass(Duration(100));
  ASSERT_EQ(host.runs().size(), 1u);
  const auto run = host.runs().begin()->first;
  ASSERT_EQ(host.find(run)->record.state, RunState::accepted);
  const auto rival = submit(1, request());
  pass(seconds(2));
  EXPECT_EQ(host.find(run)->record.state, RunState::started);
  const auto* delegated = std::get_if<Delegated>(&job(1, rival).state);
  EXPECT_TRUE(delegated == nullptr || !delegated->started);
}

TEST_F(Small, ASiteThatLostItsDiskIsKnownAgainUnderItsNewStore) {
  found({1, 1});
  const auto store = site(1).disk().id();
  federation.crash(site(1), &SimSite::lose_disk);
  federation.judge().disk_lost(site(1).name(), store);
  pass(seconds(1));
  federation.start(site(1));
  pass(seconds(20));
  const auto* known = site(0).controller().membership().find(site(1).name());
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->record.value.store, site(1).disk().id());
}

TEST_F(Small, AJobHeldWhileItIsTakenBackReleasesTheBidThatWaitedForIt) {
  found({1, 1});
  plan.duration = seconds(20);
  std::vector<JobId> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(submit(0, request()));
  for (int round = 0; round < 4'000; ++round) {
    pass(std::chrono::milliseconds(5));
    for (const auto& id : ids) {
      const auto* delegated = std::get_if<Delegated>(&job(0, id).state);
      if (!delegated || delegated->wish != Wish::move || job(0, id).held) continue;
      site(0).call({.user = "mei"}, ActOnJob{JobAct::hold, {site(0).name(), id.number, id.task}}, [](const auto&) {});
    }
  }
  EXPECT_EQ(site(0).controller().moves_held(), 0u);
  for (const auto& id : ids) {
    site(0).call({.user = "mei"}, ActOnJob{JobAct::release, {site(0).name(), id.number, id.task}}, [](const auto&) {});
  }
  pass(seconds(300));
  EXPECT_TRUE(federation.unrest().empty());
}

}  // namespace
}  // namespace hansa::sim
