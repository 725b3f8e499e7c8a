#include "src/transport/peer_lane.hpp"

#include <algorithm>
#include <cstring>

#include "src/transport/envelope.hpp"

namespace hansa::transport {
namespace {

constexpr DialPlan::Pause name_asked_again{20};

Via preferred_between(const TransportKey& own, const TransportKey& peer) {
  return own < peer ? Via::dialled : Via::accepted;
}

// Any two sites draw differently; nothing secret hangs on it.
std::uint32_t seed_of(const TransportKey& own, const TransportKey& peer) {
  std::uint32_t seed = 1;
  for (std::size_t i = 0; i < own.bytes.size(); ++i) seed = seed * 31 + own.bytes[i] + 7u * peer.bytes[i];
  return seed;
}

}  // namespace

PeerLane::PeerLane(Reactor& reactor, Lane lane, const SiteName& site, const TransportKey& key,
                   std::vector<std::string> endpoints, Listener* listener)
    : reactor_(reactor),
      lane_(lane),
      site_(site),
      key_(key),
      listener_(listener),
      link_(preferred_between(reactor.keys.own, key)),
      outbox_(std::make_shared<Outbox>(reactor.bounds[index_of(lane)])),
      endpoints_(std::move(endpoints)),
      plan_(endpoints_, reactor.dialling.pause_first, reactor.dialling.pause_longest, seed_of(reactor.keys.own, key)) {
  const bool waits = link_.preferred() == Via::accepted && listener_;
  dial_in(waits ? reactor.dialling.yield : DialPlan::Pause{0});
}

PeerLane::~PeerLane() {
  cut(never);
}

void PeerLane::set_endpoints(std::vector<std::string> endpoints) {
  if (endpoints == endpoints_) return;
  endpoints_ = std::move(endpoints);
  plan_ = DialPlan(endpoints_, reactor_.dialling.pause_first, reactor_.dialling.pause_longest,
                   seed_of(reactor_.keys.own, key_));
  if (dialler_ && dialler_->up()) return;
  drop_dialler();
  dial_in(DialPlan::Pause{0});
}

// --- Frames ---------------------------------------------------------------------------------------------------------

FlushResult PeerLane::flush() {
  for (int i = 0; i < messages_per_turn(lane_); ++i) {
    const auto via = link_.in_use();
    if (!via || (!held_ && !hold_next())) return FlushResult::idle;
    switch (transmit(*via)) {
      case SendResult::full:
        return FlushResult::blocked;
      case SendResult::gone:
        close(*via);
        return FlushResult::idle;
      case SendResult::sent:
        count_sent();
    }
  }
  return FlushResult::more;
}

bool PeerLane::hold_next() {
  const auto frames = outbox_->take();
  if (frames.empty()) return false;
  const std::size_t size = packed_size(frames);
  held_.emplace(Held{zmq::message_t(size), frames.size(), size});
  pack(frames, held_->message.data<char>());
  return true;
}

SendResult PeerLane::transmit(Via via) {
  stamp(held_->message.data<char>(), link_.term());
  return via == Via::dialled ? dialler_->send(held_->message) : listener_->send(accepted_, held_->message);
}

void PeerLane::count_sent() {
  reactor_.counters.frames_sent += held_->frames;
  reactor_.counters.bytes_sent += held_->bytes;
  held_.reset();
}

void PeerLane::receive(Via via, std::string_view message) {
  const auto unpacked = unpack(message, lane_);
  if (!unpacked) {
    ++reactor_.counters.frames_refused;
    reactor_.notice("cut the " + to_word(lane_) + " connection of " + site_.value + ": it sent a malformed message");
    return close(via);
  }
  const auto& frames = unpacked->frames;
  if (!link_.takes(via, unpacked->term)) {
    reactor_.counters.frames_dropped += frames.size();
    return;
  }
  reactor_.counters.frames_received += frames.size();
  reactor_.counters.bytes_received += message.size();
  for (const auto frame : frames) reactor_.handler.on_frame(site_, lane_, frame);
  if (link_.dialled_is_dead()) close(Via::dialled);
}

// --- Connections ----------------------------------------------------------------------------------------------------

bool PeerLane::on_accepted(const std::string& routing_id, Run run) {
  if (link_.up(Via::accepted)) close(Via::accepted);
  if (link_.contradicts(Via::accepted, run)) {
    if (link_.up(Via::dialled)) close(Via::dialled);
    return false;
  }
  const bool restarted = run != link_.peer_run();  // an attempt still under way may be answered by the process before
  accepted_ = routing_id;
  establish(Via::accepted, run);
  if (dialler_ && !dialler_->up() && (restarted || !wants_to_dial())) drop_dialler();
  return true;
}

void PeerLane::on_dialled_up(Run run) {
  plan_.succeeded();
  if (!link_.contradicts(Via::dialled, run)) return establish(Via::dialled, run);
  if (link_.up(Via::accepted)) close(Via::accepted);
  close(Via::dialled);
}

void PeerLane::on_dialled_lost() {
  if (link_.up(Via::dialled))
    lose(Via::dialled);
  else
    dial_failed();
}

void PeerLane::establish(Via via, Run run) {
  const bool was_up = up();
  link_.established(via, run);
  spare_until_ = link_.dialled_is_spare() ? reactor_.now + reactor_.dialling.spare : never;
  reactor_.timers_changed = true;
  if (!was_up) tell_up();
}

void PeerLane::lose(Via via) {
  const bool was_in_use = link_.in_use() == via;
  link_.lost(via);
  spare_until_ = never;
  if (via == Via::dialled) {
    drop_dialler();
    dial_in(plan_.after_loss());
  } else if (!link_.up(Via::dialled)) {
    dial_in(link_.preferred() == Via::accepted ? reactor_.dialling.yield : DialPlan::Pause{0});
  }
  if (was_in_use) tell_down();
  if (was_in_use && up()) tell_up();
  if (link_.dialled_is_retired()) close(Via::dialled);
}

void PeerLane::close(Via via) {
  if (via == Via::accepted && listener_) listener_->cut(accepted_);
  lose(via);
}

void PeerLane::cut(Clock::time_point until) {
  if (link_.up(Via::accepted)) close(Via::accepted);
  if (link_.up(Via::dialled)) close(Via::dialled);
  drop_dialler();
  dial_at_ = until;
}

void PeerLane::tell_up() {
  outbox_->open();
  reactor_.handler.on_link(site_, lane_, true);
}

void PeerLane::tell_down() {
  reactor_.counters.frames_dropped += outbox_->close() + (held_ ? held_->frames : 0);
  held_.reset();
  reactor_.handler.on_link(site_, lane_, false);
}

// --- Dialling -------------------------------------------------------------------------------------------------------

bool PeerLane::wants_to_dial() const {
  return !plan_.empty() && (link_.preferred() == Via::dialled || !link_.up(Via::accepted));
}

void PeerLane::dial_in(DialPlan::Pause pause) {
  dial_at_ = reactor_.now + pause;
  reactor_.timers_changed = true;
}

void PeerLane::dial() {
  const auto answer = reactor_.names.numeric(plan_.endpoint(), reactor_.now);
  switch (answer.state) {
    case Names::State::known:
      return dial(answer.endpoint);
    case Names::State::asking:
      return dial_in(name_asked_again);
    case Names::State::unknown:
      break;
  }
  reactor_.notice("cannot dial " + site_.value + " at " + plan_.endpoint() + ": nobody knows an address of that name");
  dial_failed();
}

void PeerLane::dial(const std::string& endpoint) {
  try {
    dialler_ = std::make_unique<Dialler>(reactor_, lane_, key_, endpoint, *this);
    reactor_.timers_changed = true;
  } catch (const zmq::error_t& error) {
    reactor_.notice("cannot dial " + site_.value + " at " + endpoint + ": " + error.what());
    dial_failed();
  }
}

void PeerLane::drop_dialler() {
  if (!dialler_) return;
  dialler_->close();
  reactor_.graveyard.push_back(std::move(dialler_));
  reactor_.timers_changed = true;
}

void PeerLane::dial_failed() {
  drop_dialler();
  dial_in(plan_.after_failure());
}

void PeerLane::tick() {
  if (dialler_ && !dialler_->up() && reactor_.now >= dialler_->greeted_by()) dial_failed();
  if (reactor_.now >= spare_until_ && link_.dialled_is_spare()) close(Via::dialled);
  if (!dialler_ && wants_to_dial() && reactor_.now >= dial_at_) dial();
}

Clock::time_point PeerLane::deadline() const {
  if (!dialler_) return wants_to_dial() ? dial_at_ : never;
  return dialler_->up() ? spare_until_ : dialler_->greeted_by();
}

}  // namespace hansa::transport
