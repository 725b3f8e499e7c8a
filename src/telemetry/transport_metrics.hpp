// What the transport counts, as metrics: hansa_transport_….
#pragma once

#include "hansa/ports/transport.hpp"
#include "src/telemetry/metrics.hpp"

namespace hansa {

// `transport` must stay until metrics.forget_read().
void watch(Metrics& metrics, const Transport& transport);

}  // namespace hansa
