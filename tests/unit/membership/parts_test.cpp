// The small types that membership is made of, each alone.
#include <gtest/gtest.h>

#include "protocol/membership/dissemination.hpp"
#include "protocol/membership/isolation.hpp"
#include "protocol/membership/local_health.hpp"
#include "protocol/membership/probing.hpp"
#include "protocol/membership/sizes.hpp"
#include "protocol/membership/suspicion.hpp"
#include "protocol/wire/codec.hpp"
#include "tests/unit/membership/federation.hpp"

namespace hansa::testing {
namespace {

using std::chrono::seconds;

const Instant t0{seconds(100)};

GossipKey digest_of(int index) {
  return {GossipKind::digest, site(index), {}};
}

TEST(Suspicion, LastsShorterTheMoreIndependentAccusersThereAre) {
  const MembershipOptions options;  // 4 periods, stretched 6 times, 3 confirmations
  Suspicion suspicion(t0, site(1), 10, options);
  EXPECT_EQ(suspicion.timeout(), seconds(24));
  EXPECT_TRUE(suspicion.confirm(site(2)));
  EXPECT_EQ(suspicion.timeout(), seconds(14)) << "log 2 / log 4 is a half";
  EXPECT_TRUE(suspicion.confirm(site(3)));
  EXPECT_LT(suspicion.timeout(), seconds(9));
  EXPECT_TRUE(suspicion.confirm(site(4)));
  EXPECT_EQ(suspicion.timeout(), seconds(4));
  EXPECT_FALSE(suspicion.confirm(site(5))) << "enough is enough: nobody needs to hear of a fifth";
}

TEST(Suspicion, TheSameAccuserTwiceCountsOnce) {
  Suspicion suspicion(t0, site(1), 10, {});
  EXPECT_FALSE(suspicion.confirm(site(1)));
  EXPECT_EQ(suspicion.timeout(), seconds(24));
}

TEST(Suspicion, GrowsWithTheLogarithmOfTheFederation) {
  EXPECT_EQ(Suspicion::shortest(10, {}), seconds(4));
  EXPECT_EQ(Suspicion::shortest(1'000, {}), seconds(12));
}

TEST(Suspicion, WhereNobodyElseCouldConfirmItIsShortFromTheStart) {
  EXPECT_EQ(Suspicion(t0, site(1), 2, {}).timeout(), seconds(4));
}

TEST(LocalHealth, StretchesTimeoutsByWhatWentWrongAndForgivesStepByStep) {
  LocalHealth health(8);
  health.worse(3);
  EXPECT_EQ(health.stretch(seconds(1)), seconds(4));
  health.better();
  EXPECT_EQ(health.score(), 2u);
  health.worse(100);
  EXPECT_EQ(health.score(), 8u);
  for (int i = 0; i < 20; ++i) health.better();
  EXPECT_EQ(health.score(), 0u);
}

TEST(Isolation, BeginsAfterSilenceAndEndsWithAnyWord) {
  Isolation isolation(seconds(3));
  isolation.start(t0);
  EXPECT_FALSE(isolation.check(t0 + seconds(2), true));
  EXPECT_FALSE(isolation.check(t0 + seconds(3), false)) << "who has no peers is alone";
  EXPECT_TRUE(isolation.check(t0 + seconds(3), true));
  EXPECT_FALSE(isolation.check(t0 + seconds(4), true)) << "told once";
  EXPECT_TRUE(isolation.heard(t0 + seconds(9)));
  EXPECT_FALSE(isolation.isolated());
}

TEST(RoundTrip, SmoothsAndForgetsAnOldMinimum) {
  RoundTrip rtt;
  EXPECT_FALSE(rtt.known());
  rtt.measured(milliseconds(10));
  rtt.measured(milliseconds(18));
  EXPECT_EQ(rtt.smoothed(), milliseconds(11));
  EXPECT_EQ(rtt.min(), milliseconds(10));
  for (int i = 0; i < 200; ++i) rtt.measured(milliseconds(50));
  EXPECT_EQ(rtt.min(), milliseconds(50)) << "the route has become longer for good";
}

TEST(Dissemination, EachItemIsToldLambdaLogNTimes) {
  Dissemination queue({});
  queue.tell(digest_of(1), 100, {});
  std::uint32_t told = 0;
  while (!queue.pick(site(9), 1'000, 50, Oversize::left_out).empty()) ++told;
  EXPECT_EQ(told, 8u) << "2 · ln 51 = 7.86";
  EXPECT_TRUE(queue.empty());
}

TEST(Dissemination, TheNewestGoesFirstAmongTheLeastTold) {
  Dissemination queue({});
  queue.tell(digest_of(1), 100, {});
  queue.tell(digest_of(2), 100, {});
  EXPECT_EQ(queue.pick(site(9), 100, 50, Oversize::left_out), std::vector{digest_of(2)});
  EXPECT_EQ(queue.pick(site(9), 100, 50, Oversize::left_out), std::vector{digest_of(1)}) << "2 was told once already";
  EXPECT_EQ(queue.pick(site(9), 100, 50, Oversize::left_out), std::vector{digest_of(2)});
}

TEST(Dissemination, NewerNewsOfTheSameThingIsToldFromTheStart) {
  Dissemination queue({});
  queue.tell(digest_of(1), 100, {});
  queue.pick(site(9), 100, 50, Oversize::left_out);
  queue.tell(digest_of(1), 120, {});
  EXPECT_EQ(queue.size(), 1u);
  std::uint32_t told = 0;
  while (!queue.pick(site(9), 1'000, 50, Oversize::left_out).empty()) ++told;
  EXPECT_EQ(told, 8u);
}

TEST(Dissemination, SmallItemsFillWhatALargeOneLeaves) {
  Dissemination queue({});
  queue.tell(digest_of(1), 50, {});
  queue.tell(digest_of(2), 400, {});
  queue.tell(digest_of(3), 100, {});
  const std::vector<GossipKey> expected{digest_of(3), digest_of(1)};
  EXPECT_EQ(queue.pick(site(9), 160, 50, Oversize::left_out), expected);
}

TEST(Dissemination, WhatIsLargerThanAMessageGoesAloneWhereThatIsAllowed) {
  Dissemination queue({});
  queue.tell(digest_of(1), 5'000, {});
  EXPECT_TRUE(queue.pick(site(9), 1'200, 50, Oversize::left_out).empty());
  EXPECT_EQ(queue.pick(site(9), 1'200, 50, Oversize::alone), std::vector{digest_of(1)});
}

TEST(Dissemination, NobodyIsToldWhatItSaidOrIs) {
  Dissemination queue({});
  queue.tell(digest_of(1), 100, site(2));
  EXPECT_TRUE(queue.pick(site(1), 1'000, 50, Oversize::left_out).empty());
  EXPECT_TRUE(queue.pick(site(2), 1'000, 50, Oversize::left_out).empty());
  EXPECT_EQ(queue.pick(site(3), 1'000, 50, Oversize::left_out).size(), 1u);
}

TEST(Dissemination, IsBoundedAndDropsTheMostTold) {
  MembershipOptions options;
  options.queue_items_max = 2;
  Dissemination queue(options);
  queue.tell(digest_of(1), 100, {});
  queue.pick(site(9), 1'000, 50, Oversize::left_out);
  queue.tell(digest_of(2), 100, {});
  queue.tell(digest_of(3), 100, {});
  const std::vector<GossipKey> expected{digest_of(3), digest_of(2)};
  EXPECT_EQ(queue.pick(site(9), 1'000, 50, Oversize::left_out), expected);
}

TEST(Dissemination, RefutedClaimsAreNotToldAnyMoreButOtherNewsOfTheSiteIs) {
  Dissemination queue({});
  queue.tell({GossipKind::claim, site(1), site(2)}, 30, {});
  queue.tell({GossipKind::claim, site(1), site(3)}, 30, {});
  queue.tell({GossipKind::claim, site(2), site(3)}, 30, {});
  queue.tell(digest_of(1), 100, {});
  queue.forget_claims(site(1));
  EXPECT_EQ(queue.size(), 2u);
}

TEST(Relays, AreBoundedInAllAndPerAsker) {
  Relays relays(10);
  std::uint64_t sequence = 0;
  const auto ask = [&](int asker) {
    return relays.add(++sequence, {.asker = site(asker), .target = site(9), .nack_at = t0, .ends_at = t0 + seconds(1)});
  };
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(ask(1));
  EXPECT_FALSE(ask(1)) << "this one asks too much";
  EXPECT_TRUE(ask(2));
  EXPECT_TRUE(ask(3));
  EXPECT_FALSE(ask(4)) << "too many in all";
}

TEST(Relays, AnAnswerCountsOnlyFromTheTarget) {
  Relays relays(10);
  relays.add(1, {.asker = site(1), .target = site(9), .nack_at = t0, .ends_at = t0 + seconds(1)});
  EXPECT_FALSE(relays.answered(1, site(8)));
  EXPECT_TRUE(relays.answered(1, site(9)));
  EXPECT_FALSE(relays.answered(1, site(9))) << "once";
}

// The budget counts estimates, so that the machine needs no codec: they must hold against the real one.
TEST(Sizes, AnEstimateIsNeverBelowTheEncodedSize) {
  const auto encoded = [](Gossip gossip) { return encode_frame(1, {GossipPush{std::move(gossip)}}).size(); };
  const auto empty = encoded({});
  const SiteName longest{std::string(63, 'x')};
  for (const auto& name : {site(1), longest}) {
    const MemberUpdate claim{name, {~0ull}, MemberState::left, name};
    EXPECT_LE(encoded({.updates = {claim}}), empty + wire_bytes(claim));
  }
  const FakeSignatures signatures(site(1));
  const auto digest = signatures.sign(CapacityDigest{.site = site(1)});
  auto record = signatures.sign(SiteRecord{.site = site(1)});
  EXPECT_LE(encoded({.digests = {digest}}), empty + wire_bytes(digest));
  EXPECT_LE(encoded({.records = {record}}), empty + wire_bytes(record));
  record.bytes.resize(70'000);
  EXPECT_LE(encoded({.records = {record}}), empty + wire_bytes(record));
}

TEST(Options, PresetsAreValidAndNonsenseIsRefusedByName) {
  for (const auto& options :
       {MembershipOptions::laptop(), MembershipOptions::metro(), MembershipOptions::wide_area()}) {
    EXPECT_TRUE(options.validate().ok());
  }
  MembershipOptions options;
  options.probe_timeout = seconds(2);
  ASSERT_FALSE(options.validate().ok());
  EXPECT_NE(options.validate().error().text.find("probe_timeout"), std::string::npos);
  options = {};
  options.suspicion_periods = 2;
  EXPECT_FALSE(options.validate().ok()) << "it would fail others before it notices its own isolation";
}

TEST(Rng, IsTheSameEverywhere) {
  Rng rng(1234567);
  EXPECT_EQ(rng.next(), 6457827717110365317u);
  EXPECT_EQ(rng.next(), 3203168211198807973u);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_LT(rng.below(7), 7u);
    const auto unit = rng.unit();
    EXPECT_TRUE(unit >= 0 && unit < 1);
  }
}

}  // namespace
}  // namespace hansa::testing
