#include "actors/link_actor.hpp"

#include <spdlog/spdlog.h>

#include "protocol/wire/urgency.hpp"
#include "src/store/payload_lookup.hpp"

namespace hansa {

LinkActor::LinkActor(caf::actor_config& config, SitePorts ports, std::shared_ptr<Addresses> addresses)
    : caf::event_based_actor(config), ports_(std::move(ports)), addresses_(std::move(addresses)) {}

caf::behavior LinkActor::make_behavior() {
  return {
      [this](ToPeers& message) { to_peers(message); },
      [this](const FrameCame& message) { frame_came(message); },
      [this](const LinkChanged& message) { link_changed(message); },
      [this](const GreetWith& message) { greet(message); },
      [this](const RepeatHello&) { repeat_hello(); },
      [this](LetIn& message) { ports_.transport->set_peers(std::move(message.roster)); },
      [this](const CutOffPeer& message) { cut_off(message.peer, cut_off_for_bad_frames); },
  };
}

void LinkActor::greet(const GreetWith& message) {
  hello_ = message.hello;
  for (const auto& peer : up_) open(peer);
}

void LinkActor::link_changed(const LinkChanged& message) {
  if (message.up) {
    up_.insert(message.peer);
    if (hello_) open(message.peer);
    return;
  }
  up_.erase(message.peer);
  unheard_.erase(message.peer);
  session(message.peer).close();
  addresses_->tell_first(Role::controller, message);
}

Session& LinkActor::session(const SiteName& peer) {
  return sessions_.try_emplace(peer, ports_.protocol).first->second;
}

void LinkActor::open(const SiteName& peer) {
  ports_.transport->send(peer, Lane::control, session(peer).open(*hello_), Haste::urgent);
  greeted_[peer] = ports_.clock->now().instant;
  unheard_.insert(peer);
  keep_repeating();
}

void LinkActor::keep_repeating() {
  if (unheard_.empty() || std::exchange(repeating_, true)) return;
  delayed_send(this, std::chrono::milliseconds(500), RepeatHello{});
}

void LinkActor::repeat_hello() {
  repeating_ = false;
  for (const auto& peer : unheard_) greet_again(peer);
  keep_repeating();
}

void LinkActor::greet_again(const SiteName& peer) {
  ports_.transport->send(peer, Lane::control, encode_frame(ports_.protocol.oldest, {Message{*hello_}}), Haste::urgent);
  greeted_[peer] = ports_.clock->now().instant;
}

// A peer can lose a connection that stands here: it greets again, and drops what comes until it is greeted too.
void LinkActor::greet_back(const SiteName& peer) {
  const bool lately = ports_.clock->now().instant - greeted_[peer] < greeting_answered_after;
  if (hello_ && up_.contains(peer) && !unheard_.contains(peer) && !lately) greet_again(peer);
}

void LinkActor::to_peers(ToPeers& message) {
  using ByPeer = std::map<SiteName, std::vector<Message>>;
  ByPeer urgent, ordinary;
  for (auto& each : message.messages) {
    attach_payloads(*ports_.store, each.message);
    auto& by_peer = is_urgent(each.message) ? urgent : ordinary;
    by_peer[each.to].push_back(std::move(each.message));
  }
  for (auto& [peer, messages] : urgent) send(peer, std::move(messages), Haste::urgent);
  for (auto& [peer, messages] : ordinary) send(peer, std::move(messages), Haste::ordinary);
}

void LinkActor::send(const SiteName& peer, std::vector<Message> messages, Haste haste) {
  for (auto& frame : session(peer).seal(std::move(messages))) {
    ports_.transport->send(peer, Lane::control, std::move(frame), haste);
  }
}

void LinkActor::frame_came(const FrameCame& message) {
  const auto now = ports_.clock->now().instant;
  auto verdict = session(message.from).receive(now, message.frame);
  std::visit([&](auto& content) { heard(message, std::move(content)); }, verdict);
}

void LinkActor::heard(const FrameCame& frame, Deliver delivered) {
  const auto& from = frame.from;
  if (delivered.messages.empty()) return;
  const bool greeting = std::holds_alternative<Hello>(delivered.messages.front());
  if (greeting) greet_back(from);
  if (!greeting || delivered.messages.size() > 1) unheard_.erase(from);
  if (greeting) {
    spdlog::info("event=peer_greeted peer={} protocol={}", from.value, *session(from).version());
    addresses_->tell_first(Role::controller, LinkChanged{.peer = from, .up = true});
  }
  FromPeer message{.from = from, .messages = std::move(delivered.messages), .pass = frame.pass};
  if (frame.urgent) {
    addresses_->tell_first(Role::controller, std::move(message));
  } else {
    addresses_->tell(Role::controller, std::move(message));
  }
}

void LinkActor::heard(const FrameCame& frame, const Drop& dropped) {
  log_rarely("frame_dropped", frame.from, dropped.why);
}

void LinkActor::heard(const FrameCame& frame, const CutOff& verdict) {
  log_rarely("peer_cut_off", frame.from, verdict.why);
  cut_off(frame.from, verdict.for_how_long);
}

void LinkActor::cut_off(const SiteName& peer, Duration for_how_long) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(for_how_long).count();
  ports_.transport->cut_off(peer, static_cast<std::uint32_t>(ms));
}

void LinkActor::log_rarely(const std::string& event, const SiteName& peer, const std::string& text) {
  const auto now = ports_.clock->now().instant;
  auto& last = logged_[event + peer.value];
  if (last != Instant{} && now - last < std::chrono::seconds(10)) return;
  last = now;
  spdlog::warn("event={} peer={} text=\"{}\"", event, peer.value, text);
}

}  // namespace hansa
