#include "src/transport/engine.hpp"

#include <algorithm>

namespace hansa::transport {

Engine::Engine(Reactor& reactor, Mailroom& mailroom)
    : reactor_(reactor),
      mailroom_(mailroom),
      peers_(reactor, mailroom, listeners_),
      door_(reactor, [this](std::string_view key) { return peers_.admits(key); }) {
  reactor_.poller.add(mailroom_.fd(), mailroom_, Lane::control);
}

Engine::~Engine() {
  peers_.clear();
  reactor_.graveyard.clear();
  reactor_.poller.remove(mailroom_.fd(), mailroom_);
}

Status Engine::listen(Lane lane, const std::vector<std::string>& endpoints) {
  auto& listener = listeners_[index_of(lane)];
  if (!endpoints.empty()) listener = std::make_unique<Listener>(reactor_, lane, *this);
  for (const auto& endpoint : endpoints)
    if (auto bound = listener->bind(endpoint); !bound) return bound;
  return success();
}

std::vector<std::string> Engine::endpoints(Lane lane) const {
  const auto& listener = listeners_[index_of(lane)];
  return listener ? listener->endpoints() : std::vector<std::string>();
}

void Engine::run() {
  while (!stopping_) turn();
  say_goodbye();
}

// What was handed over before the end still leaves, as far as peers take it.
void Engine::say_goodbye() {
  const auto deadline = Clock::now() + reactor_.goodbye;
  collect_announced();
  while (!(waiting_[0].empty() && waiting_[1].empty()) && Clock::now() < deadline) turn();
  reactor_.ending = true;
}

void Engine::turn() {
  reactor_.now = Clock::now();
  for (auto& command : mailroom_.commands()) carry_out(command);
  collect_announced();
  busy_ = flush(Lane::control);
  busy_ = flush(Lane::bulk) || busy_;
  run_timers();
  reactor_.graveyard.clear();
  const bool may_sleep = !busy_ && mailroom_.may_sleep();
  reactor_.poller.turn(may_sleep ? sleep_ms() : 0);
  mailroom_.awake();
}

void Engine::carry_out(Command& command) {
  if (auto* set = std::get_if<SetPeers>(&command)) peers_.set(std::move(set->peers));
  if (auto* cut = std::get_if<CutOff>(&command))
    peers_.cut_off(cut->peer, std::chrono::milliseconds(cut->for_how_long_ms));
  if (std::holds_alternative<Stop>(command)) stopping_ = true;
}

void Engine::collect_announced() {
  for (auto& outbox : mailroom_.announced())
    if (const PeerLane* lane = peers_.owner_of(*outbox)) waiting_[index_of(lane->lane())].insert(std::move(outbox));
}

// True when more can be sent at once; what is blocked is tried again in a millisecond, or when its socket stirs.
bool Engine::flush(Lane lane) {
  bool more = false;
  std::erase_if(waiting_[index_of(lane)], [&](const auto& outbox) {
    PeerLane* owner = peers_.owner_of(*outbox);
    const FlushResult result = owner ? owner->flush() : FlushResult::idle;
    more = more || result == FlushResult::more;
    return result == FlushResult::idle;
  });
  return more;
}

void Engine::run_timers() {
  if (reactor_.now >= deadline_) {
    peers_.tick();
    reactor_.timers_changed = true;
  }
  if (std::exchange(reactor_.timers_changed, false)) deadline_ = peers_.deadline();
}

int Engine::sleep_ms() const {
  if (stopping_ || !waiting_[0].empty() || !waiting_[1].empty()) return 1;
  if (deadline_ == never) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - reactor_.now).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 60'000));
}

bool Engine::on_accepted(Lane lane, std::string_view user_id, const std::string& routing_id, Run run) {
  PeerLane* peer = peers_.admitted(user_id, lane);
  return peer && peer->on_accepted(routing_id, run);
}

void Engine::on_accepted_message(Lane lane, std::string_view user_id, std::string_view message) {
  if (PeerLane* peer = peers_.admitted(user_id, lane))
    peer->on_accepted_message(message);
  else
    ++reactor_.counters.frames_refused;
}

void Engine::on_accepted_lost(Lane lane, std::string_view user_id) {
  if (PeerLane* peer = peers_.admitted(user_id, lane)) peer->on_accepted_lost();
}

}  // namespace hansa::transport
