// The desk on a real socket: who has a question is answered, and everybody else costs little.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "protocol/admission/admissions.hpp"
#include "src/enrolment/ask_desk.hpp"
#include "src/enrolment/desk.hpp"
#include "src/identity/sodium_signatures.hpp"

namespace hansa {
namespace {

using ::testing::HasSubstr;

std::string free_endpoint() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    line_.federation.bytes.fill(3);
    line_.sponsor = SiteName{"wujiang"};
    line_.sponsor_key = keys_.transport;
    line_.endpoints = {free_endpoint()};
  }
  enrolment::DeskOptions options() {
    return {.secret = keys_.transport_secret,
            .ask = [](const SignedEnrolment& request, const std::function<void(Enrolled)>& answer) {
              Enrolled made;
              made.refusal = "no, " + request.value.site.value;
              std::thread([answer, made] { answer(made); }).detach();
            }};
  }
  Result<Enrolled> ask() {
    EnrolmentRequest request;
    request.site = SiteName{"taihu"};
    return enrolment::ask_desk(line_, sign_enrolment(notary_, request));
  }

  SiteKeys keys_ = generate_keys();
  SodiumSignatures notary_{keys_};
  InvitationLine line_;
};

TEST_F(DeskTest, AQuestionIsAnswered) {
  enrolment::Desk desk(options());
  ASSERT_TRUE(desk.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1)));
  const auto answer = ask();
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->refusal, "no, taihu");
}

TEST_F(DeskTest, TheSecondEndpointIsTriedWhenTheFirstIsDead) {
  enrolment::Desk desk(options());
  ASSERT_TRUE(desk.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1)));
  line_.endpoints.insert(line_.endpoints.begin(), free_endpoint());
  EXPECT_TRUE(ask());
}

TEST_F(DeskTest, AnotherFederationIsTold) {
  enrolment::Desk desk(options());
  ASSERT_TRUE(desk.open(line_.endpoints.front(), FederationId{}, std::chrono::minutes(1)));
  const auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().text, HasSubstr("another federation"));
}

TEST_F(DeskTest, WhoeverHoldsAnotherKeyGetsNoAnswer) {
  enrolment::Desk desk(options());
  ASSERT_TRUE(desk.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1)));
  line_.sponsor_key = generate_keys().transport;
  const auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().text, HasSubstr("broke off"));
}

TEST_F(DeskTest, AClosedDeskIsNotThere) {
  enrolment::Desk desk(options());
  ASSERT_TRUE(desk.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1)));
  desk.close();
  EXPECT_FALSE(ask());
  ASSERT_TRUE(desk.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1)));
  EXPECT_TRUE(ask());
}

TEST_F(DeskTest, AnAddressThatIsInUseIsTold) {
  enrolment::Desk first(options());
  enrolment::Desk second(options());
  ASSERT_TRUE(first.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1)));
  const auto opened = second.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1));
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("enrol_listen"));
}

TEST_F(DeskTest, ManyAtOnceAreHeardOneAfterTheOther) {
  auto wide = options();
  wide.throttle.burst_per_address = 100;
  enrolment::Desk desk(std::move(wide));
  ASSERT_TRUE(desk.open(line_.endpoints.front(), line_.federation, std::chrono::minutes(1)));
  std::vector<std::thread> askers;
  std::atomic<int> answered{0};
  for (int i = 0; i < 20; ++i) askers.emplace_back([&] { answered += ask() ? 1 : 0; });
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(answered, 20);
}

}  // namespace
}  // namespace hansa
