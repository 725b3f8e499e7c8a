#include "src/telemetry/transport_metrics.hpp"

namespace hansa {

void watch(Metrics& metrics, const Transport& transport) {
  using Field = std::uint64_t TransportCounters::*;
  const auto count = [&](const char* name, const char* help, Field field) {
    metrics.read_counter(std::string("hansa_transport_") + name, help,
                         [&transport, field] { return static_cast<double>(transport.counters().*field); });
  };
  count("frames_sent_total", "Frames handed to connections.", &TransportCounters::frames_sent_total);
  count("frames_received_total", "Frames that came from peers.", &TransportCounters::frames_received_total);
  count("sent_bytes_total", "Bytes of frames handed to connections.", &TransportCounters::bytes_sent_total);
  count("received_bytes_total", "Bytes of frames that came from peers.", &TransportCounters::bytes_received_total);
  count("frames_dropped_total", "Frames dropped: no connection, a full queue, or a connection lost.",
        &TransportCounters::frames_dropped_total);
  count("frames_refused_total", "Messages refused: malformed, too large, or from nobody known.",
        &TransportCounters::frames_refused_total);
  count("handshakes_refused_total", "Connections cut before they proved whose they are.",
        &TransportCounters::handshakes_refused_total);
}

}  // namespace hansa
