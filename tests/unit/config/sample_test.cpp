// The sample is documentation that can't be wrong: it is read back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "src/config/site_config.hpp"
#include "tests/unit/config/temp_folder.hpp"

namespace hansa {
namespace {

class SampleConfig : public test::InTempFolder {
 protected:
  SiteConfig minimal() const {
    auto config = default_config(folder_.string());
    config.site = {"taihu"};
    return config;
  }
  void expect_back(const std::string& text, const SiteConfig& config) const {
    const auto back = load_config(write(text));
    ASSERT_TRUE(back.ok()) << back.error().text << '\n' << text;
    EXPECT_EQ(*back, config) << text;
  }
};

// "#nice = 10" is a key at its default; "# Words" are words.
std::string with_defaults_said(const std::string& text) {
  std::istringstream in(text);
  std::string made;
  for (std::string line; std::getline(in, line);) {
    const bool is_key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    made += (is_key ? line.substr(1) : line) + '\n';
  }
  return made;
}

TEST_F(SampleConfig, SaysTheDefaults) {
  expect_back(sample_config(minimal()), minimal());
  expect_back(with_defaults_said(sample_config(minimal())), minimal());
}

TEST_F(SampleConfig, SaysWhateverWasDecided) {
  auto config = minimal();
  config.region = "cn/east/suzhou";
  config.labels = {"apptainer", "cuda=12.2", "odd\"\\word"};
  config.listen = "tcp://*:7700";
  config.bulk_listen = "tcp://*:7800";
  config.advertise = {"tcp://[fe80::1]:7700", "tcp://taihu.example:7700"};
  config.bulk_advertise = {};
  config.http = "[::1]:7780";
  config.socket = "/run/hansa/taihu.sock";
  config.state = "/var/lib/hansa";
  config.log_level = LogLevel::debug;
  config.backend = {.kind = "fake",
                    .run_as = "jobs",
                    .nice = 0,
                    .grace = std::chrono::seconds(3),
                    .shim = "/opt/shim",
                    .limits = false,
                    .processes_max = 500,
                    .cpu_quota = true};
  config.gossip.protocol_period = std::chrono::milliseconds(123);
  config.gossip.suspicion_periods = 3.25;
  config.link.silence_max = std::chrono::seconds(60);
  config.placement.score = "cheapest";
  config.limits.disk_free_bytes_min = (1ull << 30) + 1;
  config.pools = {*parse_pool("name=a100,model=nvidia-a100,nodes=4,accelerators=8,cpus=64,memory_gb=512,tflops=312"),
                  *parse_pool("name=cpu,nodes=24,cpus=64,price=0.3")};
  PeerConfig peer{.address = {.site = {"huqiu"}, .endpoints = {"tcp://10.0.0.2:7700"}}};
  peer.address.key.bytes.fill(0xa5);
  peer.identity.bytes.fill(0x5a);
  config.peers = {peer};
  expect_back(sample_config(config), config);
  expect_back(with_defaults_said(sample_config(config)), config);
}

TEST_F(SampleConfig, ExplainsEveryKey) {
  std::istringstream in(sample_config(minimal()));
  std::string previous;
  for (std::string line; std::getline(in, line); previous = line) {
    if (line.empty() || line.starts_with("# ") || line.starts_with('[')) continue;
    EXPECT_TRUE(previous.starts_with("# ")) << "nothing is said about " << line;
  }
}

TEST_F(SampleConfig, ALineIsNeverTooLongToRead) {
  std::istringstream in(sample_config(minimal()));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# ")) {
      EXPECT_LE(line.size(), 120u) << line;
    }
  }
}

}  // namespace
}  // namespace hansa
