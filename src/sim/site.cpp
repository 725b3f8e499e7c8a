#include "src/sim/site.hpp"

#include <algorithm>
#include <utility>

#include "src/placement/registry.hpp"
#include "src/planner/easy_planner.hpp"
#include "src/sim/words.hpp"

namespace hansa::sim {

SimSite::SimSite(SimSiteOptions options, SimSurroundings around)
    : options_(std::move(options)),
      around_(std::move(around)),
      rng_(options_.seed),
      ids_(options_.seed ^ 0x5eed),
      clock_(around_.timeline),
      disk_(around_.timeline, StoreId{ids_.draw()}, disk_owner()),
      machine_(clock_, around_.plan, [this](BackendEvent event) { soon(std::move(event)); },
               {.started = [this](const StartRun& command) { around_.started(name(), command); },
                .ended = [this](const RunKey& run) { around_.ended(name(), run); }}),
      porter_(
          around_.timeline, Rng{options_.seed ^ 0xf11e5}, [this](StagingEvent event) { soon(std::move(event)); },
          [this](const SiteName& peer) { return peer == name() || around_.reachable(name(), peer); }),
      boot_{ids_.draw()} {}

Disk::Owner SimSite::disk_owner() {
  return {.watch = [this](const StoreRecord& record) { around_.durable(name(), record); },
          .durable =
              [this](BatchNumber through) {
                persisted(through, durable_, *this);
                flush();
              },
          .room_changed = [this](bool) { tell_disk_state(); },
          .draw_commit_time = [this] { return commit_time(); },
          .failed = [this] { around_.falls(name(), &SimSite::fail_store); }};
}

Duration SimSite::commit_time() {
  auto takes = some_time(options_.commit_min, options_.commit_spread);
  if (slow_disk_) takes *= 100;
  if (in_next_write_) {
    around_.timeline.after(takes / 2, [what = std::exchange(in_next_write_, nullptr), this, life = life_] {
      if (life == life_) what();
    });
  }
  return takes;
}

void SimSite::tell_disk_state() {
  if (is_up()) controller_->set_disk(low_space_ || disk_.is_full(), 0);
}

void SimSite::set_low_space(bool low) {
  low_space_ = low;
  tell_disk_state();
}

// The brain hears of it from the first commit that finds no room.
void SimSite::set_full_disk(bool full) {
  if (full != disk_.is_full()) note(full ? "has no room on its disk" : "has room again");
  disk_.set_full(full);
  machine_.set_full(full);
  porter_.full = full;
}

void SimSite::forget_faults() {
  set_slow_disk(false);
  set_full_disk(false);
  set_low_space(false);
  disk_.forget_failure();
  in_next_write_ = nullptr;
  ambush_ = {};
  porter_.inputs_fail = 0;
}

Duration SimSite::some_time(Duration min, Duration spread) {
  return min + Duration(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>(spread.count()) + 1)));
}

// Adapters answer from threads of their own: a little later, and to this daemon only.
template <class Event>
void SimSite::soon(Event event) {
  if (!is_up()) return;
  clock_.after(options_.backend_delay, [this, life = life_, event = std::move(event)] {
    if (life != life_) return;
    if constexpr (std::is_same_v<Event, BackendEvent>) note(brief(event));
    dispatch([&](Now now, Effects& out) { controller_->step(now, event, out); });
    flush();
  });
}

void SimSite::start(const std::vector<KnownSite>& peers) {
  if (is_up()) return;
  ++life_;
  note("starts");
  durable_ = {};
  greeted_ = false;
  armed_ = end_of_time;
  auto planner = std::make_unique<EasyPlanner>(options_.pools);
  planner_ = planner.get();
  ControllerParts parts{.planner = std::move(planner),
                        .score = *find_score(default_score),
                        .signatures = &around_.signatures,
                        .ids = &ids_,
                        .daemon = DaemonId{ids_.draw()},
                        .boot = boot_,
                        .abilities = {.holds_leases = true},
                        .seed = rng_.next()};
  auto stored = disk_.load();
  controller_ = std::make_unique<Controller>(options_.controller, std::move(parts), stored);
  tell_disk_state();
  dispatch([&](Now now, Effects& out) { controller_->start(now, std::move(stored), out); });
  dispatch([&](Now now, Effects& out) { controller_->set_peers(now, peers, out); });
  flush();
}

void SimSite::say_goodbye() {
  if (!is_up()) return;
  note("says goodbye");
  dispatch([&](Now now, Effects& out) { controller_->stop(now, out); });
  flush();
}

void SimSite::crash() {
  if (!is_up()) return;
  note("crashes");
  ++life_;
  controller_.reset();
  planner_ = nullptr;
  last_write_landed_.reset();
  if (disk_.is_writing()) last_write_landed_ = rng_.below(2) == 0 && !disk_.is_full();
  disk_.crash(last_write_landed_.value_or(false));
  machine_.daemon_ended();
  porter_.crash();
  to_self_.clear();
  answers_.clear();
  links_.clear();
}

void SimSite::lose_power() {
  crash();
  note("loses power");
  machine_.reboot();
  boot_ = BootId{ids_.draw()};
  clock_.restart();
}

void SimSite::lose_disk() {
  crash();
  note("loses its disk");
  disk_.wipe(StoreId{ids_.draw()});
}

void SimSite::fail_store() {
  note("finds that its disk fails");
  crash();
}

void SimSite::receive(const SiteName& from, const Message& message) {
  if (!is_up()) return;
  if (!is_about_members(message)) note("<- " + from.value + " " + brief(message));
  dispatch([&](Now now, Effects& out) { controller_->step(now, from, message, out); });
  flush();
}

// A new connection begins with what each says of itself.
void SimSite::link(const SiteName& peer, bool up) {
  if (!is_up()) return;
  std::erase(links_, peer);
  if (up) links_.push_back(peer);
  dispatch([&](Now now, Effects& out) { controller_->link(now, peer, up, out); });
  if (const auto hello = controller_->hello(); up && hello && greeted_) around_.send(name(), peer, *hello);
  flush();
}

void SimSite::call(const Caller& caller, const ApiCall& call, std::function<void(const ApiReply&)> answer) {
  if (!is_up()) return;
  last_ticket_ = last_ticket_.next();
  answers_.emplace(last_ticket_, std::move(answer));
  dispatch([&](Now now, Effects& out) { controller_->call(now, last_ticket_, caller, call, out); });
  flush();
}

template <class Step>
void SimSite::dispatch(Step step) {
  Effects effects;
  step(clock_.both(), effects);
  perform(std::move(effects), durable_, *this);
}

void SimSite::flush() {
  while (!to_self_.empty()) {
    const auto message = std::move(to_self_.front());
    to_self_.pop_front();
    note("<- itself " + brief(message.message));
    dispatch([&](Now now, Effects& out) { controller_->step(now, name(), message.message, out); });
  }
  if (const auto hello = controller_->hello(); hello && !greeted_) {
    greeted_ = true;
    for (const auto& peer : links_) around_.send(name(), peer, *hello);
  }
  arm();
  look_for_sign();
}

void SimSite::look_for_sign() {
  if (!ambush_.first || !ambush_.first(*this)) return;
  around_.timeline.after(Duration{0}, std::exchange(ambush_, {}).second);
}

void SimSite::arm() {
  const auto next = controller_->deadline();
  if (!next || *next >= armed_) return;
  armed_ = *next;
  clock_.at(*next, [this, life = life_, at = armed_] {
    if (life != life_ || at != armed_) return;
    armed_ = end_of_time;
    dispatch([&](Now now, Effects& out) { controller_->tick(now, out); });
    flush();
  });
}

void SimSite::send(Send message) {
  around_.leaves(name(), message);
  if (message.to == name()) {
    to_self_.push_back(std::move(message));
  } else {
    around_.send(name(), message.to, std::move(message.message));
  }
}

void SimSite::commit(BatchNumber batch, std::vector<StoreRecord> records) {
  disk_.commit(batch, std::move(records));
}

void SimSite::release(DurablePart part) {
  for (auto& message : part.send) send(std::move(message));
  for (auto& command : part.backend) {
    clock_.after(options_.backend_delay, [this, life = life_, command = std::move(command)] {
      if (life != life_) return;
      note(brief(command));
      machine_.perform(command);
    });
  }
  for (auto& command : part.staging) porter_.perform(command);
  for (auto& reply : part.replies) {
    const auto waiting = answers_.extract(reply.ticket);
    if (waiting) waiting.mapped()(reply.reply);
  }
}

}  // namespace hansa::sim
