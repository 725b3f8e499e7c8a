#include "actors/system.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <future>
#include <thread>

#include "actors/adapter_actors.hpp"
#include "actors/controller_actor.hpp"
#include "actors/link_actor.hpp"
#include "actors/messages.hpp"
#include "actors/store_actor.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/urgency.hpp"

namespace hansa {
namespace {

struct Respawn {
  Role role = Role::link;
};

std::string_view name_of(Role role) {
  switch (role) {
    case Role::controller:
      return "controller";
    case Role::store:
      return "store";
    case Role::link:
      return "link";
    case Role::backend:
      return "backend";
    case Role::staging:
      return "staging";
  }
  return "actor";
}

}  // namespace
}  // namespace hansa

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hansa::Respawn)

namespace hansa {

void Inbox::on_frame(const SiteName& from, Lane lane, std::string_view frame) {
  if (lane == Lane::control) {
    take_in(from, frame);
  } else if (auto* staging = staging_.load()) {
    auto message = decode_bulk_frame(frame);
    if (message) {
      staging->on_bulk_frame(from, std::move(*message));
    } else if (bad_bulk_frames_.fetch_add(1) % 100 == 0) {
      spdlog::warn("event=bulk_frame_dropped peer={} text=\"{}\"", from.value, message.error().text);
    }
  }
}

// Probes and renewals go before what waits of anybody.
void Inbox::take_in(const SiteName& from, std::string_view frame) {
  const bool urgent = begins_urgently(frame);
  auto pass = intake_.admit(from, frame.size(), urgent);
  if (!pass) return note_flood(from);
  FrameCame message{.from = from, .frame = std::string(frame), .urgent = urgent, .pass = std::move(pass)};
  urgent ? addresses_->tell_first(Role::link, std::move(message)) : addresses_->tell(Role::link, std::move(message));
}

void Inbox::note_flood(const SiteName& from) {
  const auto now = std::chrono::steady_clock::now();
  auto& last = floods_noted_[from];
  if (last != std::chrono::steady_clock::time_point{} && now - last < std::chrono::seconds(10)) return;
  last = now;
  spdlog::warn("event=peer_floods peer={} frames_dropped={} text=\"more comes than is taken in\"", from.value,
               frames_refused_total());
}

void Inbox::on_link(const SiteName& peer, Lane lane, bool up) {
  if (lane == Lane::control) {
    addresses_->tell_first(Role::link, LinkChanged{.peer = peer, .up = up});
  } else if (auto* staging = staging_.load()) {
    staging->on_link(peer, up);
  }
}

void Inbox::on_event(BackendEvent event) {
  addresses_->tell(Role::controller, BackendSaid{std::move(event)});
}

void Inbox::on_event(StagingEvent event) {
  addresses_->tell(Role::controller, StagingSaid{std::move(event)});
}

namespace {

// Watches every shell of the site.
class Supervisor : public caf::event_based_actor {
 public:
  Supervisor(caf::actor_config& config, SitePorts ports, std::shared_ptr<Addresses> addresses,
             std::shared_ptr<Committer> committer, std::shared_ptr<Outbox> outbox,
             std::function<void(std::string)> on_fatal)
      : caf::event_based_actor(config),
        ports_(std::move(ports)),
        addresses_(std::move(addresses)),
        committer_(std::move(committer)),
        outbox_(std::move(outbox)),
        on_fatal_(std::move(on_fatal)) {
    set_down_handler([this](const caf::down_msg& message) { went_down(message); });
  }

  caf::behavior make_behavior() override {
    spawn_role(Role::store);
    spawn_role(Role::link);
    spawn_role(Role::backend);
    spawn_role(Role::staging);
    return {[this](const Respawn& message) {
      spawn_role(message.role);
      addresses_->tell(Role::controller, Degraded{});
    }};
  }

  void watch(Role role, const caf::actor& actor) {
    monitor(actor);
    watched_[actor.address()] = role;
    addresses_->set(role, actor);
  }

 private:
  SitePorts ports_;
  std::shared_ptr<Addresses> addresses_;
  std::shared_ptr<Committer> committer_;
  std::shared_ptr<Outbox> outbox_;
  std::function<void(std::string)> on_fatal_;
  std::map<caf::actor_addr, Role> watched_;
  std::map<Role, int> failures_;

  void spawn_role(Role role) {
    switch (role) {
      case Role::store:
        return watch(role, system().spawn<StoreActor, caf::detached>(ports_, addresses_, committer_, outbox_));
      case Role::link:
        return watch(role, system().spawn<LinkActor>(ports_, addresses_));
      case Role::backend:
        return watch(role, system().spawn<BackendActor, caf::detached>(ports_));
      case Role::staging:
        return watch(role, system().spawn<StagingActor, caf::detached>(ports_));
      case Role::controller:
        return;
    }
  }

  void went_down(const caf::down_msg& message) {
    const auto found = watched_.find(message.source);
    if (found == watched_.end()) return;
    const auto role = found->second;
    watched_.erase(found);
    if (message.reason == caf::exit_reason::user_shutdown) return;
    const auto text = "the " + std::string(name_of(role)) + " failed";
    if (role == Role::store || role == Role::controller) {
      on_fatal_(text + "; restart the daemon: what it acknowledged is on disk");
      return;
    }
    const auto pause = std::chrono::milliseconds(100) * (1 << std::min(failures_[role]++, 8));
    spdlog::error("event=actor_failed actor={} restart_in_ms={}", name_of(role), pause.count());
    addresses_->tell(Role::controller, Degraded{.problem = text + " and is being restarted"});
    delayed_send(this, pause, Respawn{role});
  }
};

caf::actor_system_config& configure(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("sharing"));
  // Brain and link share their threads. Each hand-over between threads costs a wake-up: where cores are few, one
  // thread for both is quicker than two.
  config.set("scheduler.max-threads", std::size_t{std::thread::hardware_concurrency() > 2 ? 2u : 1u});
  config.set("logger.verbosity", caf::atom("quiet"));
  return config;
}

}  // namespace

struct SiteSystem::Parts {
  Parts(SitePorts given, std::shared_ptr<Addresses> shared, std::function<void(std::string)> fatal)
      : ports(std::move(given)), addresses(std::move(shared)), on_fatal(std::move(fatal)), system(configure(config)) {}

  SitePorts ports;
  std::shared_ptr<Addresses> addresses;
  std::function<void(std::string)> on_fatal;
  caf::actor_system_config config;
  caf::actor_system system;
  caf::actor supervisor;
};

SiteSystem::SiteSystem(SitePorts ports, std::shared_ptr<Addresses> addresses, std::function<void(std::string)> on_fatal)
    : parts_(std::make_unique<Parts>(std::move(ports), std::move(addresses), std::move(on_fatal))) {}

SiteSystem::~SiteSystem() {
  stop();
}

void SiteSystem::start(std::unique_ptr<Controller> controller, StoredState stored) {
  auto& p = *parts_;
  const auto committer = std::make_shared<Committer>(p.ports);
  const auto outbox = std::make_shared<Outbox>(p.ports, p.addresses, committer);
  auto supervisor = p.system.spawn<Supervisor>(p.ports, p.addresses, committer, outbox, p.on_fatal);
  p.supervisor = supervisor;
  // The brain starts last, when everyone that it speaks to is there.
  while (!p.addresses->get(Role::staging)) std::this_thread::yield();
  const auto brain = p.system.spawn<ControllerActor>(std::move(controller), std::move(stored), p.ports, p.addresses,
                                                     committer, outbox);
  p.addresses->set(Role::controller, brain);
  caf::anon_send(brain, BeginSite{});
  brain->attach_functor([fatal = p.on_fatal](const caf::error& reason) {
    if (reason && reason != caf::exit_reason::user_shutdown) {
      fatal("the controller failed; restart the daemon: what it acknowledged is on disk");
    }
  });
}

void SiteSystem::ask(Caller caller, ApiCall call, std::function<void(ApiReply)> answer) {
  parts_->addresses->tell(Role::controller, UserAsks{std::move(caller), std::move(call), std::move(answer)});
}

void SiteSystem::set_peers(std::vector<KnownSite> known) {
  parts_->addresses->tell(Role::controller, PeersConfigured{std::move(known)});
}

void SiteSystem::set_policy(std::shared_ptr<const Policy> policy) {
  parts_->addresses->tell(Role::controller, PolicyChanged{std::move(policy)});
}

void SiteSystem::stop() {
  auto& p = *parts_;
  const auto brain = p.addresses->get(Role::controller);
  if (!brain) return;
  auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  caf::anon_send(brain, StopSite{.done = [done] { done->set_value(); }});
  finished.wait_for(std::chrono::seconds(5));
  for (const auto role : {Role::controller, Role::link, Role::backend, Role::staging, Role::store}) {
    // In the order of the mailbox: what was said before is still carried out.
    if (const auto actor = p.addresses->get(role)) {
      caf::anon_send(actor, caf::exit_msg{caf::actor_addr{}, caf::exit_reason::user_shutdown});
    }
  }
  p.addresses->clear();
  caf::anon_send_exit(p.supervisor, caf::exit_reason::user_shutdown);
  p.supervisor = nullptr;
  p.system.clock().cancel_all();  // timers hold their actors: nobody waits for them
}

}  // namespace hansa
