// What the configuration says, in the terms of each part.
#pragma once

#include "protocol/controller/options.hpp"
#include "protocol/membership/member.hpp"
#include "src/backends/settings.hpp"
#include "src/config/site_config.hpp"
#include "src/gateway/gateway.hpp"
#include "src/identity/site_keys.hpp"
#include "src/staging/options.hpp"
#include "src/transport/zmq_transport.hpp"

namespace hansa {

// Every version of this build but those that the operator holds back.
ProtocolRange spoken_by(const SiteConfig& config);
ControllerOptions controller_options(const SiteConfig& config, const SiteKeys& keys);
BackendSettings backend_settings(const SiteConfig& config, BackendHandler& handler);
staging::StagingOptions staging_options(const SiteConfig& config);
ZmqTransportOptions transport_options(const SiteConfig& config, const SiteKeys& keys);
GatewayOptions gateway_options(const SiteConfig& config, const StoreId& store, const std::string& token);
struct EnrolmentEndpoints {
  std::string listen;
  std::vector<std::string> advertise;
};
EnrolmentEndpoints enrolment_endpoints(const SiteConfig& config);
std::vector<KnownSite> known_sites(const std::vector<PeerConfig>& peers);

inline constexpr const char* hansa_version = HANSA_VERSION;

}  // namespace hansa
