#include "actors/controller_actor.hpp"

#include <malloc.h>

#include <utility>

namespace hansa {

ControllerActor::ControllerActor(caf::actor_config& config, std::unique_ptr<Controller> controller, StoredState stored,
                                 SitePorts ports, std::shared_ptr<Addresses> addresses,
                                 std::shared_ptr<Committer> committer, std::shared_ptr<Outbox> outbox)
    : caf::event_based_actor(config),
      controller_(std::move(controller)),
      stored_(std::move(stored)),
      ports_(std::move(ports)),
      addresses_(std::move(addresses)),
      committer_(std::move(committer)),
      outbox_(std::move(outbox)) {}

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
      [this](const PolicyChanged& message) {
        dispatch([&](Now now, Effects& out) { controller_->set_policy(now, message.policy, out); });
        flush();
      },
      [this](const OwnMail&) { flush(); },
      [this](const DiskState& message) { controller_->set_disk(message.full, message.bytes_free); },
      [this](const Degraded& message) { controller_->set_degraded(message.problem); },
      [this](const TimeToTick& message) {
        if (message.alarm != alarm_) return;
        armed_ = end_of_time;
        dispatch([&](Now now, Effects& out) { controller_->tick(now, out); });
        flush();
      },
      // What a journal is read by, and what the first look at all that waits takes, is a quarter of the heap by then.
      [](const StartIsOver&) { malloc_trim(0); },
      [this](const StopSite& message) { stop(message); },
  };
}

void ControllerActor::start() {
  dispatch([&](Now now, Effects& out) { controller_->start(now, std::move(stored_), out); });
  flush();
  delayed_send(this, std::chrono::seconds(5), StartIsOver{});
}

template <class Step>
void ControllerActor::dispatch(Step step) {
  Effects effects;
  step(ports_.clock->now(), effects);
  outbox_->perform(std::move(effects));
}

// After each event: what this site says to itself, what goes to disk, its greeting, and the timer.
void ControllerActor::flush() {
  hear_own();
  write();
  greet_once_ready();
  arm();
}

void ControllerActor::hear_own() {
  for (auto own = outbox_->take_own(); !own.empty(); own = outbox_->take_own()) {
    for (const auto& message : own) {
      dispatch([&](Now now, Effects& out) { controller_->step(now, ports_.site, message.message, out); });
    }
  }
}

// While nobody waits for the brain it may wait for the disk.
void ControllerActor::write() {
  while (mailbox().empty()) {
    const auto written = committer_->commit_at_once();
    if (written.outcome != Committer::Outcome::committed) break;
    outbox_->persisted(written.through);
    hear_own();
  }
  if (committer_->has_waiting()) addresses_->tell(Role::store, CommitWaiting{});
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
  const TimeToTick alarm{++alarm_};
  const auto now = ports_.clock->now().instant;
  if (*next <= now) {
    caf::event_based_actor::send<caf::message_priority::high>(
        this, alarm);  // not by way of the clock, whose thread would have to wake
  } else {
    delayed_send<caf::message_priority::high>(this, *next - now, alarm);
  }
}

void ControllerActor::ask(UserAsks& message) {
  const auto ticket = outbox_->expect(std::move(message.answer));
  dispatch([&](Now now, Effects& out) { controller_->call(now, ticket, message.caller, message.call, out); });
}

void ControllerActor::stop(const StopSite& message) {
  dispatch([&](Now now, Effects& out) { controller_->stop(now, out); });
  flush();
  outbox_->when_clear(message.done);
}

}  // namespace hansa
