// What a machine wants done, as data. Whoever performs it keeps the order below: durable before visible.
//
// perform() (protocol/perform.hpp) is the one function that executes effects, for the actors, the simulator and the
// tests alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/audit.hpp"
#include "hansa/ports/backend.hpp"
#include "hansa/ports/staging.hpp"
#include "hansa/ports/transport.hpp"
#include "hansa/types/records.hpp"
#include "protocol/wire/messages.hpp"

namespace hansa {

struct Send {
  SiteName to;  // may be this site itself: the message then comes back as any other
  Message message;

  bool operator==(const Send&) const = default;
};

struct Reply {
  Ticket ticket;
  ApiReply reply;
};

struct Effects {
  // First, all or none, in this order.
  std::vector<StoreRecord> persist;
  // At once; promises nothing: probes, gossip, calls, bids, declines, releases, renewals.
  std::vector<Send> send;
  // Everything below waits until these records *and every earlier persist* are on disk, even when `persist` is empty:
  // a repeated award that meets an acceptance still on its way to the disk must not be answered before it is there.
  std::vector<Send> send_durable;
  std::vector<BackendCommand> backend;
  std::vector<StagingCommand> staging;
  std::vector<Reply> replies;
  // Peers that break the protocol: no connection with them for a while.
  std::vector<SiteName> cut_off;
  // Who may connect from now on, whole; the connections of everybody else are cut.
  std::optional<std::vector<PeerAddress>> roster;
  // For people who watch; never acted on.
  std::vector<FederationEvent> events;
  // For the operator's book; never acted on.
  std::vector<AuditNote> audit;
};

}  // namespace hansa
