// What a member that means harm can say, and what comes of it.
#include <gmock/gmock.h>

#include "tests/unit/admission/town.hpp"

namespace hansa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Trio {
  Trio() {
    town.found("wujiang");
    town.join("taihu", "wujiang");
    town.join("mallory", "wujiang");
  }
  SignedStatement certificate(const FakeNotary& signer, const std::string& name, WallTime at) {
    return sign_statement(signer, {.federation = town["wujiang"].book().federation(),
                                   .signer = {},
                                   .at = at,
                                   .what = AdmissionCertificate{.site = SiteName{name},
                                                                .identity = FakeSignatures::identity_of(name),
                                                                .transport = {},
                                                                .region = "cn/east",
                                                                .sponsor = {},
                                                                .serial = 1,
                                                                .expires = later(at, day)}});
  }
  Town town;
};

TEST(Hostile, AMemberWithoutTheRightAdmitsNobody) {
  Trio trio;
  const auto made = trio.certificate(trio.town.at("mallory").notary, "accomplice", trio.town.now().wall);
  trio.town.tell("taihu", "mallory", TrustNews{.statements = {made}, .wanted = {}});
  EXPECT_EQ(trio.town.seen("taihu", "accomplice"), "");
}

TEST(Hostile, AStrangersCertificateIsWorthNothing) {
  Trio trio;
  const FakeNotary stranger("stranger");
  const auto made = trio.certificate(stranger, "accomplice", trio.town.now().wall);
  trio.town.tell("taihu", "mallory", TrustNews{.statements = {made}, .wanted = {}});
  EXPECT_EQ(trio.town.seen("taihu", "accomplice"), "");
}

TEST(Hostile, NobodySignsForAnotherAndWhoTriesIsCutOff) {
  Trio trio;
  TrustNews forged;
  for (int i = 0; i < 3; ++i) {
    auto made =
        trio.certificate(trio.town.at("wujiang").notary, "accomplice-" + std::to_string(i), trio.town.now().wall);
    made.signature.bytes[3] ^= 1;
    forged.statements.push_back(made);
  }
  trio.town.tell("taihu", "mallory", forged);
  EXPECT_EQ(trio.town.seen("taihu", "accomplice-0"), "");
  EXPECT_THAT(trio.town["taihu"].take_misbehaved(), ElementsAre(SiteName{"mallory"}));
}

TEST(Hostile, AFloodOfFalseSignaturesCostsThreeChecks) {
  Trio trio;
  TrustNews flood;
  for (int i = 0; i < 1000; ++i) {
    auto made = trio.certificate(trio.town.at("wujiang").notary, "x-" + std::to_string(i), trio.town.now().wall);
    made.signature = {};
    flood.statements.push_back(made);
  }
  const auto before = trio.town.at("taihu").notary.verified;
  trio.town.tell("taihu", "mallory", flood);
  EXPECT_EQ(trio.town.at("taihu").notary.verified - before, 3u);
}

TEST(Hostile, RepeatingOldStatementsCostsNoCheckAndChangesNothing) {
  Trio trio;
  TrustNews old;
  for (const auto& [id, statement] : trio.town["mallory"].book().statements()) old.statements.push_back(statement);
  const auto before = trio.town.at("taihu").notary.verified;
  for (int i = 0; i < 100; ++i) trio.town.tell("taihu", "mallory", old);
  EXPECT_EQ(trio.town.at("taihu").notary.verified, before);
  EXPECT_THAT(trio.town["taihu"].take_misbehaved(), IsEmpty());
}

TEST(Hostile, ASponsorThatIsOutAdmitsNobodyForThePast) {
  Town town;
  town.found("wujiang");
  town.join("taihu", "wujiang");
  town.join_as_sponsor("mallory", "wujiang");
  town.elapse(hour);
  const auto past = town.now().wall;
  town.elapse(hour);
  ASSERT_TRUE(town.evict("taihu", "mallory"));
  ASSERT_TRUE(town.evict("wujiang", "mallory"));
  town.settle();
  const auto backdated = sign_statement(town.at("mallory").notary,
                                        {.federation = town["wujiang"].book().federation(),
                                         .signer = {},
                                         .at = past,
                                         .what = AdmissionCertificate{.site = SiteName{"accomplice"},
                                                                      .identity = FakeSignatures::identity_of("a"),
                                                                      .transport = {},
                                                                      .region = "cn/east",
                                                                      .sponsor = {},
                                                                      .serial = 5,
                                                                      .expires = later(past, 30 * day)}});
  town.tell("taihu", "wujiang", TrustNews{.statements = {backdated}, .wanted = {}});
  EXPECT_NE(town.seen("taihu", "accomplice"), "member");
}

TEST(Hostile, NoCertificateIsPromisedForLongerThanTheBound) {
  Trio trio;
  auto made = sign_statement(trio.town.at("wujiang").notary,
                             {.federation = trio.town["wujiang"].book().federation(),
                              .signer = {},
                              .at = trio.town.now().wall,
                              .what = AdmissionCertificate{.site = SiteName{"eternal"},
                                                           .identity = FakeSignatures::identity_of("eternal"),
                                                           .transport = {},
                                                           .region = "cn/east",
                                                           .sponsor = {},
                                                           .serial = 7,
                                                           .expires = later(trio.town.now().wall, 5000 * day)}});
  trio.town.tell("taihu", "wujiang", TrustNews{.statements = {made}, .wanted = {}});
  EXPECT_EQ(trio.town.seen("taihu", "eternal"), "");
}

TEST(Hostile, NobodyRenewsItself) {
  Trio trio;
  const auto* own = trio.town["mallory"].own();
  const auto made =
      sign_statement(trio.town.at("mallory").notary,
                     {.federation = trio.town["wujiang"].book().federation(),
                      .signer = {},
                      .at = trio.town.now().wall,
                      .what = Renewal{.admission = own->admission, .expires = later(trio.town.now().wall, 300 * day)}});
  trio.town.tell("taihu", "mallory", TrustNews{.statements = {made}, .wanted = {}});
  EXPECT_EQ(trio.town["taihu"].find(SiteName{"mallory"})->second.expires, own->expires);
}

TEST(Hostile, AskingForRenewalEarlyOrForAnotherYieldsNothing) {
  Trio trio;
  const auto held = trio.town["taihu"].book().statements().size();
  trio.town.tell("taihu", "mallory", AskRenewal{trio.town["mallory"].own()->admission});
  trio.town.elapse(70 * day);
  const auto later_on = trio.town["taihu"].book().statements().size();
  trio.town.tell("taihu", "mallory", AskRenewal{trio.town["wujiang"].own()->admission});
  EXPECT_EQ(trio.town["taihu"].book().statements().size(), later_on);
  EXPECT_GE(later_on, held);
}

}  // namespace
}  // namespace hansa::test
