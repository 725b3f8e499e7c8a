// What a configuration says, and what is said about a wrong one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/config/site_config.hpp"
#include "tests/unit/config/temp_folder.hpp"

namespace hansa {
namespace {

using testing::HasSubstr;

class LoadConfig : public test::InTempFolder {
 protected:
  SiteConfig good(const std::string& text) {
    auto config = load_config(write(text));
    EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().text);
    return config.ok() ? *config : SiteConfig{};
  }
  // The sentence, without the folder.
  std::string mistake(const std::string& text) {
    const auto config = load_config(write(text));
    if (config.ok()) return "no mistake was found";
    const auto prefix = folder_.string() + '/';
    auto sentence = config.error().text;
    EXPECT_EQ(config.error().kind, ErrorKind::usage);
    if (sentence.starts_with(prefix)) sentence.erase(0, prefix.size());
    EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
    return sentence;
  }
};

TEST_F(LoadConfig, ASiteNeedsNoMoreThanAName) {
  auto expected = default_config(folder_.string());
  expected.site = {"taihu"};
  EXPECT_EQ(good("site = 'taihu'"), expected);
}

TEST_F(LoadConfig, FilesLieInTheConfigurationsFolderUnlessTheyAreElsewhere) {
  const auto config = good("site = 'taihu'\nstate = 'data/../store'\nsocket = '/run/hansa/hansa.sock'");
  EXPECT_EQ(config.state, path("store"));
  EXPECT_EQ(config.socket, "/run/hansa/hansa.sock");
  EXPECT_EQ(config.keys.identity, path("identity.key"));
}

TEST_F(LoadConfig, FilesAndLogsUseThePortAfterThatOfMessages) {
  const auto config = good("site = 'taihu'\nlisten = 'tcp://10.0.0.1:7700'");
  EXPECT_EQ(config.bulk_listen, "tcp://10.0.0.1:7701");
  EXPECT_EQ(config.advertise, std::vector<std::string>{"tcp://10.0.0.1:7700"});
  EXPECT_EQ(config.bulk_advertise, std::vector<std::string>{"tcp://10.0.0.1:7701"});
}

TEST_F(LoadConfig, ASiteMayListenEverywhereAndAdvertiseNothing) {
  const auto config = good("site = 'taihu'\nlisten = 'tcp://*:7700'\nadvertise = []\nbulk_advertise = []");
  EXPECT_TRUE(config.advertise.empty());
  EXPECT_EQ(config.bulk_listen, "tcp://*:7701");
}

TEST_F(LoadConfig, SizesAndTimesAreReadInTheirUnits) {
  const auto config = good(R"(
site = 'taihu'
[gossip]
protocol_period_ms = 250
suspicion_periods = 5
[limits]
bundle_bytes_max = '2GiB'
output_bytes_max = 1048576
retention_s = 3600
)");
  EXPECT_EQ(config.gossip.protocol_period, std::chrono::milliseconds(250));
  EXPECT_EQ(config.gossip.suspicion_periods, 5.0);
  EXPECT_EQ(config.limits.bundle_bytes_max, 2ull << 30);
  EXPECT_EQ(config.limits.output_bytes_max, 1ull << 20);
  EXPECT_EQ(config.limits.retention, std::chrono::hours(1));
}

TEST_F(LoadConfig, PoolsHaveTheKeysOfTheirShortForm) {
  const auto config = good(R"(
site = 'taihu'
[[pool]]
name = 'a100'
model = 'nvidia-a100'
nodes = 48
accelerators = 8
cpus = 128
memory_gb = 1024
tflops = 312
price = 6.8
[[pool]]
name = 'cpu'
nodes = 2
cpus = 64
)");
  ASSERT_EQ(config.pools.size(), 2u);
  EXPECT_EQ(config.pools[0], *parse_pool("name=a100,model=nvidia-a100,nodes=48,accelerators=8,cpus=128,memory_gb=1024,"
                                         "tflops=312,price=6.8"));
  EXPECT_FALSE(config.pools[1].has_accelerators());
}

TEST_F(LoadConfig, AMissingFileIsSaidToBeMissing) {
  const auto config = load_config(path("nowhere.toml"));
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().kind, ErrorKind::not_found);
  EXPECT_THAT(config.error().text, HasSubstr("'hansa init DIR' writes one"));
  EXPECT_FALSE(load_config(folder_.string()).ok());
}

TEST_F(LoadConfig, AScoreThatDoesNotExistIsRefusedAndThoseThatDoAreNamed) {
  EXPECT_EQ(mistake("site = 'taihu'\n[placement]\nscore = 'soonest'"),
            "hansad.toml:3: 'placement.score' is 'soonest' but must be one of balanced, fastest, cheapest");
  EXPECT_EQ(good("site = 'taihu'\n[placement]\nscore = 'cheapest'").placement.score, "cheapest");
}

TEST_F(LoadConfig, AnUnknownKeyIsNamedWithItsLineAndThoseThatAreKnown) {
  EXPECT_THAT(mistake("site = 'taihu'\nlisten_on = 'tcp://1.2.3.4:5'"),
              testing::StartsWith("hansad.toml:2: unknown key 'listen_on'; known are site, region, labels, listen"));
  EXPECT_THAT(mistake("site = 'taihu'\n[limits]\nfiles = 3"),
              testing::StartsWith("hansad.toml:3: unknown key 'limits.files'; known are bundle_bytes_max, "));
  EXPECT_THAT(mistake("site = 'taihu'\n\n[rules]\n"), HasSubstr(":3: unknown key 'rules'"));
  EXPECT_THAT(mistake("[backend.slurm]\nx = 1"), HasSubstr("unknown key 'backend.slurm'"));
}

struct BadInput {
  const char* name;
  const char* text;
  const char* sentence;
};
void PrintTo(const BadInput& input, std::ostream* out) {
  *out << input.name;
}

class BadConfig : public LoadConfig, public testing::WithParamInterface<BadInput> {};

TEST_P(BadConfig, HasItsSentence) {
  EXPECT_EQ(mistake(GetParam().text), std::string("hansad.toml") + GetParam().sentence);
}

const BadInput bad_inputs[] = {
    {"NoName", "region = 'cn'", ": site is missing: every site needs a name"},
    {"BadName", "site = 'Tai Hu'",
     ":1: 'site' is 'Tai Hu' but must be a name of 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or "
     "digit"},
    {"BadRegion", "site = 'taihu'\nregion = 'cn//east'",
     ":2: 'region' is 'cn//east' but must be words between slashes as in \"cn/east/suzhou\", or empty"},
    {"BadEndpoint", "site = 'taihu'\nlisten = '10.0.0.1:7700'",
     ":2: 'listen' is '10.0.0.1:7700' but must be an endpoint as in \"tcp://10.0.0.1:7700\", or empty"},
    {"BadPort", "site = 'taihu'\nlisten = 'tcp://10.0.0.1:0'",
     ":2: 'listen' is 'tcp://10.0.0.1:0' but must be an endpoint as in \"tcp://10.0.0.1:7700\", or empty"},
    {"WildcardAlone", "site = 'taihu'\nlisten = 'tcp://*:7700'",
     ": advertise must be given, because 'tcp://*:7700' names no address that others could dial; write [] if this site "
     "shall only dial out"},
    {"SameEndpoint", "site = 'taihu'\nlisten = 'tcp://10.0.0.1:7700'\nbulk_listen = 'tcp://10.0.0.1:7700'",
     ": bulk_listen must not be the endpoint of listen (tcp://10.0.0.1:7700)"},
    {"LastPort", "site = 'taihu'\nlisten = 'tcp://10.0.0.1:65535'",
     ": bulk_listen is left out and there is no port after 65535: say where files and logs go"},
    {"OpenHttp", "site = 'taihu'\nhttp = '0.0.0.0:7780'",
     ": http is 0.0.0.0:7780, which is not loopback, and there is no TLS: give tls_certificate and tls_key, or set "
     "serve_http_without_tls if tokens may be read on the way"},
    {"HttpByName", "site = 'taihu'\nhttp = 'example.org:7780'",
     ":2: 'http' is 'example.org:7780' but must be an address and port as in \"127.0.0.1:7780\", or empty"},
    {"HalfATls", "site = 'taihu'\ntls_key = '/etc/key.pem'",
     ": tls_certificate and tls_key must both be given or both be empty"},
    {"SharedHttp", "site = 'taihu'\nlisten = 'tcp://127.0.0.1:7700'\nhttp = '127.0.0.1:7701'",
     ": http must not be an endpoint on which other sites connect (127.0.0.1:7701)"},
    {"UnknownBackend", "site = 'taihu'\n[backend]\nkind = 'lsf'",
     ":3: 'backend.kind' is 'lsf' but must be one of process, slurm, fake"},
    {"JobsAsRoot", "site = 'taihu'\n[backend]\nrun_as = 'root'",
     ":3: 'backend.run_as' is 'root' but must be a user's name other than root, or empty"},
    {"TooNice", "site = 'taihu'\n[backend]\nnice = 20",
     ":3: 'backend.nice' is 20 but must be a whole number from 0 to 19"},
    {"NiceInWords", "site = 'taihu'\n[backend]\nnice = 'very'",
     ":3: 'backend.nice' is 'very' but must be a whole number from 0 to 19"},
    {"NegativeTime", "site = 'taihu'\n[limits]\nretention_s = -1",
     ":3: 'limits.retention_s' is -1 but must be a whole number from 60 to 315360000 (seconds)"},
    {"BadSize", "site = 'taihu'\n[limits]\noutput_bytes_max = '16GB'",
     ":3: 'limits.output_bytes_max' is '16GB' but must be a size from 1MiB to 100TiB, as a number of bytes or as in "
     "\"512MiB\""},
    {"NoNumber", "site = 'taihu'\n[gossip]\nsuspicion_periods = nan",
     ":3: 'gossip.suspicion_periods' is nan but must be a number from 3.0 to 20.0"},
    {"LogLevel", "site = 'taihu'\nlog_level = 'loud'",
     ":2: 'log_level' is 'loud' but must be one of trace, debug, info, warn, error"},
    {"LabelNotText", "site = 'taihu'\nlabels = ['x', 3]",
     ":2: 'labels' is [ 'x', 3 ] but must be a list of words as in [\"apptainer\", \"cuda=12.2\"]"},
    {"TableAsValue", "site = 'taihu'\nlimits = 3", ":2: 'limits' must be a table: write [limits]"},
    {"OnePool", "site = 'taihu'\n[pool]\nname = 'a'", ":2: 'pool' must be a table of its own for each: write [[pool]]"},
    {"PoolKey", "site = 'taihu'\n[[pool]]\nname = 'a'\ngpus = 8\nnodes = 1\ncpus = 1",
     ":4: pool: unknown key 'gpus'; known are name, model, nodes, accelerators, cpus, memory_gb, tflops, price"},
    {"PoolValue", "site = 'taihu'\n[[pool]]\nname = 'a'\nnodes = 1\ncpus = -4", ":5: pool: '-4' is no value for cpus"},
    {"PoolWithoutModel", "site = 'taihu'\n[[pool]]\nname = 'a'\nnodes = 1\ncpus = 4\naccelerators = 8",
     ":2: pool a: accelerators need a model, as in model=nvidia-a100"},
    {"PoolTwice", "site = 'taihu'\n[[pool]]\nname='a'\nnodes=1\ncpus=1\n[[pool]]\nname='a'\nnodes=1\ncpus=1",
     ": pool 'a' is declared twice"},
    {"PeerWithoutKey", "site = 'taihu'\n[[peer]]\nname = 'huqiu'", ":2: peer huqiu: transport_key is missing"},
    {"PeerKey", "site = 'taihu'\n[[peer]]\nname = 'huqiu'\ntransport_key = 'abc'",
     ":4: peer huqiu: 'abc' is not a key: write its 32 bytes as 64 hex digits, as base64 or as Z85"},
    {"PeerUnknownKey", "site = 'taihu'\n[[peer]]\nname = 'huqiu'\nport = 3", ":4: peer huqiu: port must be a text"},
    {"PeerEndpoint", "site = 'taihu'\n[[peer]]\nname = 'huqiu'\nendpoints = ['tcp://*:3']",
     ":4: peer huqiu: 'tcp://*:3' can't be dialled: write the peer's own address"},
    {"ShortSilence", "site = 'taihu'\n[link]\nheartbeat_ms = 3000\nsilence_max_ms = 2000",
     ": link.silence_max_ms must be longer than link.heartbeat_ms: else every idle link is lost"},
};
INSTANTIATE_TEST_SUITE_P(Load, BadConfig, testing::ValuesIn(bad_inputs),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_F(LoadConfig, WhatIsNotTomlIsNamedWithItsLine) {
  EXPECT_THAT(mistake("site = 'taihu'\nlisten = \n"), testing::StartsWith("hansad.toml:2: "));
  EXPECT_THAT(mistake("site = 'taihu'\nsite = 'huqiu'"), testing::StartsWith("hansad.toml:2: "));
}

TEST_F(LoadConfig, ASocketPathThatNoKernelTakesIsRefused) {
  EXPECT_THAT(mistake("site = 'taihu'\nsocket = '" + std::string(120, 'x') + "'"), HasSubstr("at most 107"));
}

}  // namespace
}  // namespace hansa
