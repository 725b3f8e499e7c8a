#include "actors/controller_actor.hpp"

#include <utility>

namespace hansa {

ControllerActor::ControllerActor(caf::actor_config& config, std::unique_ptr<Controller> controller, StoredState stored,
                                 SitePorts ports, std::shared_ptr<Addresses> addresses)
    : caf::event_based_actor(config),
      controller_(std::move(controller)),
      stored_(std::move(stored)),
      ports_(std::move(ports)),
      addresses_(std::move(addresses)) {}

caf::behavior ControllerActor::make_behavior() {
  return {
      // Only now: whatever the brain asks for may be answered at once, and must find its address.
      [this](const BeginSite&) { start(); },
      [this](FromPeer& message) {
        for (auto& content : message.messages) {
          dispatch([&](Now now, Effects& out) { controller_->step(now, message.from, content, out); });
        }
        flush();
      },
      [this](const LinkChanged& message) {
        dispatch([&](Now now, Effects& out) { controller_->link(now, message.peer, message.up, out); });
        flush();
      },
      [this](const BackendSaid& message) {
        dispatch([&](Now now, Effects& out) { controller_->step(now, message.event, out); });
        flush();
      },
      [this](const StagingSaid& message) {
        dispatch([&](Now now, Effects& out) { controller_->step(now, message.event, out); });
        flush();
      },
      [this](UserAsks& message) {
        ask(message);
        flush();
      },
      [this](const PeersConfigured& message) {
        dispatch([&](Now now, Effects& out) { controller_->set_peers(now, message.known, out); });
        flush();
      },
      [this](const Persisted& message) {
        persisted(message.batch, durable_, *this);
        flush();
        end_once_durable();
      },
      [this](const DiskState& message) { controller_->set_disk(message.full, message.bytes_free); },
      [this](const Degraded& message) { controller_->set_degraded(message.problem); },
      [this](const TimeToTick&) {
        armed_ = end_of_time;
        dispatch([&](Now now, Effects& out) { controller_->tick(now, out); });
        flush();
      },
      [this](const StopSite& message) { stop(message); },
  };
}

void ControllerActor::start() {
  dispatch([&](Now now, Effects& out) { controller_->start(now, std::move(stored_), out); });
  flush();
}

template <class Step>
void ControllerActor::dispatch(Step step) {
  Effects effects;
  step(ports_.clock->now(), effects);
  perform(std::move(effects), durable_, *this);
}

// After each event: what this site says to itself, what it says to others, and the timer.
void ControllerActor::flush() {
  deliver_to_self();
  greet_once_ready();
  if (!to_peers_.empty()) addresses_->tell(Role::link, ToPeers{std::exchange(to_peers_, {})});
  arm();
}

void ControllerActor::deliver_to_self() {
  while (!to_self_.empty()) {
    const auto message = std::move(to_self_.front());
    to_self_.pop_front();
    dispatch([&](Now now, Effects& out) { controller_->step(now, ports_.site, message.message, out); });
  }
}

void ControllerActor::greet_once_ready() {
  if (greeted_) return;
  auto hello = controller_->hello();
  if (!hello) return;
  greeted_ = true;
  addresses_->tell(Role::link, GreetWith{std::move(*hello)});
}

void ControllerActor::arm() {
  const auto next = controller_->deadline();
  if (!next || *next >= armed_) return;
  armed_ = *next;
  const auto now = ports_.clock->now().instant;
  if (*next <= now) {
    caf::event_based_actor::send(this, TimeToTick{});  // not by way of the clock, whose thread would have to wake
  } else {
    delayed_send(this, *next - now, TimeToTick{});
  }
}

void ControllerActor::ask(UserAsks& message) {
  last_ticket_ = last_ticket_.next();
  answers_.emplace(last_ticket_, std::move(message.answer));
  dispatch([&](Now now, Effects& out) { controller_->call(now, last_ticket_, message.caller, message.call, out); });
}

void ControllerActor::answer(Reply reply) {
  const auto waiting = answers_.find(reply.ticket);
  if (waiting == answers_.end()) return;
  if (reply.reply) {
    if (auto* why = std::get_if<Why>(&reply.reply.value())) why->note = ports_.store->note(why->job.id).value_or("");
  }
  const auto answer_user = std::move(waiting->second);
  answers_.erase(waiting);
  answer_user(std::move(reply.reply));
}

void ControllerActor::stop(const StopSite& message) {
  dispatch([&](Now now, Effects& out) { controller_->stop(now, out); });
  flush();
  stopped_ = message.done;
  end_once_durable();
}

// What was decided is on disk, and what rests on it has been said.
void ControllerActor::end_once_durable() {
  if (stopped_ && durable_.is_clear()) std::exchange(stopped_, nullptr)();
}

void ControllerActor::send(Send message) {
  if (message.to == ports_.site) {
    to_self_.push_back(std::move(message));
  } else {
    to_peers_.push_back(std::move(message));
  }
}

void ControllerActor::publish(FederationEvent event) {
  ports_.publish(event);
}

void ControllerActor::cut_off(const SiteName& peer) {
  addresses_->tell(Role::link, CutOffPeer{peer});
}

void ControllerActor::commit(BatchNumber batch, std::vector<StoreRecord> records) {
  ports_.directory->note(records);
  addresses_->tell(Role::store, WriteBatch{batch, std::move(records)});
}

void ControllerActor::release(DurablePart part) {
  for (auto& message : part.send) send(std::move(message));
  if (!part.backend.empty()) addresses_->tell(Role::backend, DoBackend{std::move(part.backend)});
  if (!part.staging.empty()) addresses_->tell(Role::staging, DoStaging{std::move(part.staging)});
  for (auto& reply : part.replies) answer(std::move(reply));
}

}  // namespace hansa
