// Full disks, torn commits and clocks that drift, each in a story of its own.
#include <set>

#include "tests/sim/small.hpp"

namespace hansa::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Faults : Small {
  int acknowledged = 0;
  std::set<JobId> ids;

  // As a client does: under one key, again when it is not answered.
  void submit_under_key(std::size_t at) {
    site(at).call({.user = "mei"}, SubmitJobs{{{.request = request(), .idempotency_key = "k"}}},
                  [this](const ApiReply& reply) {
                    if (!reply) return;
                    ++acknowledged;
                    ids.insert(std::get<Submitted>(reply.value()).jobs.front());
                    federation.judge().acknowledged("k", *ids.rbegin(), {});
                  });
  }
  void expect_rest() {
    for (const auto& each : federation.unrest()) ADD_FAILURE() << each;
  }
};

TEST_F(Faults, ASubmissionIsAcknowledgedOnlyOnceTheDiskHasRoomForIt) {
  found({1});
  site(0).set_full_disk(true);
  submit_under_key(0);
  pass(seconds(20));
  EXPECT_EQ(acknowledged, 0);
  EXPECT_TRUE(site(0).disk().jobs().empty());
  site(0).set_full_disk(false);
  pass(seconds(20));
  EXPECT_EQ(acknowledged, 1);
  expect_rest();
}

TEST_F(Faults, WhatAFullDiskRefusedIsGoneAfterACrashAndOneJobUnderItsKey) {
  found({1});
  site(0).set_full_disk(true);
  submit_under_key(0);
  pass(seconds(2));
  federation.crash(site(0), &SimSite::crash);
  site(0).set_full_disk(false);
  federation.start(site(0));
  pass(seconds(2));
  EXPECT_TRUE(site(0).controller().origin().jobs().empty());
  submit_under_key(0);
  pass(seconds(20));
  EXPECT_EQ(ids.size(), 1u);
  expect_rest();
}

TEST_F(Faults, ACommitThatLandedUnheardIsTheJobThatTheClientAsksForAgain) {
  for (std::uint64_t tries = 0; tries < 20; ++tries) {
    Federation world{{.seed = tries, .signatures = fake_signatures, .plan = [this](const RunKey&) { return plan; }}};
    auto& at = world.add({.controller = {.site = SiteName{"a"}},
                          .pools = {{.name = "cpu", .nodes = 1, .per_node = {.cores = 4}}},
                          .seed = tries});
    world.start(at);
    world.run_until(Instant{seconds(2)});
    at.in_next_write([&] { world.crash(at, &SimSite::crash); });
    std::vector<JobId> told;
    const auto ask = [&] {
      at.call({.user = "mei"}, SubmitJobs{{{.request = request(), .idempotency_key = "k"}}},
              [&](const ApiReply& reply) {
                if (reply) told.push_back(std::get<Submitted>(reply.value()).jobs.front());
              });
    };
    ask();
    world.run_until(Instant{seconds(3)});
    EXPECT_TRUE(told.empty()) << "nobody was told before it was durable";
    const bool landed = at.last_write_landed().value();
    EXPECT_EQ(at.disk().jobs().size(), landed ? 1u : 0u);
    world.start(at);
    ask();
    world.run_until(Instant{seconds(20)});
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(at.disk().jobs().size(), 1u);
  }
}

// The host may not say what becomes of it before there is room; the job ends all the same, and once.
TEST_F(Faults, ARevokeThatMeetsAFullDiskIsDecidedWhenThereIsRoom) {
  for (int ms = 0; ms < 400; ms += 20) {
    Federation world{{.seed = 1, .signatures = fake_signatures, .plan = [](const RunKey&) {
                        return RunPlan{.wrapper_delay = milliseconds(200), .duration = seconds(5)};
                      }}};
    auto& at = world.add({.controller = {.site = SiteName{"a"}},
                          .pools = {{.name = "cpu", .nodes = 1, .per_node = {.cores = 4}}},
                          .seed = 1});
    world.start(at);
    world.run_until(Instant{seconds(2)});
    JobId id;
    at.call({.user = "mei"}, SubmitJobs{{{.request = request()}}},
            [&](const ApiReply& reply) { id = std::get<Submitted>(reply.value()).jobs.front(); });
    world.run_until(Instant{seconds(2) + milliseconds(ms)});
    at.set_full_disk(true);
    at.call({.user = "mei"}, ActOnJob{JobAct::cancel, {at.name(), 1, JobId::no_task}}, [](const ApiReply&) {});
    world.run_until(Instant{seconds(12)});
    at.set_full_disk(false);
    world.run_until(Instant{seconds(60)});
    EXPECT_TRUE(world.unrest().empty()) << ms << ": " << world.unrest().front();
    EXPECT_FALSE(world.judge().violation());
  }
}

// The host's clock is as slow as allowed and the origin's as fast, over so long a lease that they differ by more than
// the margin; the judge condemns a moment of both running.
TEST_F(Faults, ALeaseEndsAtTheHostBeforeTheOriginPlacesAgainThoughClocksDrift) {
  found({1, 2, 2});
  site(0).clock().set_rate(490);
  for (const std::size_t host : {1u, 2u}) site(host).clock().set_rate(-490);
  plan.duration = std::chrono::hours(10);
  plan.ignores_term = true;
  auto wanted = request();
  wanted.resources.nodes = 2;
  wanted.resources.time_limit = std::chrono::hours(12);
  wanted.on_partition = OnPartition::rerun;
  wanted.lease = seconds(12'000);
  const auto id = submit(0, wanted);
  pass(seconds(20));
  ASSERT_NE(host_of(job(0, id).state), nullptr);
  const auto silent = *host_of(job(0, id).state);
  for (const auto& other : {site(0).name(), site(1).name(), site(2).name()}) {
    if (other != silent) federation.network().cut(silent, other);
  }
  pass(seconds(12'100));
  ASSERT_NE(host_of(job(0, id).state), nullptr);
  EXPECT_NE(*host_of(job(0, id).state), silent);
  EXPECT_EQ(federation.judge().seen().at("started again"), 1u);
}

TEST_F(Faults, AClockThatWasSetWrongDecidesNothing) {
  found({1, 1});
  const auto first = submit(0, request());
  site(0).clock().set_wall_error(std::chrono::hours(-12));
  site(1).clock().set_wall_error(std::chrono::hours(12));
  const auto second = submit(0, request());
  pass(seconds(30));
  EXPECT_TRUE(completed(0, first) && completed(0, second));
  expect_rest();
}

}  // namespace
}  // namespace hansa::sim
