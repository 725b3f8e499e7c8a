#include <gtest/gtest.h>

#include "src/client/daemon.hpp"
#include "src/client/problem.hpp"

namespace hansa::client {
namespace {

TEST(Address, TheSocketComesFirstThenTheUrlThenTheSystem) {
  EXPECT_EQ(find_daemon("/a", "http://127.0.0.1:1", "t")->socket_path, "/a");
  EXPECT_EQ(find_daemon("", "", "")->socket_path, system_socket);
  const auto url = find_daemon("", "http://localhost:7780/", "t");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, 7780);
  EXPECT_EQ(url->token, "t");
  EXPECT_EQ(find_daemon("", "http://[::1]:80", "")->host, "::1");
}

TEST(Address, WithTlsADaemonMayBeElsewhereAndHaveAName) {
  const auto url = find_daemon("", "https://api.taihu.example:7780", "t");
  ASSERT_TRUE(url.ok());
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "api.taihu.example");
  EXPECT_EQ(url->text(), "https://api.taihu.example:7780");
  EXPECT_TRUE(find_daemon("", "https://127.0.0.1:1", "").ok());
}

TEST(Address, AUrlThatIsNotUnderstoodIsSaid) {
  for (const auto* url : {"https://taihu.example", "https://-o:1", "https://a b:1", "127.0.0.1:1",
                          "http://example.org:1", "http://127.0.0.1", "http://127.0.0.1:x", "http://127.0.0.1:70000"}) {
    EXPECT_FALSE(find_daemon("", url, "").ok()) << url;
  }
}

TEST(Address, NobodyThereIsUnreachable) {
  Daemon nobody(DaemonAddress{.socket_path = "/no/such/hansa.sock"});
  const auto reply = nobody.ask({.target = "/healthz"});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(exit_code_of(reply.error().kind), 69);
  EXPECT_NE(reply.error().text.find("/no/such/hansa.sock"), std::string::npos);
}

TEST(Escape, OnlyPlainCharactersPass) {
  EXPECT_EQ(escape("a-b_c.d~1 /%\xc3"), "a-b_c.d~1%20%2F%25%C3");
}

TEST(RandomKey, IsNeverTheSame) {
  EXPECT_EQ(random_key().size(), 32u);
  EXPECT_NE(random_key(), random_key());
}

TEST(ExitCode, FollowsTheKind) {
  EXPECT_EQ(exit_code_of(ErrorKind::usage), 2);
  EXPECT_EQ(exit_code_of(ErrorKind::unreachable), 69);
  EXPECT_EQ(exit_code_of(ErrorKind::overloaded), 75);
  EXPECT_EQ(exit_code_of(ErrorKind::refused), 1);
  EXPECT_EQ(exit_code_of(ErrorKind::not_found), 1);
}

}  // namespace
}  // namespace hansa::client
