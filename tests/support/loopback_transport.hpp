// LoopbackHub: a network within one process, for tests: no threads, no sockets, no time of its own.
//
// Every transport attached to a hub keeps the port's contract; frames and news of links are delivered when the test
// pumps, one at a time and always in the same order, those of the control lane first. The test can cut the line between
// two sites, lose chosen frames, and let time pass (for cut_off).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "hansa/ports/transport.hpp"
#include "protocol/wire/limits.hpp"

namespace hansa::test {

struct LoopbackSite {
  SiteName site;
  TransportKey key;
  bool listens = true;  // false: dials out only
};

class LoopbackHub {
 public:
  static constexpr std::size_t frames_in_flight_max = 65'536;  // from one site to another, on one lane

  using LoseFrame = std::function<bool(const SiteName& from, const SiteName& to, Lane lane, const std::string& frame)>;

  // The hub outlives what is attached; destroying that is a crash of the site.
  std::unique_ptr<Transport> attach(LoopbackSite site, TransportHandler& handler);

  // Delivers one frame or one piece of news; false when there is none.
  bool pump();
  void pump_all() {
    while (pump()) {
    }
  }

  void cut_line(const SiteName& a, const SiteName& b) {
    cut_lines_.insert(std::minmax(a, b));
    refresh();
  }
  void mend_line(const SiteName& a, const SiteName& b) {
    cut_lines_.erase(std::minmax(a, b));
    refresh();
  }
  // Frames for which this is true are lost on the way; nothing: none are.
  void lose(LoseFrame lose) { lose_ = std::move(lose); }
  void advance_ms(std::uint64_t ms) {
    now_ms_ += ms;
    refresh();
  }

 private:
  class Port;
  // Frames and news, from one site to another; `up` is news when there is no frame.
  struct Event {
    SiteName from, to;
    Lane lane = Lane::control;
    bool is_frame = false;
    bool up = false;
    std::string frame;
  };
  using Way = std::tuple<SiteName, SiteName, Lane>;

  void refresh();
  void refresh(Port& a, Port& b, Lane lane);
  bool connectable(const Port& a, const Port& b, Lane lane) const;
  bool send(const SiteName& from, const SiteName& to, Lane lane, std::string frame);
  void detach(const SiteName& site);
  void drop_frames(const SiteName& from, const SiteName& to, Lane lane);
  void deliver(Event& event);
  std::deque<Event>& queue(Lane lane) { return queues_[static_cast<std::size_t>(lane)]; }

  std::map<SiteName, Port*> ports_;
  std::set<Way> up_;  // both ways of each link
  std::map<Way, std::size_t> in_flight_;
  std::array<std::deque<Event>, 2> queues_;
  std::set<std::pair<SiteName, SiteName>> cut_lines_;
  LoseFrame lose_;
  std::uint64_t now_ms_ = 0;
};

class LoopbackHub::Port : public Transport {
 public:
  Port(LoopbackHub& hub, LoopbackSite site, TransportHandler& handler)
      : hub_(hub), self_(std::move(site)), handler_(handler) {}
  ~Port() override { hub_.detach(self_.site); }

  bool send(const SiteName& to, Lane lane, std::string frame, Haste) override {
    const std::size_t size = frame.size();
    if (!hub_.send(self_.site, to, lane, std::move(frame))) {
      ++counters_.frames_dropped_total;
      return false;
    }
    ++counters_.frames_sent_total;
    counters_.bytes_sent_total += size;
    return true;
  }
  void set_peers(std::vector<PeerAddress> peers) override {
    peers_.clear();
    for (auto& peer : peers) peers_[peer.site] = std::move(peer);
    hub_.refresh();
  }
  void cut_off(const SiteName& peer, std::uint32_t for_how_long_ms) override {
    cut_until_ms_[peer] = hub_.now_ms_ + for_how_long_ms;
    hub_.refresh();
  }
  TransportCounters counters() const override { return counters_; }

 private:
  friend class LoopbackHub;

  // Whether this site lets the other in: by its key, and not while it is cut off.
  bool admits(const Port& other, std::uint64_t now_ms) const {
    const auto peer = peers_.find(other.self_.site);
    const auto cut = cut_until_ms_.find(other.self_.site);
    return peer != peers_.end() && peer->second.key == other.self_.key &&
           (cut == cut_until_ms_.end() || now_ms >= cut->second);
  }
  bool dials(const Port& other, Lane lane) const {
    const auto& peer = peers_.at(other.self_.site);
    return other.self_.listens && !(lane == Lane::control ? peer.endpoints : peer.bulk_endpoints).empty();
  }

  LoopbackHub& hub_;
  LoopbackSite self_;
  TransportHandler& handler_;
  std::map<SiteName, PeerAddress> peers_;
  std::map<SiteName, std::uint64_t> cut_until_ms_;
  TransportCounters counters_;
};

inline std::unique_ptr<Transport> LoopbackHub::attach(LoopbackSite site, TransportHandler& handler) {
  const SiteName name = site.site;
  auto port = std::make_unique<Port>(*this, std::move(site), handler);
  ports_[name] = port.get();
  return port;
}

inline void LoopbackHub::detach(const SiteName& site) {
  ports_.erase(site);
  for (auto& events : queues_) std::erase_if(events, [&](const Event& event) { return event.to == site; });
  refresh();
  std::erase_if(up_, [&](const Way& way) { return std::get<0>(way) == site; });
}

inline bool LoopbackHub::connectable(const Port& a, const Port& b, Lane lane) const {
  return a.admits(b, now_ms_) && b.admits(a, now_ms_) && (a.dials(b, lane) || b.dials(a, lane)) &&
         !cut_lines_.contains(std::minmax(a.self_.site, b.self_.site));
}

inline void LoopbackHub::refresh() {
  for (const Lane lane : {Lane::control, Lane::bulk}) {
    for (auto& [name, a] : ports_)
      for (auto& [other, b] : ports_)
        if (name < other) refresh(*a, *b, lane);
    const auto up = up_;  // links whose other end is gone
    for (const auto& [site, peer, of] : up) {
      if (of != lane || !ports_.contains(site) || ports_.contains(peer)) continue;
      drop_frames(site, peer, lane);
      drop_frames(peer, site, lane);
      up_.erase({site, peer, lane});
      queue(lane).push_back({.from = peer, .to = site, .lane = lane});
    }
  }
}

inline void LoopbackHub::refresh(Port& a, Port& b, Lane lane) {
  const auto& [one, two] = std::tie(a.self_.site, b.self_.site);
  const bool up = connectable(a, b, lane);
  if (up == up_.contains({one, two, lane})) return;
  for (const auto& [from, to] : {std::pair(one, two), std::pair(two, one)}) {
    if (!up) drop_frames(from, to, lane);
    up ? (void)up_.insert({from, to, lane}) : (void)up_.erase({from, to, lane});
    queue(lane).push_back({.from = from, .to = to, .lane = lane, .up = up});
  }
}

inline void LoopbackHub::drop_frames(const SiteName& from, const SiteName& to, Lane lane) {
  in_flight_.erase({from, to, lane});
  const auto dropped = std::erase_if(
      queue(lane), [&](const Event& event) { return event.is_frame && event.from == from && event.to == to; });
  if (const auto port = ports_.find(from); port != ports_.end())
    port->second->counters_.frames_dropped_total += dropped;
}

inline bool LoopbackHub::send(const SiteName& from, const SiteName& to, Lane lane, std::string frame) {
  const auto bytes_max = lane == Lane::control ? limits::control_frame_bytes_max : limits::bulk_frame_bytes_max;
  const Way way{from, to, lane};
  if (!up_.contains(way) || frame.size() > bytes_max) return false;
  std::size_t& in_flight = in_flight_[way];
  if (in_flight >= frames_in_flight_max) return false;
  ++in_flight;
  queue(lane).push_back({.from = from, .to = to, .lane = lane, .is_frame = true, .frame = std::move(frame)});
  return true;
}

inline bool LoopbackHub::pump() {
  for (auto& events : queues_) {
    if (events.empty()) continue;
    Event event = std::move(events.front());
    events.pop_front();
    deliver(event);
    return true;
  }
  return false;
}

inline void LoopbackHub::deliver(Event& event) {
  const auto port = ports_.find(event.to);
  if (event.is_frame) --in_flight_[{event.from, event.to, event.lane}];
  if (port == ports_.end()) return;
  if (!event.is_frame) return port->second->handler_.on_link(event.from, event.lane, event.up);
  if (lose_ && lose_(event.from, event.to, event.lane, event.frame)) return;
  ++port->second->counters_.frames_received_total;
  port->second->counters_.bytes_received_total += event.frame.size();
  port->second->handler_.on_frame(event.from, event.lane, event.frame);
}

}  // namespace hansa::test
