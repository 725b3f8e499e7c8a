#include "src/gateway/gateway.hpp"

#include "src/gateway/server.hpp"

namespace hansa {

Result<std::unique_ptr<Gateway>> Gateway::start(GatewayOptions options, ApiHandler& handler) {
  constexpr std::size_t token_bytes_min = 16;
  if (!options.http_address.empty() && options.token.size() < token_bytes_min) {
    return usage_error("http address " + options.http_address +
                       ": a token of at least 16 characters is needed to serve it; run hansa init, or give one");
  }
  auto server = std::make_shared<GatewayServer>(std::move(options), handler);
  if (auto listening = server->listen(); !listening) return listening.error();
  server->run();
  return std::unique_ptr<Gateway>(new Gateway(std::move(server)));
}

Gateway::Gateway(std::shared_ptr<GatewayServer> server) : server_(std::move(server)) {}

Gateway::~Gateway() {
  server_->stop();
}

void Gateway::publish(const FederationEvent& event) {
  server_->publish(event);
}

std::uint16_t Gateway::tcp_port() const {
  return server_->tcp_port();
}

}  // namespace hansa
