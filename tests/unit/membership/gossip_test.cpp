// What is told: records, digests, forgeries, versions, byte budgets, speed.
#include <gtest/gtest.h>

#include <cmath>

#include "protocol/membership/sizes.hpp"
#include "tests/unit/membership/federation.hpp"

namespace hansa::testing {
namespace {

using std::chrono::seconds;

struct Settled : Federation {
  explicit Settled(int sites, std::uint64_t seed = 1, MembershipOptions options = {})
      : Federation(sites, seed, options) {
    for (int second = 0; second < 120 && !all_see_all_alive(); ++second) run_for(seconds(1));
    EXPECT_TRUE(all_see_all_alive());
    run_for(seconds(30));
    for (int i = 0; i < size(); ++i) host(i).events.clear();
  }
  template <class Event>
  std::vector<Event> heard(int by) {
    std::vector<Event> found;
    for (const auto& event : host(by).events) {
      if (const auto* wanted = std::get_if<Event>(&event)) found.push_back(*wanted);
    }
    return found;
  }
  void publish(int by, std::uint64_t units_free) { at(by).publish(digest(by, units_free)), perform(by); }
  void gossip_from(int from, int to, Gossip gossip) { inject(from, to, GossipPush{std::move(gossip)}); }
};

TEST(Gossip, ADigestReachesEverybody) {
  Settled f(9);
  f.publish(3, 77);
  const auto everywhere = [&] {
    for (int by = 0; by < f.size(); ++by) {
      if (by != 3 && f.units_free_seen(by, 3) != 77) return false;
    }
    return true;
  };
  EXPECT_TRUE(f.run_until(everywhere, seconds(3)));
  EXPECT_EQ(f.heard<DigestLearned>(0), std::vector{DigestLearned{site(3)}});
}

TEST(Gossip, EachNewVersionIsVerifiedOnceHoweverOftenItIsHeard) {
  Settled f(9);
  std::map<int, std::uint64_t> before;
  for (int i = 0; i < f.size(); ++i) before[i] = f.host(i).signatures->checks_total;
  f.publish(3, 77);
  f.run_for(seconds(60));
  for (int i = 0; i < f.size(); ++i) {
    EXPECT_EQ(f.host(i).signatures->checks_total - before[i], i == 3 ? 0u : 1u) << i;
  }
}

TEST(Gossip, AnOldDigestChangesNothingAndIsNotEvenVerified) {
  Settled f(4);
  const auto old = *f.at(1).own_digest();
  f.publish(1, 5);
  f.run_for(seconds(10));
  const auto checks = f.host(0).signatures->checks_total;
  f.host(0).events.clear();
  f.gossip_from(2, 0, {.digests = {old}});
  EXPECT_EQ(f.units_free_seen(0, 1), 5u);
  EXPECT_EQ(f.host(0).signatures->checks_total, checks);
  EXPECT_TRUE(f.host(0).events.empty());
}

TEST(Gossip, AnOldRecordChangesNothing) {
  Settled f(4);
  const auto old = *f.at(1).own_record();
  f.restart(1);
  f.run_for(seconds(10));
  ASSERT_EQ(f.at(0).find(site(1))->incarnation().value, 2u);
  f.host(0).events.clear();
  f.gossip_from(2, 0, {.records = {old}});
  EXPECT_EQ(f.at(0).find(site(1))->incarnation().value, 2u);
  EXPECT_TRUE(f.host(0).events.empty());
}

TEST(Gossip, AForgedRecordChangesNothingAndItsSenderIsReported) {
  Settled f(4);
  auto forged = *f.at(1).own_record();
  forged.value.incarnation = {99};  // without the key, the old signature must do
  for (int time = 0; time < 3; ++time) f.gossip_from(2, 0, {.records = {forged}});
  EXPECT_EQ(f.at(0).find(site(1))->incarnation().value, 1u);
  EXPECT_EQ(f.at(0).counters().bad_signatures_total, 3u);
  EXPECT_EQ(f.heard<PeerMisbehaved>(0), (std::vector{PeerMisbehaved{site(2), 3}}));
  EXPECT_TRUE(f.heard<RecordLearned>(0).empty());
}

TEST(Gossip, AForgedDigestChangesNothingAndEndsTheReadingOfItsMessage) {
  Settled f(4);
  auto forged = *f.at(1).own_digest();
  forged.value.version = {50};
  forged.value.pools.at(0).units_free = 999;
  const MemberUpdate claim{site(3), {1}, MemberState::failed, site(2)};
  f.gossip_from(2, 0, {.updates = {claim}, .digests = {forged}});
  EXPECT_EQ(f.units_free_seen(0, 1), 1u);
  EXPECT_EQ(f.seen(0, 3), MemberState::alive);
  EXPECT_EQ(f.at(0).counters().bad_signatures_total, 1u);
}

TEST(Gossip, ARecordUnderAnotherIdentityIsAStrangersAndNobodysFault) {
  Settled f(4);
  const FakeSignatures impostor({"impostor"});
  auto record = f.record(1);
  record.identity = impostor.identity();
  record.incarnation = {9};
  f.gossip_from(2, 0, {.records = {impostor.sign(record)}});
  EXPECT_EQ(f.at(0).find(site(1))->incarnation().value, 1u);
  EXPECT_EQ(f.at(0).counters().bad_signatures_total, 0u);
}

TEST(Gossip, ASiteThatIsNotConfiguredIsNeitherHeardNorAnswered) {
  Settled f(3);
  f.at(0).set_known(f.clock(), {{site(1), identity_of(site(1))}}, f.effects);
  f.perform(0);
  EXPECT_EQ(f.at(0).find(site(2)), nullptr) << "dropped with its configuration";
  f.at(0).step(f.clock(), site(2), Probe{7, {}}, f.effects);
  EXPECT_TRUE(f.effects.send.empty());
  EXPECT_EQ(f.at(0).counters().strangers_total, 1u);
}

TEST(Gossip, AnUnprovenIncarnationInAClaimChangesNothing) {
  Settled f(4);
  f.gossip_from(
      2, 0, {.updates = {{site(1), {5}, MemberState::failed, site(2)}, {site(1), {9}, MemberState::alive, site(2)}}});
  EXPECT_EQ(f.seen(0, 1), MemberState::alive);
  EXPECT_EQ(f.at(0).find(site(1))->incarnation().value, 1u);
}

TEST(Gossip, AChangedStoreIsFlaggedWithTheOldOne) {
  Settled f(4);
  const auto old_store = f.host(1).store;
  f.kill(1);
  f.host(1).store = f.host(2).store;
  f.host(1).store.bytes[0] ^= 1;
  f.start(1);
  f.run_for(seconds(10));
  const auto learned = f.heard<RecordLearned>(0);
  ASSERT_EQ(learned.size(), 1u);
  EXPECT_TRUE(learned[0].store_changed);
  EXPECT_EQ(learned[0].previous_store, old_store);
}

TEST(Gossip, AChangedRecordOfALivingSiteSpreadsWithoutARestart) {
  Settled f(6);
  auto record = f.record(1);
  record.endpoints = {"tcp://10.9.9.9:7700"};
  f.at(1).set_own_record(record);
  f.perform(1);
  const auto everywhere = [&] {
    for (int by = 0; by < f.size(); ++by) {
      if (by != 1 && f.at(by).find(site(1))->record.value.endpoints != record.endpoints) return false;
    }
    return true;
  };
  EXPECT_TRUE(f.run_until(everywhere, seconds(5)));
  EXPECT_EQ(f.at(1).incarnation().value, 1u);
}

TEST(Gossip, NoMessageExceedsItsByteBudget) {
  MembershipOptions options;
  options.message_bytes_max = 700;
  Settled f(20, 3, options);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < f.size(); ++i) f.publish(i, 100 + static_cast<std::uint64_t>(round));
    if (round == 5) f.partition(10);
    if (round == 15) f.heal();
    f.run_for(seconds(1));
  }
  std::size_t largest = 0;
  for (int i = 0; i < f.size(); ++i) largest = std::max(largest, f.host(i).gossip_bytes_max);
  EXPECT_LE(largest, 700u);
  EXPECT_GT(largest, 350u) << "the budget was never used: the test shows nothing";
}

TEST(Gossip, OtherMessagesMayCarryGossipWithinTheirOwnBudget) {
  Settled f(4);
  f.publish(1, 8);
  const auto gossip = f.at(1).next_gossip(site(2), 400);
  ASSERT_EQ(gossip.digests.size(), 1u);
  EXPECT_LE(wire_bytes(gossip), 400u);
  EXPECT_TRUE(f.at(1).next_gossip(site(2), 100).empty());
}

TEST(Gossip, AQuietFederationGossipsNothing) {
  Settled f(8);
  f.run_for(seconds(120));
  std::size_t items = 0;
  f.on_send = [&](const SiteName&, const SiteName&, const Message& message) {
    if (const auto* gossip = gossip_in(message))
      items += gossip->updates.size() + gossip->records.size() + gossip->digests.size();
  };
  f.run_for(seconds(120));
  EXPECT_EQ(items, 0u);
}

// Periods until a digest that one site publishes is known to all.
double spread_periods(int sites, std::uint64_t seed) {
  Settled f(sites, seed);
  const auto told_at = f.now();
  f.publish(0, 4'242);
  const auto everywhere = [&] {
    for (int by = 1; by < f.size(); ++by) {
      if (f.units_free_seen(by, 0) != 4'242) return false;
    }
    return true;
  };
  EXPECT_TRUE(f.run_until(everywhere, seconds(60))) << sites << " sites, seed " << seed;
  return f.periods_since(told_at);
}

TEST(Gossip, NewsReachesTwoHundredMembersInALogarithmOfPeriods) {
  EXPECT_LE(spread_periods(200, 1), std::log2(200));
  EXPECT_LE(spread_periods(25, 1), std::log2(25));
}

TEST(Gossip, AViewThatDoesNotFitOneAnswerComesInSeveral) {
  MembershipOptions options;
  options.push_pull_bytes_max = 4'000;  // some seven members
  Settled f(60, 2, options);
  f.kill(7);
  f.run_for(seconds(60));
  f.start(7);  // knows nobody
  EXPECT_TRUE(f.run_until([&] { return f.at(7).members().size() == 59; }, seconds(60)));
}

TEST(Gossip, AFloodOfPushPullsIsAnsweredOnceInAWhile) {
  Settled f(3);
  int answers = 0;
  f.on_send = [&](const SiteName& from, const SiteName&, const Message& message) {
    answers += from == site(0) && std::holds_alternative<PushPullAnswer>(message);
  };
  for (int i = 0; i < 100; ++i) f.inject(1, 0, PushPull{});
  EXPECT_LE(answers, 1);
}

// Its second life's question comes too soon after its first one's to be answered, and a quiet peer tells nothing
// unasked.
TEST(Gossip, ASiteThatDiesAgainAtOnceSoonKnowsWhatAQuietPeerHas) {
  for (int pause_ms = 20; pause_ms <= 400; pause_ms += 20) {
    Settled f(2, static_cast<std::uint64_t>(pause_ms));
    f.publish(1, 77);
    f.run_for(seconds(30));
    for (int life = 0; life < 2; ++life) {
      f.restart(0);
      f.inject(1, 0, Hello{.protocol = {}, .daemon = {}, .record = *f.at(1).own_record()});
      f.run_for(milliseconds(pause_ms));
    }
    EXPECT_TRUE(f.run_until([&] { return f.units_free_seen(0, 1) == 77; }, seconds(5))) << pause_ms << " ms";
  }
}

TEST(Gossip, AnAnswerNobodyAskedForGetsNothing) {
  Settled f(3);
  Instant asked_at = f.now();
  f.on_send = [&](const SiteName& from, const SiteName& to, const Message& message) {
    if (from == site(0) && to == site(2) && std::holds_alternative<PushPull>(message)) asked_at = f.now();
  };
  ASSERT_TRUE(f.run_until([&] { return f.periods_since(asked_at) > 6; }, seconds(600)));
  const PushPullAnswer unasked{.wanted = {site(0), site(1)}};
  f.at(0).step(f.clock(), site(2), unasked, f.effects);
  EXPECT_TRUE(f.effects.send.empty());
  ASSERT_TRUE(f.run_until([&] { return f.periods_since(asked_at) < 1; }, seconds(600)));
  f.effects = {};
  f.at(0).step(f.clock(), site(2), unasked, f.effects);
  EXPECT_FALSE(f.effects.send.empty()) << "asked, it would have been served";
}

TEST(Gossip, RoundTripsAreMeasuredPerPeer) {
  Settled f(3);
  f.slow_down(2, milliseconds(80));
  f.run_for(seconds(60));
  const auto& near = f.at(0).find(site(1))->rtt;
  const auto& far = f.at(0).find(site(2))->rtt;
  EXPECT_GE(near.min(), milliseconds(4));
  EXPECT_LE(near.smoothed(), milliseconds(7));
  EXPECT_GE(far.smoothed(), milliseconds(70));
}

}  // namespace
}  // namespace hansa::testing
