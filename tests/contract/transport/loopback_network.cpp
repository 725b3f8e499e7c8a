#include "tests/contract/transport/transport_network.hpp"
#include "tests/support/loopback_transport.hpp"

namespace hansa::test {
namespace {

TransportKey key_named(const std::string& site, std::uint8_t variant) {
  TransportKey key;
  key.bytes[0] = static_cast<std::uint8_t>(site.front());
  key.bytes[31] = variant;
  return key;
}

class LoopbackNetwork : public TransportNetwork {
 public:
  Transport& start(const std::string& site) override { return attach(site, true, 1); }
  Transport& start_dialling_out_only(const std::string& site) override { return attach(site, false, 1); }
  Transport& start_impostor(const std::string& site) override { return attach(site, true, 2); }
  void stop(const std::string& site) override { transports_.erase(site); }
  Transport& at(const std::string& site) override { return *transports_.at(site); }
  bool has_threads() const override { return false; }

  PeerAddress address_of(const std::string& site) override {
    PeerAddress address{.site = {site}, .key = key_named(site, 1)};
    if (!listens_[site]) return address;
    address.endpoints = {"loopback://" + site};
    address.bulk_endpoints = address.endpoints;
    return address;
  }

  bool until(const std::function<bool()>& condition) override {
    for (int idle = 0; idle < 1000;) {
      if (condition()) return true;
      if (hub_.pump()) continue;
      hub_.advance_ms(10);
      ++idle;
    }
    return false;
  }

 private:
  Transport& attach(const std::string& site, bool listens, std::uint8_t variant) {
    listens_[site] = listens;
    transports_.erase(site);
    return *(transports_[site] = hub_.attach({{site}, key_named(site, variant), listens}, heard_by(site)));
  }

  LoopbackHub hub_;
  std::map<std::string, bool> listens_;
  std::map<std::string, std::unique_ptr<Transport>> transports_;
};

}  // namespace

std::unique_ptr<TransportNetwork> loopback_network() {
  return std::make_unique<LoopbackNetwork>();
}

}  // namespace hansa::test
