// A stranger with an invitation becomes a member, and nobody else does.
#include <gmock/gmock.h>

#include "protocol/wire/codec.hpp"
#include "tests/unit/admission/town.hpp"

namespace hansa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Joining, AFounderIsAMemberByItsOwnWord) {
  Town town;
  town.found("wujiang");
  EXPECT_EQ(town.seen("wujiang", "wujiang"), "member");
  EXPECT_THAT(town["wujiang"].admitted(), IsEmpty());
}

TEST(Joining, EveryMemberLetsANewcomerInByItself) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  town.join("changshu", "wujiang");
  for (const auto* a : {"wujiang", "taihu", "changshu"}) {
    for (const auto* b : {"wujiang", "taihu", "changshu"}) {
      EXPECT_TRUE(std::string(a) == b || town.admits(a, b)) << a << " " << b;
    }
  }
}

TEST(Joining, NewsOfANewcomerTravelsAtOnceAndNotOnlyWithTheNextComparison) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  ASSERT_TRUE(town.join("changshu", town.invite("wujiang")));
  town.elapse(std::chrono::milliseconds(50));
  EXPECT_TRUE(town.admits("taihu", "changshu"));
}

TEST(Joining, AMemberThatWasAwayLearnsOfNewcomersWhenItComesBack) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  town.take_down("taihu");
  town.join("changshu", "wujiang");
  town.at("taihu").restart(town.now());
  town.at("taihu").up = true;
  town.settle();
  EXPECT_TRUE(town.admits("taihu", "changshu"));
}

TEST(Joining, WhatIsOnDiskIsEnoughAfterARestart) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  const auto before = town["taihu"].book().summary();
  town.at("taihu").restart(town.now());
  EXPECT_EQ(town["taihu"].book().summary(), before);
  EXPECT_TRUE(town.admits("taihu", "wujiang"));
}

TEST(Joining, AnInvitationServesOneSiteOnly) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  ASSERT_TRUE(town.join("taihu", line));
  EXPECT_THAT(town.enrol("changshu", line).refusal, HasSubstr("used already"));
  EXPECT_EQ(town.seen("wujiang", "changshu"), "");
}

TEST(Joining, TheSameRequestAgainIsAnsweredAlikeAndAdmitsNobodyTwice) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  const auto first = town.enrol("taihu", line);
  const auto held = town["wujiang"].book().statements().size();
  const auto again = town.enrol("taihu", line);
  EXPECT_EQ(again.chain, first.chain);
  EXPECT_EQ(town["wujiang"].book().statements().size(), held);
}

TEST(Joining, AUsedInvitationIsStillUsedAfterARestartOfTheSponsor) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  ASSERT_TRUE(town.join("taihu", line));
  town.at("wujiang").restart(town.now());
  EXPECT_THAT(town.enrol("changshu", line).refusal, HasSubstr("used already"));
}

TEST(Joining, AnExpiredInvitationIsRefused) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang", {.valid = hour});
  town.elapse(2 * hour);
  EXPECT_THAT(town.enrol("taihu", line).refusal, HasSubstr("expired 60 minutes ago"));
}

TEST(Joining, AWithdrawnInvitationIsRefused) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  ASSERT_TRUE(town.act("wujiang", [&](auto& a, auto& out) { return a.withdraw_invitation(line.invitation, out); }));
  EXPECT_THAT(town.enrol("taihu", line).refusal, HasSubstr("withdrawn"));
}

TEST(Joining, AWrongSecretTellsNoMoreThanAnUnknownInvitation) {
  Town town;
  town.found("wujiang");
  auto guessed = town.invite("wujiang");
  auto unknown = guessed;
  guessed.secret.bytes[5] ^= 1;
  unknown.invitation.bytes[5] ^= 1;
  EXPECT_EQ(town.enrol("taihu", guessed).refusal, town.enrol("taihu", unknown).refusal);
}

TEST(Joining, TheSecretIsNowhereOnTheSponsorsDisk) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  const std::string secret(line.secret.bytes.begin(), line.secret.bytes.end());
  for (const auto& [name, bytes] : town.at("wujiang").documents) EXPECT_EQ(bytes.find(secret), std::string::npos);
}

TEST(Joining, AnInvitationOfAnotherFederationIsRefused) {
  Town town;
  town.found("wujiang");
  auto line = town.invite("wujiang");
  line.federation.bytes[0] ^= 1;
  EXPECT_THAT(town.enrol("taihu", line).refusal, HasSubstr("another federation"));
}

TEST(Joining, AClockThatIsWrongByADayIsToldAndOneByFiveMinutesIsBorne) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  EXPECT_THAT(town.enrol("taihu", line, day).refusal, HasSubstr("the clock of taihu is 24 hours ahead"));
  EXPECT_THAT(town.enrol("taihu", line, -2 * day).refusal, HasSubstr("2 days behind"));
  EXPECT_THAT(town.enrol("taihu", line, std::chrono::minutes(5)).refusal, IsEmpty());
}

TEST(Joining, AnInvitationForANameIsForNoOther) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang", {.site = SiteName{"changshu"}});
  EXPECT_THAT(town.enrol("taihu", line).refusal, HasSubstr("for the site changshu and not for taihu"));
}

TEST(Joining, AnInvitationForARegionIsForNoOther) {
  Town town;
  town.found("wujiang");
  town.add("xian", "cn/west");
  const auto line = town.invite("wujiang", {.region = "cn/east"});
  EXPECT_THAT(town.enrol("xian", line).refusal, HasSubstr("for the region cn/east"));
}

TEST(Joining, ANameThatAMemberHasIsNotGivenAgain) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  town.add("impostor");
  town.at("impostor").own.site = SiteName{"taihu"};
  town.at("impostor").name = SiteName{"taihu"};
  EXPECT_THAT(town.enrol("impostor", town.invite("wujiang")).refusal, HasSubstr("choose another name"));
}

TEST(Joining, ACertificateForAnotherNameIsNotTaken) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  const auto answer = town.enrol("taihu", line);
  town.at("taihu").own.site = SiteName{"lake"};
  town.at("taihu").restart(town.now());
  const auto taken = town.act("taihu", [&](auto& a, auto& out) { return a.take(town.now(), line, answer, out); });
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().text, HasSubstr("for taihu and not for lake"));
}

TEST(Joining, AMemberWithoutTheRightInvitesNobody) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  const auto line = town.act("taihu", [&](auto& a, auto& out) {
    return a.invite(town.now(), Invite{.valid = day, .endpoints = {"tcp://t:1"}}, {}, {}, out);
  });
  ASSERT_FALSE(line);
  EXPECT_THAT(line.error().text, HasSubstr("ask a sponsor"));
}

TEST(Joining, ARegionJoinsAsAWholeThroughASponsorOfItsOwn) {
  Town town;
  town.found("wujiang");
  town.add("xian", "cn/west/xian");
  town.add("chengdu", "cn/west/chengdu");
  ASSERT_TRUE(town.join("xian", town.invite("wujiang", {.region = "cn/west", .sponsor = {true, "cn/west"}})));
  town.settle();
  ASSERT_TRUE(town.join("chengdu", town.invite("xian", {.region = "cn/west"})));
  town.settle();
  EXPECT_TRUE(town.admits("wujiang", "chengdu"));
  const auto elsewhere = town.act("xian", [&](auto& a, auto& out) {
    return a.invite(town.now(), Invite{.region = "cn/east", .valid = day, .endpoints = {"tcp://x:1"}}, {}, {}, out);
  });
  EXPECT_FALSE(elsewhere);
}

TEST(Joining, WhoeverIsInAFederationLeavesItFirst) {
  Town town;
  town.found("wujiang");
  town.found("taihu");
  const auto joined = town.join("taihu", town.invite("wujiang"));
  ASSERT_FALSE(joined);
  EXPECT_THAT(joined.error().text, HasSubstr("leave it first"));
}

TEST(Joining, AnAlteredCharterIsNotTaken) {
  Town town;
  town.found("wujiang");
  const auto line = town.invite("wujiang");
  auto answer = town.enrol("taihu", line);
  auto charter = *decode<Charter>(answer.charter);
  charter.founders.push_back({SiteName{"mallory"}, FakeSignatures::identity_of("mallory")});
  answer.charter = encode(charter);
  EXPECT_FALSE(town.act("taihu", [&](auto& a, auto& out) { return a.take(town.now(), line, answer, out); }));
  EXPECT_FALSE(town["taihu"].in_federation());
}

}  // namespace
}  // namespace hansa::test
