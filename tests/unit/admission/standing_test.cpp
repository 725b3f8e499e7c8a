// Who belongs, when sites leave, expire, are put out, or want one name.
#include <gmock/gmock.h>

#include "tests/unit/admission/town.hpp"

namespace hansa::test {
namespace {

using ::testing::HasSubstr;

TEST(Standing, OfTwoAdmittedAtOnceUnderOneNameTheSmallerKeyHasItEverywhere) {
  Town town;
  town.found("wujiang");
  town.join_as_sponsor("taihu", "wujiang");
  town.cut("wujiang", "taihu");
  town.elapse(std::chrono::seconds(1));
  for (const auto* name : {"one", "two"}) {
    town.add(name);
    town.at(name).own.site = SiteName{"changshu"};
  }
  const auto admit = [&](const std::string& who, const std::string& sponsor) {
    const auto line = town.invite(sponsor);
    auto& site = town.at(who);
    const auto request = sign_enrolment(site.notary, {.federation = line.federation,
                                                      .invitation = line.invitation,
                                                      .secret = line.secret,
                                                      .site = SiteName{"changshu"},
                                                      .identity = site.notary.identity(),
                                                      .transport = site.own.transport,
                                                      .region = "cn/east",
                                                      .clock = town.now().wall});
    return town.act(sponsor, [&](auto& a, auto& out) { return a.enrol(town.now(), request, out); });
  };
  ASSERT_EQ(admit("one", "wujiang").refusal, "");
  ASSERT_EQ(admit("two", "taihu").refusal, "");
  town.cut("wujiang", "taihu", false);
  town.settle();
  const auto smaller = std::min(town.at("one").notary.identity(), town.at("two").notary.identity());
  for (const auto* by : {"wujiang", "taihu"}) {
    EXPECT_EQ(town[by].find(SiteName{"changshu"})->first, smaller) << by;
  }
}

TEST(Standing, ANameStaysWithWhoHadItLongBefore) {
  Town town;
  town.found("wujiang");
  town.join_as_sponsor("taihu", "wujiang");
  town.join("changshu", "wujiang");
  town.elapse(day);
  // A sponsor that gives the name again, to whatever key, changes nothing.
  for (int i = 0; i < 8; ++i) {
    const FakeNotary other("pretender " + std::to_string(i));
    const auto false_one =
        sign_statement(town.at("taihu").notary, {.federation = town["wujiang"].book().federation(),
                                                 .signer = {},
                                                 .at = town.now().wall,
                                                 .what = AdmissionCertificate{.site = SiteName{"changshu"},
                                                                              .identity = other.identity(),
                                                                              .transport = {},
                                                                              .region = "cn/east",
                                                                              .sponsor = {},
                                                                              .serial = 9,
                                                                              .expires = later(town.now().wall, day)}});
    town.tell("wujiang", "taihu", TrustNews{.statements = {false_one}, .wanted = {}});
  }
  EXPECT_EQ(town["wujiang"].find(SiteName{"changshu"})->first, town.at("changshu").notary.identity());
  EXPECT_TRUE(town.admits("wujiang", "changshu"));
}

TEST(Standing, CertificatesAreRenewedInTimeWithoutTheFounder) {
  Town town;
  town.found("wujiang");
  town.join_as_sponsor("taihu", "wujiang");
  town.join("changshu", "taihu");
  town.take_down("wujiang");  // for ever
  town.elapse(400 * day);
  EXPECT_EQ(town.seen("taihu", "wujiang"), "expired");
  EXPECT_EQ(town.seen("taihu", "changshu"), "member");
  EXPECT_TRUE(town.admits("changshu", "taihu"));
  town.join("kunshan", "taihu");
  EXPECT_TRUE(town.admits("changshu", "kunshan"));
}

TEST(Standing, ASiteThatStaysAwayExpiresAndIsLetInNoMore) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  town.take_down("taihu");
  town.elapse(89 * day);
  EXPECT_EQ(town.seen("wujiang", "taihu"), "member");
  town.elapse(2 * day);
  EXPECT_EQ(town.seen("wujiang", "taihu"), "expired");
  EXPECT_FALSE(town.admits("wujiang", "taihu"));
}

TEST(Standing, WhoLeavesIsGoneEverywhereAndThoseItAdmittedStay) {
  Town town;
  town.found("wujiang");
  town.join_as_sponsor("taihu", "wujiang");
  town.join("changshu", "taihu");
  ASSERT_TRUE(town.leave("taihu"));
  town.settle();
  EXPECT_EQ(town.seen("wujiang", "taihu"), "left");
  EXPECT_FALSE(town.admits("changshu", "taihu"));
  EXPECT_TRUE(town.admits("wujiang", "changshu"));
  EXPECT_FALSE(town["taihu"].in_federation());
}

TEST(Standing, WhoLeftMayComeBack) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  ASSERT_TRUE(town.leave("taihu"));
  town.settle();
  town.join("taihu", "wujiang");
  EXPECT_EQ(town.seen("wujiang", "taihu"), "member");
  EXPECT_TRUE(town.admits("taihu", "wujiang"));
}

TEST(Standing, ASponsorMayTakeBackWhatItGave) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  town.join("changshu", "wujiang");
  const auto take_back = [&](const std::string& who) {
    return town.act(who, [&](auto& a, auto& out) {
      return a.evict(town.now(), {.site = SiteName{"changshu"}, .withdraw = true, .reason = "mistake"}, out);
    });
  };
  const auto other = take_back("taihu");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().text, HasSubstr("was not admitted by this site"));
  ASSERT_TRUE(take_back("wujiang"));
  town.settle();
  EXPECT_EQ(town.seen("taihu", "changshu"), "withdrawn");
}

TEST(Eviction, TakesMoreThanHalfOfTheOthers) {
  Town town;
  town.found("wujiang");
  for (const auto* name : {"taihu", "changshu", "kunshan", "mallory"}) town.join(name, "wujiang");
  ASSERT_TRUE(town.evict("taihu", "mallory"));
  town.settle();
  ASSERT_TRUE(town.evict("taihu", "mallory"));  // voting twice is one vote
  ASSERT_TRUE(town.evict("changshu", "mallory"));
  town.settle();
  EXPECT_EQ(town.seen("wujiang", "mallory"), "member");
  ASSERT_TRUE(town.evict("wujiang", "mallory"));
  town.settle();
  for (const auto* by : {"wujiang", "taihu", "changshu", "kunshan"}) {
    EXPECT_EQ(town.seen(by, "mallory"), "evicted") << by;
    EXPECT_FALSE(town.admits(by, "mallory")) << by;
  }
}

TEST(Eviction, IsNotUndoneByThoseWhoJoinLater) {
  Town town;
  town.found("wujiang");
  for (const auto* name : {"taihu", "mallory"}) town.join(name, "wujiang");
  ASSERT_TRUE(town.evict("taihu", "mallory"));
  ASSERT_TRUE(town.evict("wujiang", "mallory"));
  town.settle();
  for (const auto* name : {"a", "b", "c", "d", "e"}) town.join(name, "wujiang");
  EXPECT_EQ(town.seen("e", "mallory"), "evicted");
}

TEST(Eviction, LeavesThoseWhoCameInThroughTheEvictedSite) {
  Town town;
  town.found("wujiang");
  town.join_as_sponsor("mallory", "wujiang");
  town.join("taihu", "wujiang");
  town.join("changshu", "mallory");
  ASSERT_TRUE(town.evict("taihu", "mallory"));
  ASSERT_TRUE(town.evict("wujiang", "mallory"));
  town.settle();
  EXPECT_EQ(town.seen("taihu", "mallory"), "evicted");
  EXPECT_EQ(town.seen("taihu", "changshu"), "member");
}

TEST(Eviction, OfASubtreeTakesThemAlong) {
  Town town;
  town.found("wujiang");
  town.join_as_sponsor("mallory", "wujiang");
  for (const auto* name : {"taihu", "kunshan"}) town.join(name, "wujiang");
  town.join("changshu", "mallory");
  for (const auto* voter : {"wujiang", "taihu", "kunshan"}) ASSERT_TRUE(town.evict(voter, "mallory", true));
  town.settle();
  EXPECT_EQ(town.seen("taihu", "changshu"), "evicted");
  EXPECT_EQ(town.seen("taihu", "kunshan"), "member");
}

TEST(Eviction, AlsoConcernsAFounder) {
  Town town;
  town.found("wujiang");
  for (const auto* name : {"taihu", "changshu"}) town.join_as_sponsor(name, "wujiang");
  ASSERT_TRUE(town.evict("taihu", "wujiang"));
  ASSERT_TRUE(town.evict("changshu", "wujiang"));
  town.settle();
  EXPECT_EQ(town.seen("taihu", "wujiang"), "evicted");
  EXPECT_TRUE(town.admits("taihu", "changshu"));
  town.join("kunshan", "changshu");
  EXPECT_TRUE(town.admits("taihu", "kunshan"));
}

TEST(Ban, HoldsAtOneSiteAtOnceAndOverARestart) {
  Town town;
  town.found("wujiang");
  for (const auto* name : {"taihu", "mallory"}) town.join(name, "wujiang");
  ASSERT_TRUE(
      town.act("taihu", [&](auto& a, auto& out) { return a.ban(town.now(), SiteName{"mallory"}, std::nullopt, out); }));
  EXPECT_FALSE(town.admits("taihu", "mallory"));
  EXPECT_TRUE(town.admits("wujiang", "mallory"));
  town.at("taihu").restart(town.now());
  EXPECT_FALSE(town.admits("taihu", "mallory"));
  ASSERT_TRUE(town.act("taihu", [&](auto& a, auto& out) { return a.lift_ban(town.now(), SiteName{"mallory"}, out); }));
  EXPECT_TRUE(town.admits("taihu", "mallory"));
}

}  // namespace
}  // namespace hansa::test
