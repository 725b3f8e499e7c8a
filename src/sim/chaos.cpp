#include "src/sim/chaos.hpp"

namespace hansa::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

Chaos::Chaos(Federation& federation, Rng rng)
    : federation_(federation),
      rng_(rng),
      crashes_(chance(0.7)),
      power_cuts_(chance(0.3)),
      disk_losses_(chance(0.2)),
      partitions_(chance(0.6)),
      slow_disks_(chance(0.3)),
      drains_(chance(0.3)),
      pace_(some_time(seconds(5), seconds(40))) {
  network_.latency_spread = some_time(milliseconds(1), milliseconds(200));
  if (chance(0.7)) network_.loss = 0.15 * rng_.unit();
  if (chance(0.7)) network_.repetition = 0.2 * rng_.unit();
  if (chance(0.5)) network_.straggling = 0.05 * rng_.unit();
}

void Chaos::reign(Instant until) {
  until_ = until;
  federation_.network().set_faults(network_);
  for (auto& site : federation_.sites()) site->porter().inputs_fail = 0.05;
  strike();
}

void Chaos::strike() {
  federation_.timeline().after(some_time(milliseconds(100), pace_), [this] {
    if (federation_.timeline().now() >= until_) return;
    switch (rng_.below(5)) {
      case 0:
      case 1:
        crash_a_site();
        break;
      case 2:
        if (partitions_) part_the_network();
        break;
      case 3:
        if (drains_) drain_a_site();
        break;
      default:
        if (slow_disks_) slow_a_disk();
    }
    strike();
  });
}

void Chaos::crash_a_site() {
  auto& site = any_site();
  if (!site.is_up()) return;
  auto how = crashes_ ? &SimSite::crash : nullptr;
  if (power_cuts_ && chance(0.3)) how = &SimSite::lose_power;
  if (disk_losses_ && chance(0.2)) how = &SimSite::lose_disk;
  if (how == nullptr) return;
  if (chance(0.2)) site.say_goodbye();
  const auto store = site.disk().id();
  federation_.crash(site, how);
  // Not before: what was under way to the old disk when the daemon died may still have reached it.
  if (how == &SimSite::lose_disk) federation_.judge().disk_lost(site.name(), store);
  const auto away = chance(0.7) ? some_time(milliseconds(10), seconds(5)) : some_time(seconds(5), seconds(120));
  federation_.timeline().after(away, [this, &site] { federation_.start(site); });
}

void Chaos::part_the_network() {
  const auto& a = any_site();
  for (const auto& b : federation_.sites()) {
    if (b.get() == &a || chance(0.3)) continue;
    if (chance(0.2)) {
      federation_.network().deafen(a.name(), b->name());
    } else {
      federation_.network().cut(a.name(), b->name());
    }
    const auto away = chance(0.5) ? some_time(seconds(1), seconds(20)) : some_time(seconds(20), seconds(150));
    federation_.timeline().after(away, [this, &a, b = b.get()] { federation_.network().heal(a.name(), b->name()); });
  }
}

void Chaos::drain_a_site() {
  auto& site = any_site();
  if (!site.is_up()) return;
  site.call({.user = "root", .is_operator = true}, ActOnSite{SiteAct::drain}, [](const ApiReply&) {});
  federation_.timeline().after(some_time(seconds(5), seconds(60)), [this, &site] { resume(site); });
}

void Chaos::resume(SimSite& site) {
  site.call({.user = "root", .is_operator = true}, ActOnSite{SiteAct::resume}, [](const ApiReply&) {});
}

void Chaos::slow_a_disk() {
  auto& site = any_site();
  site.set_slow_disk(true);
  federation_.timeline().after(some_time(seconds(1), seconds(10)), [&site] { site.set_slow_disk(false); });
}

void Chaos::end() {
  until_ = federation_.timeline().now();
  federation_.network().set_faults({});
  federation_.network().heal_all();
  for (auto& site : federation_.sites()) {
    site->set_slow_disk(false);
    site->porter().inputs_fail = 0;
    federation_.start(*site);
    resume(*site);
  }
}

}  // namespace hansa::sim
