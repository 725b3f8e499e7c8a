#include "tests/model/deeds.hpp"

#include <algorithm>

#include "tests/model/inside.hpp"

namespace hansa::model {
namespace {

using Offers = std::vector<Offer>;

bool is_over(const RunRecord& record) {
  return record.state == RunState::revoked || record.state == RunState::returned || record.state == RunState::finished;
}

std::uint32_t detail(const RunKey& run) {
  return static_cast<std::uint32_t>(run_index(run));
}

constexpr Duration stop_time = std::chrono::seconds(1);

// What its runs do by themselves, with or without a daemon.
void add_machine(const Site& site, Offers& to) {
  for (const auto& [key, run] : site.machine.runs()) {
    const bool leased = run.lease_until != end_of_time;
    const bool near_end = leased && site.host_clock + stop_time >= run.lease_until;
    if (run.stage == Machine::Stage::starting && !near_end) to.push_back({Deed::wrapper_starts, detail(key)});
    if (run.stage == Machine::Stage::starting && near_end) to.push_back({Deed::run_outlives_lease, detail(key)});
    if (run.stage == Machine::Stage::starting) to.push_back({Deed::wrapper_fails, detail(key), Fault::no_start});
    // Under a lease runs are taken to be longer than it.
    if (Machine::is_alive(run) && !site.world->leased()) to.push_back({Deed::run_ends, detail(key)});
    if (run.stage == Machine::Stage::running) to.push_back({Deed::node_fails, detail(key), Fault::node_failure});
    if (run.stage == Machine::Stage::stopping) to.push_back({Deed::run_dies, detail(key)});
    if (Machine::is_alive(run) && near_end) to.push_back({Deed::run_outlives_lease, detail(key)});
  }
}

// Timers, by their kind.
void add_timers(const Site& site, Offers& to) {
  if (site.world->leased()) return;  // they fire when time passes
  const auto soon = [](std::optional<Instant> at, Instant now) { return at && *at < now + patience / 2; };
  if (soon(site.origin.deadline(), site.origin_clock)) to.push_back({Deed::origin_repeats});
  if (soon(site.host.deadline(), site.host_clock)) to.push_back({Deed::host_repeats});
  const auto& jobs = site.origin.jobs();
  const auto any_job = [&](auto is) {
    return std::any_of(jobs.begin(), jobs.end(), [&](const auto& job) { return is(job.second.record); });
  };
  const auto waits_with_patience = [](const JobRecord& r) {
    return std::holds_alternative<Awarding>(r.state) || r.checkpoint->awaited();
  };
  if (any_job(waits_with_patience)) {
    to.push_back({Deed::origin_loses_patience});
  }
  // No disk takes as long to write as things are remembered.
  const bool written = site.disk.batches.empty();
  if (written && any_job([](const JobRecord& r) { return std::holds_alternative<Ended>(r.state); })) {
    to.push_back({Deed::origin_forgets});
  }
  if (site.host.bidder().live_count() > 0) to.push_back({Deed::bids_expire});
  const auto& runs = site.host.runs();
  if (written && std::any_of(runs.begin(), runs.end(), [](const auto& run) { return is_over(run.second.record); })) {
    to.push_back({Deed::host_forgets});
  }
}

void add_host(const Site& site, Offers& to) {
  for (const auto& [key, run] : site.host.runs()) {
    if (site.ready && site.host.is_ready(run, site.host_clock)) to.push_back({Deed::start, detail(key)});
    if (!is_over(run.record)) to.push_back({Deed::give_back, detail(key), Fault::return_});
  }
}

void add_origin(const Site& site, Offers& to) {
  for (const auto& [id, job] : site.origin.jobs()) {
    const auto which = static_cast<std::uint32_t>(job_index(id));
    const auto* delegated = std::get_if<Delegated>(&job.record.state);
    const bool may_go_home = site.world->own_queue && site.ready && job.record.epoch.value < site.world->epochs;
    // With leases the first place is the host's, since nothing at home has one.
    const bool host_first = site.world->leased() && job.record.epoch.value == 0;
    if (may_go_home && !host_first && site.origin.is_placeable(id) && !site.host.has_business_with(id)) {
      to.push_back({Deed::go_home, which});
    }
    to.push_back({Deed::cancel, which, Fault::cancel});
    if (!delegated) continue;
    to.push_back({Deed::move, which, Fault::move});
    to.push_back({Deed::give_up, which, Fault::give_up});
    if (delegated->host != site_name(0)) to.push_back({Deed::rerun, which, Fault::rerun});
  }
}

std::optional<std::string> wrong_start(const Site& site, const RunKey& run) {
  if (site.witness.started & bit(run)) return "one run started twice";
  if (site.witness.said_over & bit(run)) return "a run started after its host had said that it does not run there";
  const bool stray = (site.witness.lost & bit(run)) != 0 || site.store > 0;
  if (!site.disk.runs.contains(run) && !stray) return "a run started that is not on disk";
  return std::nullopt;
}

void start_wrapper(Site& site, const RunKey& run, Outcomes& out) {
  if (const auto wrong = wrong_start(site, run)) out.broken = *wrong;
  site.witness.started = static_cast<RunSet>(site.witness.started | bit(run));
  site.machine.wrapper_starts(run);
}

void fail_node(Site& site, const RunKey& run) {
  site.witness.failed = static_cast<RunSet>(site.witness.failed | bit(run));
  site.machine.fails(run);
}

void end_run(Site& site, const RunKey& run) {
  site.witness.ended_alone = static_cast<RunSet>(site.witness.ended_alone | bit(run));
  site.machine.ends(run);
}

template <class Act>
void command(Site& site, Outcomes& out, Act act) {
  Effects effects;
  act(effects);
  site.carry_out(std::move(effects), out);
}

void start_run(Site& site, const RunKey& run, Outcomes& out) {
  const Allocation where{.pool = "cpu", .per_node = {.cores = 1}, .nodes = {{.node = 0}}};
  command(site, out, [&](Effects& effects) { site.host.start(site.host_now(), run, where, effects); });
}

}  // namespace

std::vector<Offer> offers(const Site& site) {
  Offers to;
  add_machine(site, to);
  if (site.frozen) return to;
  if (!site.disk.batches.empty()) to.push_back({Deed::flush});
  if (!site.machine.events().empty()) to.push_back({Deed::take_event});
  add_timers(site, to);
  add_host(site, to);
  add_origin(site, to);
  if (site.index == 0) {
    const bool promised = (site.witness.acknowledged & 2) != 0 || site.job(1) != nullptr;
    if (site.store > 0 && site.ready && !promised) to.push_back({Deed::submit_anew});
    to.push_back({Deed::lose_disk, 0, Fault::origin_disk_loss});
    to.push_back({Deed::freeze, 0, Fault::origin_freeze});
  } else if (!site.host.runs().empty()) {
    to.push_back({Deed::let_go, 0, Fault::let_go});
  }
  const auto crash = site.index == 0 ? Fault::origin_crash : Fault::host_crash;
  to.push_back({Deed::crash, 0, crash});
  if (!site.disk.batches.empty()) to.push_back({Deed::crash_at_write, 0, crash});
  if (site.index == 0) return to;
  if (site.world->leased()) to.push_back({Deed::reboot, 0, Fault::reboot});
  to.push_back({Deed::lose_disk, 0, Fault::disk_loss});
  to.push_back({Deed::freeze, 0, Fault::freeze});
  return to;
}

void apply(Site& site, const Offer& offer, Outcomes& out) {
  const auto job = [&] { return job_id(offer.detail); };
  const auto run = [&] { return run_key(offer.detail); };
  switch (offer.deed) {
    case Deed::flush:
      return site.flush(out);
    case Deed::take_event:
      return site.take_event(out);
    case Deed::origin_repeats:
      return site.tick_origin(*site.origin.deadline(), out);
    case Deed::origin_loses_patience:
      return site.tick_origin(site.origin_clock + 2 * patience, out);
    case Deed::origin_forgets:
      return site.tick_origin(site.origin_clock + 2 * memory, out);
    case Deed::host_repeats:
      return site.tick_host(*site.host.deadline(), out);
    case Deed::bids_expire:
      return site.tick_host(site.host_clock + 2 * patience, out);
    case Deed::host_forgets:
      return site.tick_host(site.host_clock + 2 * memory, out);
    case Deed::wrapper_starts:
      return start_wrapper(site, run(), out);
    case Deed::wrapper_fails:
      return site.machine.wrapper_fails(run());
    case Deed::run_ends:
      return end_run(site, run());
    case Deed::node_fails:
      return fail_node(site, run());
    case Deed::run_dies:
      return site.machine.dies(run());
    case Deed::run_outlives_lease:
      return site.machine.outlives(run());
    case Deed::start:
      return start_run(site, run(), out);
    case Deed::go_home:
      return site.go_home(offer.detail, out);
    case Deed::give_back:
      return command(site, out, [&](Effects& effects) {
        site.host.give_back(site.host_now(), run(), ReturnReason::operator_order, "", effects);
      });
    case Deed::crash:
      return site.crash(out);
    case Deed::crash_at_write:
      site.write(out);
      return site.crash(out);
    case Deed::reboot:
      return site.reboot(out);
    case Deed::lose_disk:
      return site.lose_disk(out);
    case Deed::freeze:
      site.frozen = true;
      return;
    case Deed::cancel:
      return site.cancel(offer.detail, out);
    case Deed::move:
      return command(site, out, [&](Effects& effects) { site.origin.move(site.origin_now(), job(), effects); });
    case Deed::rerun:
      return site.rerun(offer.detail, out);
    case Deed::give_up:
      return command(site, out, [&](Effects& effects) { site.origin.give_up(site.origin_now(), job(), "", effects); });
    case Deed::submit_anew:
      return site.submit_anew(out);
    case Deed::let_go:
      return site.let_go(out);
    case Deed::hear:
    case Deed::refuse:
    case Deed::mint:
    case Deed::award:
    case Deed::learn:
    case Deed::forget:
    case Deed::pass:
    case Deed::lose_all:
      return;
  }
}

bool pass(Site& site, Outcomes&) {
  const auto step = site.world->times.rates[site.index];
  for (const auto& [key, run] : site.machine.runs()) {
    if (Machine::is_alive(run) && run.lease_until < site.host_clock + step) return false;
  }
  site.origin_clock += step;
  site.host_clock += step;
  return true;
}

std::string describe(SiteIndex site, const Offer& offer) {
  const auto who = site_name(site).value;
  const auto job = [&] { return " job " + std::to_string(offer.detail + 1); };
  const auto run = [&] { return " run " + brief(run_key(offer.detail)); };
  switch (offer.deed) {
    case Deed::flush:
      return who + ": the next batch is on disk";
    case Deed::take_event:
      return who + ": the daemon hears its machine";
    case Deed::origin_repeats:
      return who + ": the origin repeats what was not answered";
    case Deed::origin_loses_patience:
      return who + ": the origin has waited long enough for its award";
    case Deed::origin_forgets:
      return who + ": the history time is over";
    case Deed::host_repeats:
      return who + ": the host repeats what was not answered";
    case Deed::bids_expire:
      return who + ": its bids expire";
    case Deed::host_forgets:
      return who + ": the retention time is over";
    case Deed::wrapper_starts:
      return who + ": the wrapper takes the marker and starts" + run();
    case Deed::wrapper_fails:
      return who + ": the machine refuses" + run();
    case Deed::run_ends:
      return who + ": ends by itself" + run();
    case Deed::node_fails:
      return who + ": the node FAILS of" + run();
    case Deed::run_dies:
      return who + ": dies of its stop" + run();
    case Deed::run_outlives_lease:
      return who + ": is ended by its lease" + run();
    case Deed::start:
      return who + ": the planner starts" + run();
    case Deed::go_home:
      return who + ": takes into its own queue" + job();
    case Deed::give_back:
      return who + ": its operator gives back" + run();
    case Deed::crash:
      return who + " CRASHES and restarts from its disk";
    case Deed::crash_at_write:
      return who + " CRASHES when its next batch is on disk, before anything follows from that";
    case Deed::reboot:
      return who + " REBOOTS: its runs are dead, its clock begins anew";
    case Deed::lose_disk:
      return who + " LOSES ITS DISK and comes back with a new store";
    case Deed::freeze:
      return who + " FREEZES for ever";
    case Deed::cancel:
      return who + ": its user cancels" + job();
    case Deed::move:
      return who + ": a better place is found for" + job();
    case Deed::rerun:
      return who + ": its user has run again" + job();
    case Deed::give_up:
      return who + ": the origin would give up" + job();
    case Deed::submit_anew:
      return who + ": a new job is submitted, as job 2, under the number of the lost one";
    case Deed::let_go:
      return who + ": its operator holds the origin for dead";
    case Deed::hear:
    case Deed::refuse:
    case Deed::mint:
    case Deed::award:
    case Deed::learn:
    case Deed::forget:
      break;
    case Deed::pass:
      return "time passes";
    case Deed::lose_all:
      return "THE NETWORK LOSES ALL THAT IS IN TRANSIT";
  }
  return who;
}

}  // namespace hansa::model
