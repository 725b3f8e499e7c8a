#include "src/sim/chaos.hpp"

namespace hansa::sim {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const Caller an_operator{.user = "root", .is_operator = true};

}  // namespace

Chaos::Chaos(Federation& federation, Rng rng)
    : federation_(federation),
      rng_(rng),
      crashes_(chance(0.7)),
      power_cuts_(chance(0.3)),
      disk_losses_(chance(0.2)),
      drifts_(chance(0.5)),
      pace_(some_time(seconds(3), seconds(25))) {
  const auto add = [this](double p, Trouble trouble) {
    if (chance(p)) troubles_.push_back(trouble);
  };
  if (crashes_ || power_cuts_ || disk_losses_) troubles_.insert(troubles_.end(), 3, &Chaos::crash);
  add(0.6, &Chaos::cut_ways);
  add(0.4, &Chaos::slow_a_way);
  add(0.3, &Chaos::drain);
  add(0.3, &Chaos::slow_the_disk);
  add(0.4, &Chaos::fill_the_disk);
  add(0.3, &Chaos::fail_a_write);
  add(drifts_ ? 1 : 0, &Chaos::bend_the_clock);
  add(0.3, &Chaos::set_the_clock_wrong);
  network_.latency_spread = some_time(milliseconds(1), milliseconds(200));
  if (chance(0.7)) network_.loss = 0.15 * rng_.unit();
  if (chance(0.7)) network_.repetition = 0.2 * rng_.unit();
  if (chance(0.5)) network_.straggling = 0.05 * rng_.unit();
}

void Chaos::reign(Instant until) {
  until_ = until;
  federation_.network().set_faults(network_);
  for (auto& site : federation_.sites()) {
    site->porter().inputs_fail = 0.05;
    if (drifts_) site->clock().set_rate(some_rate());
  }
  if (!troubles_.empty()) strike();
}

void Chaos::strike() {
  federation_.timeline().after(some_time(milliseconds(100), pace_), [this] {
    if (now() >= until_) return;
    const auto trouble = troubles_[rng_.below(troubles_.size())];
    auto& site = any_site();
    switch (rng_.below(3)) {
      case 0:
        strike(trouble, site);
        break;
      case 1:  // what is being written is there for milliseconds only, and it is what faults bite most
        site.in_next_write([this, trouble, &site] { strike(trouble, site); });
        break;
      default:
        lie_in_wait(trouble, site);
    }
    strike();
  });
}

void Chaos::strike(Trouble trouble, SimSite& site) {
  if (now() < until_) (this->*trouble)(site);
}

// For a state of the protocol that is rare or short: the site that is in it is struck, or the one with the other half.
void Chaos::lie_in_wait(Trouble trouble, SimSite& site) {
  constexpr RunRow rarest[] = {RunRow::claiming, RunRow::stopping, RunRow::not_looked_for};
  const bool rare = chance(0.4);
  const bool job = !rare && chance(0.5);
  const auto state = rare ? static_cast<std::size_t>(rarest[rng_.below(3)]) : rng_.below(job ? job_rows : run_rows);
  const Coverage::Row row{.side = Side::own,
                          .of = job ? Coverage::Row::Of::job : Coverage::Row::Of::run,
                          .state = static_cast<std::uint8_t>(state),
                          .being_written = !rare && chance(0.5)};
  site.at_sign([row](const SimSite& at) { return at.is_up() && find_in(at, row).has_value(); },
               [this, trouble, &site, row, at_other = chance(0.5)] {
                 const auto other = site.is_up() ? find_in(site, row) : std::nullopt;
                 strike(trouble, at_other && other ? federation_.site(*other) : site);
               });
}

void Chaos::lasts(Fault fault, const SimSite& site, Instant until) {
  federation_.strikes(fault, site);
  federation_.timeline().after(seconds(1), [this, fault, &site, until] {
    if (now() < std::min(until, until_)) lasts(fault, site, until);
  });
}

void Chaos::lasts(Fault fault, const SimSite& a, const SimSite& b, Instant until) {
  federation_.strikes(fault, a, b);
  federation_.timeline().after(seconds(1), [this, fault, &a, &b, until] {
    if (now() < std::min(until, until_)) lasts(fault, a, b, until);
  });
}

// --- Daemons and machines -------------------------------------------------------------------------------------------

void Chaos::crash(SimSite& site) {
  if (!site.is_up()) return;
  auto how = crashes_ ? &SimSite::crash : nullptr;
  if (power_cuts_ && chance(0.3)) how = &SimSite::lose_power;
  if (disk_losses_ && chance(0.2)) how = &SimSite::lose_disk;
  if (how == nullptr) return;
  if (chance(0.2)) {
    federation_.strikes(Fault::goodbye, site);
    site.say_goodbye();
  }
  const auto store = site.disk().id();
  federation_.crash(site, how);
  // Not before: what was under way to the old disk when the daemon died may still have reached it.
  if (how == &SimSite::lose_disk) federation_.judge().disk_lost(site.name(), store);
  const auto away = chance(0.7) ? some_time(milliseconds(10), seconds(5)) : some_time(seconds(5), seconds(120));
  federation_.timeline().after(away, [this, &site] { federation_.start(site); });
}

void Chaos::drain(SimSite& site) {
  if (!site.is_up()) return;
  federation_.strikes(Fault::drain, site);
  site.call(an_operator, ActOnSite{SiteAct::drain}, [](const ApiReply&) {});
  federation_.timeline().after(some_time(seconds(5), seconds(60)), [this, &site] { resume(site); });
}

void Chaos::resume(SimSite& site) {
  site.call(an_operator, ActOnSite{SiteAct::resume}, [](const ApiReply&) {});
}

// --- Disks ----------------------------------------------------------------------------------------------------------

void Chaos::slow_the_disk(SimSite& site) {
  const auto time = some_time(seconds(1), seconds(10));
  site.set_slow_disk(true);
  lasts(Fault::slow_disk, site, now() + time);
  federation_.timeline().after(time, [&site] { site.set_slow_disk(false); });
}

// Mostly the daemon is told first that little is left.
void Chaos::fill_the_disk(SimSite& site) {
  const auto warned = chance(0.7) ? some_time(milliseconds(10), seconds(10)) : Duration{0};
  const auto full = chance(0.8) ? some_time(milliseconds(100), seconds(40)) : Duration{0};
  if (warned > Duration{0}) {
    site.set_low_space(true);
    lasts(Fault::low_space, site, now() + warned);
  }
  federation_.timeline().after(warned, [this, &site, full] {
    if (full == Duration{0} || now() >= until_) return;
    site.set_full_disk(true);
    lasts(Fault::full_disk, site, now() + full);
  });
  federation_.timeline().after(warned + full, [&site] {
    site.set_full_disk(false);
    site.set_low_space(false);
  });
}

void Chaos::fail_a_write(SimSite& site) {
  site.fail_next_write();
}

// --- Clocks ---------------------------------------------------------------------------------------------------------

// Any two differ by less than the bound that the origin allows for.
std::int64_t Chaos::some_rate() {
  constexpr std::int64_t most_ppm = 490;
  return static_cast<std::int64_t>(rng_.below(2 * most_ppm + 1)) - most_ppm;
}

void Chaos::bend_the_clock(SimSite& site) {
  federation_.strikes(Fault::clock_rate, site);
  site.clock().set_rate(some_rate());
}

void Chaos::set_the_clock_wrong(SimSite& site) {
  federation_.strikes(Fault::wall_clock, site);
  site.clock().set_wall_error(some_time(-hours(12), hours(12)));
}

// --- Ways -----------------------------------------------------------------------------------------------------------

void Chaos::cut_ways(SimSite& a) {
  for (const auto& b : federation_.sites()) {
    if (b.get() == &a || chance(0.3)) continue;
    const bool deaf = chance(0.2);
    if (deaf) {
      federation_.network().deafen(a.name(), b->name());
    } else {
      federation_.network().cut(a.name(), b->name());
    }
    const auto away = chance(0.5) ? some_time(seconds(1), seconds(20)) : some_time(seconds(20), seconds(150));
    lasts(deaf ? Fault::deaf : Fault::cut, a, *b, now() + away);
    federation_.timeline().after(away, [this, &a, b = b.get()] { federation_.network().heal(a.name(), b->name()); });
  }
}

void Chaos::slow_a_way(SimSite& from) {
  const auto& to = any_site();
  if (&from == &to) return;
  const auto time = some_time(seconds(2), seconds(60));
  federation_.network().set_way(from.name(), to.name(),
                                {.delay = some_time(milliseconds(100), seconds(8)), .loss = 0.5 * rng_.unit()});
  lasts(Fault::slow_way, from, to, now() + time);
  federation_.timeline().after(time, [this, &from, &to] { federation_.network().set_way(from.name(), to.name(), {}); });
}

void Chaos::end() {
  until_ = now();
  federation_.network().set_faults({});
  federation_.network().heal_all();
  for (auto& site : federation_.sites()) {
    site->forget_faults();
    federation_.start(*site);
    resume(*site);
  }
}

}  // namespace hansa::sim
