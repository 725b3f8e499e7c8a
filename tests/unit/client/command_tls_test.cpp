// The real command over TLS: whom it believes, and that files get through whole.
#include <random>

#include "src/staging/chunk.hpp"
#include "tests/unit/client/command_fixture.hpp"
#include "tests/unit/gateway/test_certificate.hpp"

namespace hansa {
namespace {

class CommandOverTls : public CommandTest {
 protected:
  void SetUp() override { serve_as("DNS:localhost,IP:127.0.0.1"); }

  void serve_as(const std::string& names) {
    const auto made = make_certificate(folder_.path(), names);
    certificate_ = {made.chain, made.key};
    gateway_.reset();
    start();
    call("localhost");
    trust(made.chain);
  }

  void call(const std::string& host) {
    environment_[0] = "HANSA_URL=https://" + host + ":" + std::to_string(gateway_->tcp_port());
    environment_.resize(3);
    environment_.push_back("HANSA_TOKEN=" + test_token);
  }
  void trust(const std::string& file) { environment_.push_back("HANSA_CA_FILE=" + file); }
};

TEST_F(CommandOverTls, AJobAndItsFilesGoThroughUnharmed) {
  std::string noise(3u << 20, '\0');
  std::mt19937 random(7);
  for (auto& each : noise) each = static_cast<char>(random());
  write("noise.bin", noise);
  const auto ran = hansa({"submit", "--input", "noise.bin", "--wrap=x"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "Submitted batch job wujiang-1042\n");
  EXPECT_EQ(api_.submissions().at(0).request->bundle_bytes, 3u << 20);
}

TEST_F(CommandOverTls, OutputsComeBackWhole) {
  hansa({"submit", "--wrap=x"});
  const auto hash = staging::chunk_hash("pixels");
  api_.put_output({{{.path = "frame.png", .size_bytes = 6, .chunks = {hash}}}},
                  {{hash, staging::seal_chunk("pixels")}});
  EXPECT_EQ(hansa({"fetch", "wujiang-1042", "results"}).code, 0);
  EXPECT_EQ(read_all(path("results/frame.png")), "pixels");
}

TEST_F(CommandOverTls, AnAddressInTheCertificateIsAsGoodAsAName) {
  call("127.0.0.1");
  trust(certificate_.chain);
  const auto ran = hansa({"sites"});
  EXPECT_EQ(ran.code, 0) << ran.err;
}

TEST_F(CommandOverTls, WhomNobodyVouchesForIsNotBelieved) {
  call("localhost");
  const auto ran = hansa({"sites"});
  EXPECT_EQ(ran.code, 69);
  EXPECT_NE(ran.err.find("its certificate is not trusted: self-signed certificate"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("HANSA_CA_FILE"), std::string::npos) << ran.err;
}

TEST_F(CommandOverTls, ACertificateForAnotherNameIsNotBelieved) {
  serve_as("DNS:taihu.example");
  const auto ran = hansa({"sites"});
  EXPECT_EQ(ran.code, 69);
  EXPECT_NE(ran.err.find("its certificate is for another name"), std::string::npos) << ran.err;
}

TEST_F(CommandOverTls, AFileOfSignersThatCantBeReadIsNamed) {
  call("localhost");
  trust(path("nothing.pem"));
  const auto ran = hansa({"sites"});
  EXPECT_EQ(ran.code, 69);
  EXPECT_NE(ran.err.find("nothing.pem can't be read as certificates"), std::string::npos) << ran.err;
}

TEST_F(CommandOverTls, WhoSpeaksNoTlsIsToldApart) {
  certificate_ = {};
  gateway_.reset();
  start();
  call("localhost");
  const auto ran = hansa({"sites"});
  EXPECT_EQ(ran.code, 69);
  EXPECT_NE(ran.err.find("no TLS was agreed on"), std::string::npos) << ran.err;
}

TEST_F(CommandOverTls, PlainHttpIsNotAnswered) {
  environment_[0] = "HANSA_URL=http://127.0.0.1:" + std::to_string(gateway_->tcp_port());
  EXPECT_EQ(hansa({"sites"}).code, 69);
}

TEST_F(CommandOverTls, AKeyThatOthersCanReadIsRefusedAtTheStart) {
  std::filesystem::permissions(certificate_.key, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  auto options = options_in(folder_.path());
  options.tls_certificate = certificate_.chain;
  options.tls_key = certificate_.key;
  const auto started = Gateway::start(std::move(options), api_);
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().text.find("chmod 600"), std::string::npos) << started.error().text;
}

}  // namespace
}  // namespace hansa
