// Peers: who may connect, by name and by key, and the lanes to each.
//
// A User-Id is the connection's key in Z85, as the door let it in; whose key that is, is looked up here with every
// message, so that a peer that was removed or whose key was changed is nobody at once. A peer with a new key is a new
// peer: its old connections are cut.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/transport/mailroom.hpp"
#include "src/transport/peer_lane.hpp"

namespace hansa::transport {

std::string z85_of(const TransportKey& key);

class Peers {
 public:
  using Listeners = std::array<std::unique_ptr<Listener>, 2>;

  Peers(Reactor& reactor, Mailroom& mailroom, const Listeners& listeners)
      : reactor_(reactor), mailroom_(mailroom), listeners_(listeners) {}

  void set(std::vector<PeerAddress> addresses);
  void cut_off(const SiteName& site, std::chrono::milliseconds time);
  void clear();

  // The lane of the peer that holds this key; null when it is not admitted, or cut off for now.
  PeerLane* admitted(std::string_view user_id, Lane lane);
  bool admits(std::string_view user_id) { return admitted(user_id, Lane::control) != nullptr; }
  PeerLane* owner_of(const Outbox& outbox);

  void tick();
  Clock::time_point deadline() const;

 private:
  struct Peer {
    PeerAddress address;
    std::string user_id;
    Clock::time_point cut_until = Clock::time_point::min();
    std::array<std::unique_ptr<PeerLane>, 2> lanes;
  };
  using Table = std::map<SiteName, std::unique_ptr<Peer>>;

  bool usable(const PeerAddress& address) const;
  void remove_unless_in(const std::map<SiteName, PeerAddress>& wanted);
  void add(PeerAddress address);
  Table::iterator remove(Table::iterator it);

  Reactor& reactor_;
  Mailroom& mailroom_;
  const Listeners& listeners_;
  Table peers_;
  std::map<std::string, Peer*, std::less<>> by_user_id_;
  std::map<const Outbox*, PeerLane*> by_outbox_;
};

}  // namespace hansa::transport
