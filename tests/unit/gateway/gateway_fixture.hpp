// A gateway before a fake daemon, on a socket in a folder of its own and on a random port.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "src/gateway/gateway.hpp"
#include "tests/unit/gateway/fake_api.hpp"
#include "tests/unit/gateway/http_probe.hpp"

namespace hansa {

inline const std::string test_token = "a token of the tests, long enough";

class TestFolder {
 public:
  TestFolder() {
    std::string pattern = "/tmp/hansa-gateway-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class GatewayTest : public testing::Test {
 protected:
  static GatewayOptions options_in(const std::string& folder) {
    GatewayOptions options{.site = {"wujiang"}, .version = "0.1.0"};
    options.store.bytes[0] = 42;
    options.socket_path = folder + "/hansa.sock";
    options.http_address = "127.0.0.1:0";
    options.token = test_token;
    return options;
  }

  void start(GatewayLimits limits = {}) {
    auto options = options_in(folder_.path());
    options.limits = limits;
    options.tls_certificate = certificate_.chain;
    options.tls_key = certificate_.key;
    auto book = TokenBook::open(folder_.path() + "/tokens", [this] { return clock_; });
    ASSERT_TRUE(book.ok()) << book.error().text;
    tokens_ = std::move(*book);
    options.tokens = tokens_.get();
    options.audit = [this](AuditNote note) {
      const std::lock_guard lock(noted_mutex_);
      noted_.push_back(std::move(note));
    };
    auto started = Gateway::start(std::move(options), api_);
    ASSERT_TRUE(started.ok()) << started.error().text;
    gateway_ = std::move(*started);
  }

  HttpProbe probe() const { return HttpProbe::unix_socket(folder_.path() + "/hansa.sock"); }
  HttpProbe tcp_probe() const { return HttpProbe::tcp(gateway_->tcp_port()); }
  ProbeResponse get(const std::string& target) const { return probe().ask("GET", target); }
  ProbeResponse post(const std::string& target, const std::string& body = "", const std::string& headers = "") const {
    return probe().ask("POST", target, body, headers);
  }

  TestFolder folder_;
  struct {
    std::string chain, key;  // files; empty: plain HTTP
  } certificate_;
  FakeApi api_;
  WallTime clock_{1'795'435'200'000};
  std::unique_ptr<TokenBook> tokens_;
  std::mutex noted_mutex_;
  std::vector<AuditNote> noted_;
  std::unique_ptr<Gateway> gateway_;
};

inline const std::string small_job = R"({"name":"hello","script":"#!/bin/sh\necho hi\n"})";

}  // namespace hansa
