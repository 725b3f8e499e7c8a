#include "src/transport/peers.hpp"

#include <algorithm>

namespace hansa::transport {
namespace {

constexpr std::array lanes{Lane::control, Lane::bulk};

// What a peer says of itself may come by gossip: only what can be dialled is.
std::vector<std::string> dialable(std::vector<std::string> endpoints) {
  std::erase_if(endpoints, [](const auto& endpoint) { return !is_tcp_endpoint(endpoint); });
  return endpoints;
}

std::vector<std::string> endpoints_of(const PeerAddress& address, Lane lane) {
  return dialable(lane == Lane::control ? address.endpoints : address.bulk_endpoints);
}

}  // namespace

std::string z85_of(const TransportKey& key) {
  std::array<char, 41> text{};
  zmq_z85_encode(text.data(), key.bytes.data(), key.bytes.size());
  return text.data();
}

bool Peers::usable(const PeerAddress& address) const {
  return !address.site.empty() && !address.key.is_zero() && address.key != reactor_.keys.own;
}

void Peers::set(std::vector<PeerAddress> addresses) {
  std::map<SiteName, PeerAddress> wanted;
  for (auto& address : addresses)
    if (usable(address)) wanted[address.site] = std::move(address);
  remove_unless_in(wanted);
  for (auto& [site, address] : wanted) add(std::move(address));
}

void Peers::remove_unless_in(const std::map<SiteName, PeerAddress>& wanted) {
  for (auto it = peers_.begin(); it != peers_.end();) {
    const auto stays = wanted.find(it->first);
    const bool same = stays != wanted.end() && stays->second.key == it->second->address.key;
    it = same ? std::next(it) : remove(it);
  }
}

Peers::Table::iterator Peers::remove(Table::iterator it) {
  mailroom_.unlist(it->first);
  by_user_id_.erase(it->second->user_id);
  for (auto& lane : it->second->lanes) {
    by_outbox_.erase(lane->outbox().get());
    lane->cut(never);
  }
  return peers_.erase(it);
}

void Peers::add(PeerAddress address) {
  if (const auto known = peers_.find(address.site); known != peers_.end()) {
    for (const Lane lane : lanes) known->second->lanes[index_of(lane)]->set_endpoints(endpoints_of(address, lane));
    known->second->address = std::move(address);
    return;
  }
  auto peer = std::make_unique<Peer>();
  peer->user_id = z85_of(address.key);
  if (!by_user_id_.emplace(peer->user_id, peer.get()).second) {
    reactor_.notice("peer " + address.site.value + " is left out: another peer has the same transport key");
    return;
  }
  for (const Lane lane : lanes) {
    auto& made = peer->lanes[index_of(lane)];
    made = std::make_unique<PeerLane>(reactor_, lane, address.site, address.key, endpoints_of(address, lane),
                                      listeners_[index_of(lane)].get());
    by_outbox_[made->outbox().get()] = made.get();
    mailroom_.list(address.site, lane, made->outbox());
  }
  const SiteName site = address.site;
  peer->address = std::move(address);
  peers_[site] = std::move(peer);
}

void Peers::cut_off(const SiteName& site, std::chrono::milliseconds time) {
  const auto it = peers_.find(site);
  if (it == peers_.end()) return;
  it->second->cut_until = reactor_.now + time;
  for (auto& lane : it->second->lanes) lane->cut(it->second->cut_until);
}

void Peers::clear() {
  while (!peers_.empty()) remove(peers_.begin());
}

PeerLane* Peers::admitted(std::string_view user_id, Lane lane) {
  const auto it = by_user_id_.find(user_id);
  if (it == by_user_id_.end() || reactor_.now < it->second->cut_until) return nullptr;
  return it->second->lanes[index_of(lane)].get();
}

PeerLane* Peers::owner_of(const Outbox& outbox) {
  const auto it = by_outbox_.find(&outbox);
  return it == by_outbox_.end() ? nullptr : it->second;
}

void Peers::tick() {
  for (auto& [site, peer] : peers_)
    for (auto& lane : peer->lanes) lane->tick();
}

Clock::time_point Peers::deadline() const {
  auto earliest = never;
  for (const auto& [site, peer] : peers_)
    for (const auto& lane : peer->lanes) earliest = std::min(earliest, lane->deadline());
  return earliest;
}

}  // namespace hansa::transport
