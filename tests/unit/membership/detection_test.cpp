// Who is there: detection, slowness, partitions, isolation.
#include <gtest/gtest.h>

#include "tests/unit/membership/federation.hpp"

namespace hansa::testing {
namespace {

using std::chrono::seconds;

TEST(Membership, SitesThatKnowOnlyNamesAndKeysFindEachOther) {
  Federation f(8, 1);
  EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(15)));
  f.run_for(seconds(30));
  EXPECT_TRUE(f.all_see_all_alive());
  EXPECT_EQ(f.false_failures(), 0);
}

TEST(Membership, ASingleSiteIsAloneRatherThanIsolated) {
  Federation f(1, 1);
  f.run_for(seconds(60));
  EXPECT_FALSE(f.at(0).isolated());
}

TEST(Membership, ADeadMemberIsFailedEverywhereWithinTheExpectedPeriods) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Federation f(9, seed);
    ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
    const auto died_at = f.now();
    f.kill(4);
    ASSERT_TRUE(f.run_until([&] { return f.all_see(4, MemberState::failed); }, seconds(30))) << "seed " << seed;
    EXPECT_LT(f.periods_since(died_at), 15) << "seed " << seed;
    EXPECT_GT(f.periods_since(died_at), 4) << "sooner than the shortest suspicion; seed " << seed;
    EXPECT_EQ(f.false_failures(), 0);
  }
}

TEST(Membership, WhoIsDeadIsSuspectFirst) {
  Federation f(5, 3);
  ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
  f.kill(2);
  ASSERT_TRUE(f.run_until([&] { return f.all_see(2, MemberState::failed); }, seconds(60)));
  std::vector<MemberState> states;
  for (const auto& event : f.host(0).events) {
    const auto* changed = std::get_if<MemberChanged>(&event);
    if (changed && changed->site == site(2)) states.push_back(changed->state);
  }
  const std::vector<MemberState> expected{MemberState::alive, MemberState::suspect, MemberState::failed};
  EXPECT_EQ(states, expected);
}

TEST(Membership, ASlowMemberIsNotFalselyFailed) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Federation f(12, seed);
    ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
    f.slow_down(5, milliseconds(1'500));  // longer than a whole probe with help
    f.run_for(std::chrono::minutes(3));
    EXPECT_EQ(f.false_failures(), 0) << "seed " << seed;
  }
}

TEST(Membership, AMemberThatIsAlwaysSlowIsSoonWaitedForInsteadOfSuspected) {
  Federation f(12, 7);
  ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
  f.slow_down(5, milliseconds(1'500));
  f.run_for(std::chrono::minutes(3));
  const auto refuted = f.at(5).counters().refutations_total;
  f.run_for(std::chrono::minutes(3));
  EXPECT_LE(f.at(5).counters().refutations_total - refuted, 2u) << "it had to defend itself though its pace is known";
  EXPECT_GE(f.at(0).find(site(5))->rtt.smoothed(), milliseconds(1'000));
}

TEST(Membership, ASlowMemberAccusesFewOthers) {
  Federation f(12, 7);
  ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
  f.slow_down(5, milliseconds(1'500));
  f.run_for(std::chrono::minutes(3));
  EXPECT_GT(f.at(5).local_health(), 0u);
  std::uint64_t refutations = 0;
  for (int i = 0; i < f.size(); ++i) refutations += i == 5 ? 0 : f.at(i).counters().refutations_total;
  EXPECT_LE(refutations, 3u) << "healthy members had to defend themselves";
}

TEST(Membership, AFrozenSiteThatWakesUpAccusesNobodyOfItsOwnSleep) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Federation f(8, seed);
    ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
    f.freeze(3, seconds(60));  // long enough to be failed by all
    f.run_for(seconds(61));
    f.run_for(seconds(30));
    std::uint64_t accusations = 0;
    for (const auto& event : f.host(3).events) {
      const auto* changed = std::get_if<MemberChanged>(&event);
      accusations += changed && changed->state == MemberState::suspect;
    }
    EXPECT_EQ(accusations, 0u) << "seed " << seed;
    EXPECT_TRUE(f.all_see_all_alive()) << "seed " << seed;
  }
}

TEST(Membership, ASuspicionDoesNotRunOutWhileTheSiteIsFrozen) {
  Federation f(8, 4);
  ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
  f.run_for(seconds(10));
  f.inject(1, 3, GossipPush{{.updates = {{site(5), {1}, MemberState::suspect, site(1)}}}});
  ASSERT_EQ(f.seen(3, 5), MemberState::suspect);
  f.freeze(3, seconds(60));  // the refutation waits in its mail, behind the timer
  f.run_for(seconds(70));
  for (const auto& event : f.host(3).events) {
    const auto* changed = std::get_if<MemberChanged>(&event);
    EXPECT_FALSE(changed && changed->site == site(5) && changed->state == MemberState::failed);
  }
  EXPECT_TRUE(f.all_see_all_alive());
}

TEST(Membership, LossAloneFailsNobody) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Federation f(10, seed, {}, {.latency = milliseconds(20), .jitter = milliseconds(20), .loss = 0.05});
    ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(60)));
    f.run_for(std::chrono::minutes(5));
    EXPECT_EQ(f.false_failures(), 0) << "seed " << seed;
  }
}

//   0 ──► 1 is cut, 0 ◄── 1 works, all else works.
TEST(Membership, ALinkThatWorksOneWayIsBridgedByHelpers) {
  Federation f(6, 11);
  ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
  f.cut(0, 1);
  f.run_for(std::chrono::minutes(3));
  EXPECT_EQ(f.false_failures(), 0);
  EXPECT_EQ(f.at(1).counters().refutations_total, 0u) << "helpers answered in time, so that nobody was accused";
}

TEST(Membership, AnIsolatedSiteSuspectsNobody) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Federation f(7, seed);
    ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
    f.isolate(2);
    ASSERT_TRUE(f.run_until([&] { return f.at(2).isolated(); }, seconds(6))) << "seed " << seed;
    f.run_for(std::chrono::minutes(2));
    for (int i = 0; i < f.size(); ++i) {
      if (i == 2) continue;
      EXPECT_EQ(f.seen(2, i), MemberState::alive) << "seed " << seed;
      EXPECT_EQ(f.seen(i, 2), MemberState::failed) << "seed " << seed;
      EXPECT_FALSE(f.at(i).isolated());
    }
    f.heal();
    EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive() && !f.at(2).isolated(); }, seconds(20)))
        << "seed " << seed;
  }
}

TEST(Membership, ASiteThatBecomesIsolatedTakesItsSuspicionsBack) {
  Federation f(7, 6);
  ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
  f.inject(1, 2, GossipPush{{.updates = {{site(5), {1}, MemberState::suspect, site(1)}}}});
  f.isolate(2);
  EXPECT_EQ(f.seen(2, 5), MemberState::suspect);
  f.run_for(seconds(60));
  EXPECT_TRUE(f.at(2).isolated());
  EXPECT_EQ(f.seen(2, 5), MemberState::alive);
}

TEST(Membership, OfTwoSitesNeitherFailsTheOther) {
  Federation f(2, 5);
  ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(10)));
  f.kill(1);
  f.run_for(seconds(60));
  EXPECT_TRUE(f.at(0).isolated());
  EXPECT_EQ(f.seen(0, 1), MemberState::alive);
}

//   0 1 2 3 │ 4 5 6 7
TEST(Membership, APartitionIsSeenFromBothSidesAndHealsByItself) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Federation f(8, seed);
    ASSERT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20)));
    f.partition(4);
    f.run_for(seconds(60));
    for (int a = 0; a < 4; ++a) {
      for (int b = 4; b < 8; ++b) {
        EXPECT_EQ(f.seen(a, b), MemberState::failed);
        EXPECT_EQ(f.seen(b, a), MemberState::failed);
      }
      EXPECT_FALSE(f.at(a).isolated());
    }
    const int failures_before = f.false_failures();
    f.heal();
    EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(20))) << "seed " << seed;
    f.run_for(seconds(60));
    EXPECT_TRUE(f.all_see_all_alive());
    EXPECT_EQ(f.false_failures(), failures_before) << "merging failed somebody anew; seed " << seed;
  }
}

TEST(Membership, ViewsConvergeAfterAnyMixOfFaults) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Federation f(10, seed, {}, {.latency = milliseconds(10), .jitter = milliseconds(30), .loss = 0.05});
    Rng chaos(seed * 977);
    for (int act = 0; act < 12; ++act) {
      const int victim = static_cast<int>(chaos.below(10));
      switch (chaos.below(6)) {
        case 0:
          f.up(victim) ? f.kill(victim) : f.start(victim);
          break;
        case 1:
          f.restart(victim);
          break;
        case 2:
          f.slow_down(victim, milliseconds(chaos.below(3'000)));
          break;
        case 3:
          f.freeze(victim, seconds(chaos.below(40)));
          break;
        case 4:
          f.partition(1 + static_cast<int>(chaos.below(9)));
          break;
        case 5:
          f.heal();
          break;
      }
      f.run_for(seconds(chaos.below(20)));
    }
    f.heal();
    for (int i = 0; i < f.size(); ++i) {
      f.slow_down(i, Duration{0});
      if (!f.up(i)) f.start(i);
    }
    f.run_for(seconds(40));
    EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(60))) << "seed " << seed;
    EXPECT_FALSE(f.spoke_unpersisted()) << "seed " << seed;
  }
}

TEST(Membership, TheSameSeedGivesTheSameRun) {
  const auto run = [](std::uint64_t seed) {
    Federation f(10, seed, {}, {.loss = 0.1});
    f.run_for(seconds(30));
    f.kill(3);
    f.run_for(seconds(30));
    return f.checksum();
  };
  EXPECT_EQ(run(42), run(42));
  EXPECT_NE(run(42), run(43));
}

}  // namespace
}  // namespace hansa::testing
