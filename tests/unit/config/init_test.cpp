#include "src/config/init.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "src/identity/secret_file.hpp"
#include "tests/unit/config/temp_folder.hpp"

namespace hansa {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class InitSite : public test::InTempFolder {
 protected:
  InitOptions taihu() const {
    return {.folder = path("sites/taihu"),
            .site = "taihu",
            .region = "cn/east/suzhou",
            .listen = "tcp://127.0.0.1:7700",
            .http = "127.0.0.1:7780",
            .pools = {"name=a100,model=nvidia-a100,nodes=8,accelerators=8,cpus=128,memory_gb=1024,tflops=312"}};
  }
  std::set<std::string> everything() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      names.insert(entry.path().lexically_relative(folder_).string());
    }
    return names;
  }
  static unsigned mode_of(const std::string& path) {
    struct stat about {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return about.st_mode & 0777;
  }
};

TEST_F(InitSite, WritesASiteInOneFolderAndNothingElse) {
  const auto status = init_site(taihu());
  ASSERT_TRUE(status.ok()) << status.error().text;
  EXPECT_EQ(everything(),
            (std::set<std::string>{"sites", "sites/taihu", "sites/taihu/hansad.toml", "sites/taihu/identity.key",
                                   "sites/taihu/transport.key", "sites/taihu/api.token", "sites/taihu/policy.toml",
                                   "sites/taihu/state"}));
}

TEST_F(InitSite, WhatItWroteIsReadyToRun) {
  ASSERT_TRUE(init_site(taihu()).ok());
  const auto config = load_config(path("sites/taihu/hansad.toml"));
  ASSERT_TRUE(config.ok()) << config.error().text;
  EXPECT_EQ(config->site, SiteName{"taihu"});
  EXPECT_EQ(config->region, "cn/east/suzhou");
  EXPECT_EQ(config->listen, "tcp://127.0.0.1:7700");
  EXPECT_EQ(config->bulk_listen, "tcp://127.0.0.1:7701");
  EXPECT_EQ(config->http, "127.0.0.1:7780");
  EXPECT_EQ(config->socket, path("sites/taihu/hansa.sock"));
  EXPECT_EQ(config->pools, std::vector{*parse_pool(taihu().pools[0])});
  EXPECT_TRUE(load_keys(config->keys).ok());
  EXPECT_EQ(read_secret_file(config->api_token)->size(), 43u);
}

TEST_F(InitSite, SecretsAreForTheirOwnerOnly) {
  ASSERT_TRUE(init_site(taihu()).ok());
  for (const auto* name : {"identity.key", "transport.key", "api.token"}) {
    EXPECT_EQ(mode_of(path("sites/taihu/") + name), 0600u) << name;
  }
}

TEST_F(InitSite, ASiteThatIsThereIsLeftAsItIs) {
  ASSERT_TRUE(init_site(taihu()).ok());
  const auto before = load_keys(load_config(path("sites/taihu/hansad.toml"))->keys);
  const auto again = init_site(taihu());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_THAT(again.error().text, HasSubstr("holds a site already"));
  EXPECT_EQ(*load_keys(load_config(path("sites/taihu/hansad.toml"))->keys), *before);
}

TEST_F(InitSite, WithoutAPoolTheSiteIsThisMachine) {
  auto options = taihu();
  options.pools.clear();
  ASSERT_TRUE(init_site(options).ok());
  const auto config = load_config(path("sites/taihu/hansad.toml"));
  ASSERT_EQ(config->pools.size(), 1u);
  EXPECT_GE(config->pools[0].per_node.cores, 1u);
}

TEST_F(InitSite, UnderSlurmThePoolsAreItsPartitions) {
  auto options = taihu();
  options.pools.clear();
  options.backend = "slurm";
  ASSERT_TRUE(init_site(options).ok());
  EXPECT_TRUE(load_config(path("sites/taihu/hansad.toml"))->pools.empty());
}

TEST_F(InitSite, AMistakeLeavesNothingBehind) {
  const auto refuses = [&](auto change, const std::string& words) {
    auto options = taihu();
    change(options);
    const auto status = init_site(options);
    ASSERT_FALSE(status.ok()) << words;
    EXPECT_THAT(status.error().text, HasSubstr(words));
    EXPECT_TRUE(everything().empty()) << words;
  };
  refuses([](auto& o) { o.site = "Tai Hu"; }, "is not a site name");
  refuses([](auto& o) { o.listen = "7700"; }, "is not an endpoint");
  refuses([](auto& o) { o.http = "0.0.0.0:80"; }, "which is not loopback, and there is no TLS");
  refuses([](auto& o) { o.region = "cn east"; }, "words between slashes");
  refuses([](auto& o) { o.backend = "lsf"; }, "one of process, slurm, fake");
  refuses([](auto& o) { o.pools = {"name=x"}; }, "nodes must be at least 1");
  refuses([](auto& o) { o.peers = {"name=x"}; }, "transport_key is missing");
  refuses([](auto& o) { o.folder = ""; }, "name a folder");
}

TEST_F(InitSite, TwoOperatorsExchangeOneLineEach) {
  ASSERT_TRUE(init_site(taihu()).ok());
  const auto config = load_config(path("sites/taihu/hansad.toml"));
  const auto line = peer_line(as_peer(*config, *load_keys(config->keys)));
  auto other = taihu();
  other.folder = path("sites/huqiu");
  other.site = "huqiu";
  other.listen = "tcp://127.0.0.1:7710";
  other.http = "";
  other.peers = {line};
  const auto status = init_site(other);
  ASSERT_TRUE(status.ok()) << status.error().text;
  const auto peers = load_config(path("sites/huqiu/hansad.toml"))->peers;
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers[0], as_peer(*config, *load_keys(config->keys)));
}

}  // namespace
}  // namespace hansa
