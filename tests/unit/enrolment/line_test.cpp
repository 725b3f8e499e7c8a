// An invitation's line, what is sealed for the sponsor, and how many strangers are heard.
#include <gmock/gmock.h>

#include "src/enrolment/invitation_text.hpp"
#include "src/enrolment/sealed.hpp"
#include "src/enrolment/throttle.hpp"
#include "src/identity/site_keys.hpp"

namespace hansa {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

InvitationLine sample_line() {
  InvitationLine line;
  line.federation.bytes.fill(7);
  line.federation_name = "east-china";
  line.sponsor = SiteName{"wujiang"};
  line.endpoints = {"tcp://10.0.0.1:7702", "tcp://203.0.113.7:7702"};
  line.secret.bytes.fill(9);
  line.expires = WallTime{1'800'000'000'000};
  return line;
}

TEST(InvitationLineText, IsOneWordThatAnyShellLeavesAlone) {
  EXPECT_THAT(invitation_text(sample_line()), MatchesRegex("hansa-join-1\\.[A-Za-z0-9_-]+"));
}

TEST(InvitationLineText, SaysTheSameAgain) {
  const auto read = parse_invitation(invitation_text(sample_line()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sample_line());
}

TEST(InvitationLineText, MayBeWrappedByAMailProgram) {
  auto text = invitation_text(sample_line());
  text.insert(60, "\r\n  ");
  EXPECT_TRUE(parse_invitation("  " + text + "\n"));
}

TEST(InvitationLineText, AnyOtherCharacterAnywhereIsTold) {
  const auto text = invitation_text(sample_line());
  for (std::size_t i = 13; i < text.size(); ++i) {
    auto altered = text;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    const auto read = parse_invitation(altered);
    ASSERT_FALSE(read) << i;
    EXPECT_THAT(read.error().text, HasSubstr("altered or is not whole"));
  }
}

TEST(InvitationLineText, ACutLineIsToldAtEveryLength) {
  const auto text = invitation_text(sample_line());
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse_invitation(text.substr(0, size))) << size;
}

TEST(Sealed, OnlyTheSponsorReadsTheQuestionAndOnlyTheAskerTheAnswer) {
  const auto sponsor = generate_keys();
  const auto other = generate_keys();
  const auto asker = enrolment::make_asker_keys();
  const auto sealed = enrolment::seal_question("question", asker, sponsor.transport);
  EXPECT_EQ(sealed.find("question"), std::string::npos);
  EXPECT_FALSE(enrolment::open_question(sealed, other.transport_secret));
  const auto opened = enrolment::open_question(sealed, sponsor.transport_secret);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->plain, "question");
  const auto answer = enrolment::seal_answer("answer", opened->asker, sponsor.transport_secret);
  EXPECT_EQ(enrolment::open_answer(answer, asker, sponsor.transport), "answer");
  EXPECT_FALSE(enrolment::open_answer(answer, enrolment::make_asker_keys(), sponsor.transport));
}

TEST(Sealed, AnyChangedByteOfAQuestionMakesItNoQuestion) {
  const auto sponsor = generate_keys();
  const auto sealed = enrolment::seal_question("question", enrolment::make_asker_keys(), sponsor.transport);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(enrolment::open_question(altered, sponsor.transport_secret)) << i;
  }
}

TEST(Throttle, HearsABurstAndThenSoManyAMinute) {
  enrolment::Throttle throttle({.burst_per_address = 3, .per_minute_and_address = 60});
  Instant now{std::chrono::hours(1)};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(throttle.admits("10.0.0.1", now));
  EXPECT_FALSE(throttle.admits("10.0.0.1", now));
  EXPECT_TRUE(throttle.admits("10.0.0.2", now)) << "another address has a bucket of its own";
  now += std::chrono::seconds(1);
  EXPECT_TRUE(throttle.admits("10.0.0.1", now));
  EXPECT_FALSE(throttle.admits("10.0.0.1", now));
}

TEST(Throttle, ManyAddressesTogetherAreBoundedTooAndSoIsWhatIsRemembered) {
  enrolment::Throttle throttle({.burst = 50, .per_minute = 1, .addresses_max = 100});
  const Instant now{std::chrono::hours(1)};
  int heard = 0;
  for (int i = 0; i < 1000; ++i) heard += throttle.admits("10.0.0." + std::to_string(i), now);
  EXPECT_EQ(heard, 50);
}

}  // namespace
}  // namespace hansa
