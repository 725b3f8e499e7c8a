#include <sys/stat.h>

#include <fstream>

#include "src/gateway/listen.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {
namespace {

using Listening = GatewayTest;

TEST_F(Listening, TheSocketIsOpenToEveryLocalUserAndGoneAfterwards) {
  start();
  struct stat status {};
  const auto path = folder_.path() + "/hansa.sock";
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777, 0666u);
  gateway_.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Listening, ALiveSocketIsLeftAlone) {
  start();
  auto second = Gateway::start(options_in(folder_.path()), api_);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().text.find("in use"), std::string::npos);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Listening, ASocketThatADeadDaemonLeftIsReplaced) {
  {
    auto left = gateway::listen_unix(folder_.path() + "/hansa.sock");
    ASSERT_TRUE(left.ok());
  }  // closed, but its file stays
  ASSERT_TRUE(std::filesystem::exists(folder_.path() + "/hansa.sock"));
  start();
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Listening, AFileThatIsNoSocketIsNotTouched) {
  const auto path = folder_.path() + "/hansa.sock";
  std::ofstream(path) << "precious";
  auto started = Gateway::start(options_in(folder_.path()), api_);
  ASSERT_FALSE(started.ok());
  std::string kept;
  std::ifstream(path) >> kept;
  EXPECT_EQ(kept, "precious");
}

TEST_F(Listening, APortInUseIsSaidInOneSentence) {
  start();
  auto options = options_in(folder_.path());
  options.socket_path.clear();
  options.http_address = "127.0.0.1:" + std::to_string(gateway_->tcp_port());
  auto second = Gateway::start(options, api_);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().text.find("in use"), std::string::npos);
}

TEST_F(Listening, OnlyLoopbackIsServed) {
  for (const auto* address : {"0.0.0.0:0", "10.0.0.1:7780", "[::]:0", "example.org:80", "127.0.0.1", "127.0.0.1:x",
                              "127.0.0.1:99999", ":80", ""}) {
    EXPECT_FALSE(gateway::listen_tcp(address).ok()) << address;
  }
  EXPECT_TRUE(gateway::listen_tcp("localhost:0").ok());
}

TEST_F(Listening, TcpIsNotServedWithoutATokenOfSomeLength) {
  auto options = options_in(folder_.path());
  options.token = "short";
  EXPECT_FALSE(Gateway::start(options, api_).ok());
}

TEST_F(Listening, APathTooLongForASocketIsSaid) {
  EXPECT_FALSE(gateway::listen_unix("/tmp/" + std::string(120, 'x')).ok());
  EXPECT_FALSE(gateway::listen_unix("/no/such/folder/hansa.sock").ok());
}

}  // namespace
}  // namespace hansa
