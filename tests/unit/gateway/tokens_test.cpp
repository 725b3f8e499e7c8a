// Tokens: made once, kept as hashes, good for what they were made for and no longer.
#include "src/gateway/tokens.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class TokensTest : public GatewayTest {
 protected:
  void SetUp() override { start(); }
  std::string file() const {
    std::ifstream in(folder_.path() + "/tokens", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }
  ProbeResponse over_tcp(const std::string& method, const std::string& target, const std::string& token,
                         const std::string& body = "") const {
    return tcp_probe().ask(method, target, body, bearer(token));
  }
  std::string token_for(const std::string& user, TokenRole role) {
    return tokens_->create(user, role, 1h).value().text;
  }
};

const std::string job = R"({"script":"#!/bin/sh\n"})";

TEST_F(TokensTest, AUserSubmitsInTheirOwnNameAndIsNoOperator) {
  const auto token = token_for("ana", TokenRole::user);
  EXPECT_EQ(over_tcp("POST", "/v1/jobs", token, job).status, 201);
  EXPECT_EQ(over_tcp("POST", "/v1/jobs", token, R"({"script":"#!/bin/sh\n","user":"bo"})").status, 400);
  EXPECT_EQ(over_tcp("POST", "/v1/site/drain", token).status, 403);
  EXPECT_EQ(over_tcp("GET", "/v1/tokens", token).status, 403);
  EXPECT_EQ(over_tcp("GET", "/v1/policy", token).status, 403);
}

TEST_F(TokensTest, AReaderLooksAndChangesNothing) {
  const auto token = token_for("screen", TokenRole::reader);
  EXPECT_EQ(over_tcp("GET", "/v1/sites", token).status, 200);
  const auto refused = over_tcp("POST", "/v1/jobs", token, job);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("this token is for reading only"));
}

TEST_F(TokensTest, AnOperatorMayDrain) {
  EXPECT_EQ(over_tcp("POST", "/v1/site/drain", token_for("zhu", TokenRole::operator_)).status, 200);
}

TEST_F(TokensTest, OneThatExpiredIsRefusedWithTheTime) {
  const auto token = token_for("ana", TokenRole::user);
  clock_.unix_ms += 3'600'001;
  const auto refused = over_tcp("GET", "/v1/sites", token);
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.body, HasSubstr("expired at 2026-11-23 13:00 UTC; ask an operator for another"));
}

TEST_F(TokensTest, OneThatWasRevokedOrAlteredIsNotKnown) {
  const auto created = tokens_->create("ana", TokenRole::user, 1h).value();
  auto altered = created.text;
  altered.back() = altered.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(over_tcp("GET", "/v1/sites", altered).status, 401);
  EXPECT_EQ(over_tcp("GET", "/v1/sites", created.text).status, 200);
  ASSERT_TRUE(tokens_->revoke(created.token.id).ok());
  EXPECT_EQ(over_tcp("GET", "/v1/sites", created.text).status, 401);
  for (const auto* text : {"", "hansa_", "hansa_12345678_", "x"}) EXPECT_FALSE(tokens_->find(text).ok()) << text;
}

TEST_F(TokensTest, TheFileHoldsNoSecretAndOnlyTheOwnerReadsIt) {
  const auto created = tokens_->create("ana", TokenRole::user, 1h).value();
  const auto secret = created.text.substr(created.text.rfind('_', created.text.size() - 40) + 1);
  EXPECT_THAT(file(), HasSubstr(created.token.id));
  EXPECT_THAT(file(), Not(HasSubstr(secret)));
  struct stat about {};
  ASSERT_EQ(stat((folder_.path() + "/tokens").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(TokensTest, AreThereAfterARestart) {
  const auto token = token_for("ana", TokenRole::user);
  const auto again = TokenBook::open(folder_.path() + "/tokens", [this] { return clock_; });
  ASSERT_TRUE(again.ok()) << again.error().text;
  EXPECT_EQ((*again)->find(token)->user, "ana");
}

TEST_F(TokensTest, AFileThatOthersCanReadOrThatMakesNoSenseIsRefused) {
  token_for("ana", TokenRole::user);
  const auto path = folder_.path() + "/tokens";
  const auto why = [&] {
    const auto book = TokenBook::open(path, [] { return WallTime{}; });
    return book ? std::string() : book.error().text;
  };
  chmod(path.c_str(), 0644);
  EXPECT_THAT(why(), HasSubstr("is open to others"));
  chmod(path.c_str(), 0600);
  std::ofstream(path, std::ios::app) << "nonsense\n";
  EXPECT_THAT(why(), HasSubstr(":2: this is no token"));
}

TEST_F(TokensTest, ExpiredOnesAreForgottenWhenTheNextIsMade) {
  token_for("ana", TokenRole::user);
  clock_.unix_ms += 3'600'001;
  token_for("bo", TokenRole::user);
  EXPECT_EQ(tokens_->list().size(), 1u);
}

TEST_F(TokensTest, TheirUseAndWhatIsRefusedIsForTheBook) {
  over_tcp("GET", "/v1/sites", token_for("ana", TokenRole::user));
  over_tcp("GET", "/v1/sites", "wrong");
  const std::lock_guard lock(noted_mutex_);
  ASSERT_EQ(noted_.size(), 2u);
  EXPECT_EQ(noted_[0].actor, "ana");
  EXPECT_TRUE(noted_[0].allowed);
  EXPECT_FALSE(noted_[1].allowed);
  EXPECT_THAT(noted_[1].text, HasSubstr("not known here"));
}

TEST(TokenLine, IsReadAsItWasWrittenAndNothingElseIs) {
  Token token{.id = "3f2a90b1", .user = "ana li", .role = TokenRole::reader, .created = {5}, .expires = {7}};
  token.secret_hash.bytes[3] = 9;
  auto line = write_token(token);
  line.pop_back();
  EXPECT_EQ(read_token(line), token);
  for (std::size_t i = 0; i < line.size(); ++i) EXPECT_FALSE(read_token(line.substr(0, i)) == token);
  EXPECT_FALSE(read_token("\t\t\t\t\t\t"));
  EXPECT_FALSE(read_token(line + "\tmore"));
}

}  // namespace
}  // namespace hansa
