#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/config/site_config.hpp"
#include "tests/unit/config/temp_folder.hpp"

namespace hansa {
namespace {

using testing::HasSubstr;

const std::string transport_hex(64, 'a');
const std::string identity_hex(64, 'b');
const std::string keys = ",transport_key=" + transport_hex + ",identity_key=" + identity_hex;

TEST(Peers, ALineNamesASiteItsEndpointsAndItsKeys) {
  const auto peer = parse_peer(
      "name=huqiu,endpoint=tcp://10.0.0.2:7700,endpoint=tcp://huqiu.example:7700,"
      "bulk=tcp://10.0.0.2:7701" +
      keys);
  ASSERT_TRUE(peer.ok()) << peer.error().text;
  EXPECT_EQ(peer->address.site, SiteName{"huqiu"});
  EXPECT_EQ(peer->address.endpoints, (std::vector<std::string>{"tcp://10.0.0.2:7700", "tcp://huqiu.example:7700"}));
  EXPECT_EQ(peer->address.bulk_endpoints, std::vector<std::string>{"tcp://10.0.0.2:7701"});
  EXPECT_EQ(peer->address.key.bytes[0], 0xaa);
  EXPECT_EQ(peer->identity.bytes[31], 0xbb);
}

TEST(Peers, ALineIsWrittenAsItIsRead) {
  const auto line = "name=huqiu,endpoint=tcp://10.0.0.2:7700,bulk=tcp://10.0.0.2:7701" + keys;
  EXPECT_EQ(peer_line(*parse_peer(line)), line);
  EXPECT_EQ(peer_line(*parse_peer("name=huqiu" + keys)), "name=huqiu" + keys) << "one that only dials out";
}

TEST(Peers, ALineThatIsWrongIsToldWhy) {
  const auto why = [](const std::string& text) {
    const auto peer = parse_peer(text);
    return peer.ok() ? "no mistake was found" : peer.error().text;
  };
  EXPECT_EQ(why(""), "peer: name is missing");
  EXPECT_EQ(why("huqiu"),
            "peer: 'huqiu' is not KEY=VALUE; known are name, endpoint, bulk, transport_key, identity_key");
  EXPECT_EQ(why("name=huqiu"), "peer huqiu: transport_key is missing");
  EXPECT_EQ(why("name=huqiu,transport_key=" + transport_hex), "peer huqiu: identity_key is missing");
  EXPECT_THAT(why("name=Hu Qiu" + keys), HasSubstr("is not a site name"));
  EXPECT_THAT(why("name=huqiu,endpoint=10.0.0.2" + keys), HasSubstr("write tcp://HOST:PORT"));
  EXPECT_THAT(why("name=huqiu,color=red" + keys), HasSubstr("unknown key 'color'"));
}

class ReloadPeers : public test::InTempFolder {};

TEST_F(ReloadPeers, TheFileIsReadAgain) {
  const std::string site = "site = 'taihu'\n";
  EXPECT_TRUE(load_config(write(site))->peers.empty());
  const std::string peer =
      "[[peer]]\nname = 'huqiu'\ntransport_key = '" + transport_hex + "'\nidentity_key = '" + identity_hex + "'\n";
  const auto config = load_config(write(site + peer));
  ASSERT_TRUE(config.ok()) << config.error().text;
  ASSERT_EQ(config->peers.size(), 1u);
  EXPECT_EQ(config->peers[0], *parse_peer("name=huqiu" + keys));
  EXPECT_FALSE(load_config(write(site + peer + peer)).ok()) << "declared twice";
  EXPECT_FALSE(load_config(write("site = 'huqiu'\n" + peer)).ok()) << "itself";
}

}  // namespace
}  // namespace hansa
