// Incarnations: refuting, restarting, saying goodbye, losing the store.
#include <gtest/gtest.h>

#include "tests/unit/membership/federation.hpp"

namespace hansa::testing {
namespace {

using std::chrono::seconds;

struct Accusable : Federation {
  explicit Accusable(int sites, std::uint64_t seed = 1) : Federation(sites, seed) {
    EXPECT_TRUE(run_until([&] { return all_see_all_alive(); }, seconds(60)));
    run_for(seconds(40));
  }
  void claim(int from, int to, int against, MemberState state, std::uint64_t incarnation = 1) {
    inject(from, to, GossipPush{{.updates = {{site(against), {incarnation}, state, site(from)}}}});
  }
};

TEST(Refutation, AnAccusedSiteComesBackUnderAHigherIncarnationEverywhere) {
  Accusable f(6);
  f.claim(1, 2, 3, MemberState::suspect);
  f.run_for(seconds(10));
  EXPECT_EQ(f.at(3).incarnation().value, 2u);
  EXPECT_TRUE(f.all_see_all_alive());
  for (int by : {0, 1, 2, 4, 5}) EXPECT_EQ(f.at(by).find(site(3))->incarnation().value, 2u) << by;
  EXPECT_EQ(f.false_failures(), 0);
}

TEST(Refutation, NobodyIsDeadOrGoneByHearsay) {
  for (const auto said : {MemberState::failed, MemberState::left}) {
    Accusable f(6);
    f.claim(1, 2, 3, said);
    EXPECT_EQ(f.seen(2, 3), MemberState::suspect);
    EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(15)));
    EXPECT_EQ(f.false_failures(), 0);
  }
}

TEST(Refutation, WhoIsSlanderedUnderEachIncarnationIsNeverTakenForFailed) {
  Accusable f(6);
  for (int i = 0; i < 600; ++i) {
    f.claim(1, 2, 3, MemberState::failed, f.at(3).incarnation().value);
    f.claim(1, 4, 3, MemberState::left, f.at(3).incarnation().value);
    f.run_for(std::chrono::milliseconds(100));
    EXPECT_NE(f.seen(2, 3), MemberState::failed);
    EXPECT_NE(f.seen(4, 3), MemberState::failed);
    EXPECT_NE(f.seen(4, 3), MemberState::left);
  }
}

TEST(Refutation, TheSuspectHearsOfItsSuspicionInTheNextMessageToIt) {
  Accusable f(6);
  f.claim(1, 2, 3, MemberState::suspect);
  f.at(2).step(f.clock(), site(3), Probe{5, {}}, f.effects);
  const auto& answer = std::get<ProbeAck>(f.effects.send.at(0).message);
  ASSERT_FALSE(answer.gossip.updates.empty());
  EXPECT_EQ(answer.gossip.updates.at(0), (MemberUpdate{site(3), {1}, MemberState::suspect, site(2)}));
}

TEST(Refutation, TheRaisedIncarnationIsOnDiskBeforeAnyoneHearsOfIt) {
  Accusable f(4);
  f.at(0).step(f.clock(), site(1), GossipPush{{.updates = {{site(0), {1}, MemberState::suspect, site(1)}}}}, f.effects);
  ASSERT_EQ(f.effects.persist.size(), 1u);
  EXPECT_EQ(std::get<PutFact>(f.effects.persist[0]), (PutFact{Membership::incarnation_fact, 2}));
  EXPECT_EQ(f.at(0).incarnation().value, 1u) << "not spoken yet";
  EXPECT_EQ(f.at(0).own_record()->value.incarnation.value, 1u);
  for (const auto& send : f.effects.send) {
    const auto* gossip = gossip_in(send.message);
    EXPECT_TRUE(!gossip || gossip->records.empty());
  }
  EXPECT_EQ(f.effects.send_durable.size(), 2u) << "the accuser, and the echo";
  f.perform(0);
  f.run_for(milliseconds(10));
  EXPECT_EQ(f.at(0).incarnation().value, 2u);
  EXPECT_FALSE(f.spoke_unpersisted());
}

TEST(Refutation, AFirstIncarnationIsOnDiskBeforeAnyoneHearsOfIt) {
  bool early = false;
  Federation f(3, 1, {}, {.disk = seconds(4)});
  f.on_send = [&](const SiteName& from, const SiteName& to, const Message& message) {
    const auto* gossip = gossip_in(message);
    early = early || (f.now() < Instant{seconds(4)} && from != to && gossip && !gossip->records.empty());
  };
  f.run_for(seconds(3));
  EXPECT_TRUE(f.at(0).members().empty());
  f.run_for(seconds(10));
  EXPECT_FALSE(early);
  EXPECT_FALSE(f.spoke_unpersisted());
  EXPECT_TRUE(f.all_see_all_alive());
}

TEST(Refutation, KilledBetweenRaisingAndPersistingItComesBackUnderANewIncarnationAnyway) {
  Accusable f(4);
  f.claim(1, 0, 0, MemberState::suspect);
  f.restart(0);  // before the disk is done
  f.run_for(seconds(15));
  EXPECT_EQ(f.at(0).incarnation().value, 2u);
  EXPECT_TRUE(f.all_see_all_alive());
  EXPECT_FALSE(f.spoke_unpersisted());
}

TEST(Refutation, TheSameAccusationTwiceRaisesOnce) {
  Accusable f(4);
  f.claim(1, 0, 0, MemberState::suspect);
  f.claim(2, 0, 0, MemberState::suspect);
  f.run_for(seconds(10));
  EXPECT_EQ(f.at(0).incarnation().value, 2u);
}

TEST(Refutation, AnAccuserCannotKeepTheDiskBusy) {
  Accusable f(4);
  for (int i = 0; i < 1'000; ++i) {
    f.claim(1, 0, 0, MemberState::suspect, f.at(0).incarnation().value);
    f.run_for(milliseconds(10));
  }
  EXPECT_LE(f.at(0).counters().refutations_total, 21u) << "ten seconds, one in half a period";
  EXPECT_GE(f.at(0).counters().refutations_total, 10u) << "but each is answered in the end";
}

TEST(Restart, ASiteComesBackUnderAHigherIncarnation) {
  Accusable f(5);
  f.restart(2);
  EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive() && f.at(0).find(site(2))->incarnation().value == 2; },
                          seconds(10)));
}

TEST(Restart, AFailedSiteThatStartsAgainIsAliveEverywhere) {
  Accusable f(5);
  f.kill(2);
  ASSERT_TRUE(f.run_until([&] { return f.all_see(2, MemberState::failed); }, seconds(60)));
  f.start(2);
  EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(10)));
}

TEST(Restart, ALostStoreIsNoticedFromTheOldRecordAndTheSiteGoesOnAbove) {
  Accusable f(5);
  f.restart(2);
  f.run_for(seconds(10));
  f.restart(2);
  f.run_for(seconds(10));
  ASSERT_EQ(f.at(0).find(site(2))->incarnation().value, 3u);
  f.kill(2);
  f.lose_store(2);
  f.start(2);  // under incarnation 1
  EXPECT_TRUE(f.run_until([&] { return f.at(2).incarnation().value >= 4; }, seconds(15)));
  f.run_for(seconds(15));
  EXPECT_TRUE(f.all_see_all_alive());
  for (int by : {0, 1, 3, 4}) EXPECT_EQ(f.at(by).find(site(2))->record.value.store, f.host(2).store) << by;
  EXPECT_EQ(f.host(2).facts[Membership::incarnation_fact], f.at(2).incarnation().value);
  EXPECT_FALSE(f.spoke_unpersisted());
}

TEST(Restart, DigestsOfANewDaemonReplaceThoseOfTheOldOne) {
  Accusable f(4);
  for (std::uint64_t version = 0; version < 9; ++version) f.at(1).publish(f.digest(1, 100 + version)), f.perform(1);
  f.run_for(seconds(5));
  f.restart(1);  // publishes 1 unit free, as version 1 of its new incarnation
  f.run_for(seconds(10));
  EXPECT_EQ(f.units_free_seen(0, 1), 1u);
}

TEST(Goodbye, ASiteThatLeavesIsSeenAsLeftAtOnceAndNotProbedAnyMore) {
  Accusable f(6);
  f.at(3).leave(f.clock(), f.effects);
  f.perform(3);
  f.run_for(seconds(2));
  EXPECT_TRUE(f.all_see(3, MemberState::left));
  int probes = 0;
  f.on_send = [&](const SiteName&, const SiteName& to, const Message& message) {
    probes += to == site(3) && std::holds_alternative<Probe>(message);
  };
  f.run_for(seconds(30));
  EXPECT_EQ(probes, 0);
  EXPECT_EQ(f.at(3).deadline(), std::nullopt);
}

TEST(Goodbye, WhoHasLeftComesBackWithItsNextStart) {
  Accusable f(6);
  f.at(3).leave(f.clock(), f.effects);
  f.perform(3);
  f.run_for(seconds(5));
  f.restart(3);
  EXPECT_TRUE(f.run_until([&] { return f.all_see_all_alive(); }, seconds(10)));
}

}  // namespace
}  // namespace hansa::testing
