#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "src/transport/zmq_transport.hpp"
#include "tests/contract/transport/transport_network.hpp"

namespace hansa::test {
namespace {

using namespace std::chrono_literals;

class ZmqNetwork : public TransportNetwork {
 public:
  ZmqNetwork() : impostor_(make_transport_keys()) {
    for (auto& pair : keys_) pair = make_transport_keys();
    std::sort(keys_.begin(), keys_.end(),
              [](const auto& one, const auto& two) { return one.public_key < two.public_key; });
  }
  ~ZmqNetwork() override {
    for (auto& [site, transport] : transports_) heard_by(site).let_go();
  }

  Transport& start(const std::string& site) override { return start(site, keys_of(site), true); }
  Transport& start_dialling_out_only(const std::string& site) override { return start(site, keys_of(site), false); }
  Transport& start_impostor(const std::string& site) override { return start(site, impostor_, true); }
  void stop(const std::string& site) override { transports_.erase(site); }
  Transport& at(const std::string& site) override { return *transports_.at(site); }
  bool has_threads() const override { return true; }

  PeerAddress address_of(const std::string& site) override {
    return {.site = {site},
            .key = keys_of(site).public_key,
            .endpoints = endpoints_[site].first,
            .bulk_endpoints = endpoints_[site].second};
  }

  bool until(const std::function<bool()>& condition) override {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(200us);
    }
    return true;
  }

 private:
  const TransportKeyPair& keys_of(const std::string& site) {
    return keys_.at(static_cast<std::size_t>(site.front() - 'a'));
  }

  Transport& start(const std::string& site, const TransportKeyPair& keys, bool listens) {
    transports_.erase(site);
    ZmqTransportOptions options{.public_key = keys.public_key, .secret_key = keys.secret_key};
    auto& [control, bulk] = endpoints_[site];
    if (listens) {
      options.listen = control.empty() ? std::vector<std::string>{"tcp://127.0.0.1:*"} : control;
      options.bulk_listen = bulk.empty() ? std::vector<std::string>{"tcp://127.0.0.1:*"} : bulk;
    }
    options.yield = 50ms;
    options.redial_longest = 200ms;
    auto started = ZmqTransport::start(options, heard_by(site));
    if (!started) throw std::runtime_error(started.error().text);
    control = (*started)->endpoints(Lane::control);
    bulk = (*started)->endpoints(Lane::bulk);
    return *(transports_[site] = std::move(*started));
  }

  std::array<TransportKeyPair, 4> keys_;
  TransportKeyPair impostor_;
  std::map<std::string, std::pair<std::vector<std::string>, std::vector<std::string>>> endpoints_;
  std::map<std::string, std::unique_ptr<ZmqTransport>> transports_;
};

}  // namespace

std::unique_ptr<TransportNetwork> zmq_network() {
  return std::make_unique<ZmqNetwork>();
}

}  // namespace hansa::test
