#include "actors/link_actor.hpp"

#include <spdlog/spdlog.h>

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
  sessions_[message.peer].close();
  addresses_->tell(Role::controller, message);
}

void LinkActor::open(const SiteName& peer) {
  ports_.transport->send(peer, Lane::control, sessions_[peer].open(*hello_));
  unheard_.insert(peer);
  keep_repeating();
}

void LinkActor::keep_repeating() {
  if (unheard_.empty() || std::exchange(repeating_, true)) return;
  delayed_send(this, std::chrono::milliseconds(500), RepeatHello{});
}

void LinkActor::repeat_hello() {
  repeating_ = false;
  for (const auto& peer : unheard_) {
    ports_.transport->send(peer, Lane::control, encode_frame(spoken_versions.newest, {Message{*hello_}}));
  }
  keep_repeating();
}

void LinkActor::to_peers(ToPeers& message) {
  std::map<SiteName, std::vector<Message>> by_peer;
  for (auto& send : message.messages) {
    attach_payloads(send.message);
    by_peer[send.to].push_back(std::move(send.message));
  }
  for (auto& [peer, messages] : by_peer) {
    for (auto& frame : sessions_[peer].seal(std::move(messages))) {
      ports_.transport->send(peer, Lane::control, std::move(frame));
    }
  }
}

// The brain names a job; what it is made of comes from the journal, where it has been since its submission.
void LinkActor::attach_payloads(Message& message) const {
  auto* award = std::get_if<Award>(&message);
  if (!award) return;
  for (auto& task : award->tasks) {
    if (auto payload = payload_of_job(*ports_.store, task.run.job)) task.payload = std::move(*payload);
  }
}

void LinkActor::frame_came(const FrameCame& message) {
  const auto now = ports_.clock->now().instant;
  auto verdict = sessions_[message.from].receive(now, message.frame);
  std::visit([&](auto& content) { heard(message.from, std::move(content)); }, verdict);
}

void LinkActor::heard(const SiteName& from, Deliver delivered) {
  if (delivered.messages.empty()) return;
  const bool greeting = std::holds_alternative<Hello>(delivered.messages.front());
  if (!greeting || delivered.messages.size() > 1) unheard_.erase(from);
  if (greeting) addresses_->tell(Role::controller, LinkChanged{.peer = from, .up = true});
  addresses_->tell(Role::controller, FromPeer{.from = from, .messages = std::move(delivered.messages)});
}

void LinkActor::heard(const SiteName& from, const Drop& dropped) {
  log_rarely("frame_dropped", from, dropped.why);
}

void LinkActor::heard(const SiteName& from, const CutOff& verdict) {
  log_rarely("peer_cut_off", from, verdict.why);
  cut_off(from, verdict.for_how_long);
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
