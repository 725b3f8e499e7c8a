#include "tests/model/site.hpp"

#include <algorithm>

#include "protocol/handoff/rules.hpp"
#include "tests/model/inside.hpp"

namespace hansa::model {
namespace {

OriginOptions origin_options(const Case& world) {
  OriginOptions options;
  if (!world.leased()) {
    options.resend = {.first = repeat_wait, .last = repeat_wait};
    options.award_patience = patience;
    options.checkpoint_patience = patience;
    options.history = memory;
  } else {
    options.resend = {.first = world.times.lease, .last = world.times.lease};
    options.award_patience = memory;
    options.checkpoint_patience = memory;
    options.history = memory;
    options.drift_bound = world.times.drift_bound;
    options.lease_margin = std::chrono::seconds(1);
  }
  return options;
}

HostOptions host_options(const Case& world) {
  HostOptions options;
  options.resend = origin_options(world).resend;
  options.retention = memory;
  options.renewals_per_lease = 2;
  options.stop_time = std::chrono::seconds(1);
  return options;
}

}  // namespace

Site::Site(const Case& in, SiteIndex which)
    : world(&in),
      index(which),
      origin_clock(Instant{} + std::chrono::seconds(1)),
      host_clock(origin_clock),
      origin(site_name(which), store_of(which, 0), origin_options(in)),
      host(site_name(which), daemon_of(which, 0), {}, host_options(in)) {}

bool Site::alive(const RunKey& run) const {
  const auto found = machine.runs().find(run);
  return found != machine.runs().end() && Machine::is_alive(found->second);
}

// --- Effects --------------------------------------------------------------------------------------------------------

struct Site::Performer {
  Site& site;
  Outcomes& out;

  void send(Send message) {
    if (out.broken.empty()) out.broken = judge_saying(site, message);
    witness_saying(site, message);
    out.sent.push_back(std::move(message));
  }
  void publish(const FederationEvent&) {}
  void cut_off(const SiteName&) {}
  void commit(BatchNumber batch, std::vector<StoreRecord> records) {
    site.disk.batches.emplace_back(batch, std::move(records));
  }
  void release(DurablePart part) {
    for (auto& message : part.send) send(std::move(message));
    for (const auto& command : part.backend) site.machine.perform(command);
    for (const auto& command : part.staging) stage(command);
    for (const auto& reply : part.replies) answer(reply.ticket);
  }
  // Files come and go in no time: nothing depends on how long they take.
  void stage(const StagingCommand& command) {
    StagingEvent event;
    if (const auto* collect = std::get_if<CollectOutputs>(&command)) {
      OutputsCollected collected{.run = collect->run};
      collected.outputs.bytes[0] = site.world->outputs ? 1 : 0;
      event = collected;
    } else if (const auto* pull = std::get_if<PullOutputs>(&command)) {
      event = OutputsHome{.run = pull->run};
    } else if (const auto* bring = std::get_if<BringCheckpoint>(&command)) {
      event = CheckpointHome{.run = bring->run, .host = bring->host, .payload = EncodedPayload{}};
    } else {
      return;
    }
    site.machine.events().emplace_back(std::move(event));
  }
  // Whoever is told that a host was forgotten may count on it: no job is delegated there by an epoch of before.
  void answer_forget(SiteIndex host) {
    for (const auto& [id, record] : site.disk.jobs) {
      const auto* delegated = std::get_if<Delegated>(&record.state);
      if (!delegated || delegated->host != site_name(host)) continue;
      const auto run = bit({.job = id, .epoch = record.epoch});
      if (site.witness.given_up & run) out.broken = "a forget was acknowledged that a crash would undo";
    }
  }
  void answer(const Ticket& ticket) {
    if (ticket.value >= forget_ticket) return answer_forget(static_cast<SiteIndex>(ticket.value - forget_ticket));
    const bool cancels = ticket.value >= cancel_ticket;
    const auto job = ticket.value % cancel_ticket;
    const auto record = site.disk.jobs.find(job_id(job));
    const bool known = record != site.disk.jobs.end();
    const bool meant = known && (record->second.cancel_wished || std::holds_alternative<Ended>(record->second.state));
    if (cancels && known && !meant) out.broken = "a cancel was acknowledged that a crash would undo";
    if (!cancels && !known) out.broken = "a submission was acknowledged that a crash would undo";
    auto& jobs = cancels ? site.witness.cancel_acknowledged : site.witness.acknowledged;
    jobs = static_cast<std::uint8_t>(jobs | (1u << job));
  }
};

// What changed is for the planner and the market, which are no part of this.
void Site::carry_out(Effects effects, Outcomes& out) {
  origin.take_changed();
  host.take_changed();
  host.bidder().take_dead();
  Performer performer{*this, out};
  perform(std::move(effects), queue, performer);
}

BatchNumber Site::write(Outcomes& out) {
  auto [batch, records] = std::move(disk.batches.front());
  disk.batches.pop_front();
  for (const auto& record : records) {
    if (out.broken.empty()) out.broken = judge_writing(*this, record);
    witness_writing(*this, record);
    if (const auto* put = std::get_if<PutJob>(&record)) disk.jobs.insert_or_assign(put->record.id, put->record);
    if (const auto* put = std::get_if<PutRun>(&record)) disk.runs.insert_or_assign(put->record.key, put->record);
    if (const auto* drop = std::get_if<DropJob>(&record)) disk.jobs.erase(drop->job);
    if (const auto* drop = std::get_if<DropRun>(&record)) disk.runs.erase(drop->run);
    if (const auto* put = std::get_if<PutFact>(&record)) disk.job_number = put->value;
  }
  return batch;
}

void Site::flush(Outcomes& out) {
  const auto batch = write(out);
  Performer performer{*this, out};
  persisted(batch, queue, performer);
}

// --- Lives of the daemon --------------------------------------------------------------------------------------------

void Site::start(Outcomes& out) {
  origin = Origin(site_name(index), store_of(index, store), origin_options(*world));
  BootId booted;
  booted.bytes[0] = boot;
  host = Host(site_name(index), daemon_of(index, life), booted, host_options(*world));
  queue = {};
  // Where no disk is lost there is nothing to learn.
  const bool learns = world->may_strike(Fault::disk_loss) || world->may_strike(Fault::origin_disk_loss);
  known_store.fill(life > 0 && learns ? 0xff : 0);
  std::vector<JobRecord> jobs;
  for (const auto& [id, record] : disk.jobs) jobs.push_back(record);
  std::vector<RunRecord> runs;
  for (const auto& [key, record] : disk.runs) runs.push_back(record);
  Effects effects;
  origin.restore(origin_now(), std::move(jobs), disk.job_number, effects);
  host.restore(host_now(), std::move(runs), effects);
  carry_out(std::move(effects), out);
  // Without that rule a daemon opens its doors at once.
  ready = !rule(Rule::stray_runs_are_stopped);
}

void Site::crash(Outcomes& out) {
  machine.daemon_died();
  disk.batches.clear();
  ++life;
  // A human's word that was not on disk was not given.
  for (const auto& [id, record] : disk.jobs) {
    if (!host_of(record.state)) continue;
    for (auto epoch = record.epoch.value; epoch <= epochs_max; ++epoch) {
      witness.given_up = static_cast<RunSet>(witness.given_up & ~bit({.job = id, .epoch = Epoch{epoch}}));
    }
  }
  for (const auto& [key, record] : disk.runs) {
    if (!record.forgotten) witness.let_go = static_cast<RunSet>(witness.let_go & ~bit(key));
  }
  start(out);
}

void Site::lose_disk(Outcomes& out) {
  disk = {};
  ++store;
  witness.lost = static_cast<RunSet>(witness.lost | witness.started);
  crash(out);
}

// The machine's clock counts from its boot, so it begins anew.
void Site::reboot(Outcomes& out) {
  ++boot;
  witness.lost = static_cast<RunSet>(witness.lost | witness.started);
  machine.power_lost();
  host_clock = origin_clock = Instant{} + std::chrono::seconds(1);
  crash(out);
}

// --- What comes in --------------------------------------------------------------------------------------------------

// Numbers are alike in a timeless case: a Confirm of this daemon's life stands for one whose number can still be
// answered. An accepted run that spoke in this life has one; for a run in any other state a Confirm does nothing.
Confirm Site::with_live_number(const Confirm& message, SiteIndex from) const {
  auto confirm = message;
  const auto* run = host.find(message.run);
  if (!run || run->record.state != RunState::accepted) return confirm;
  for (const auto& [count, grant] : InsideView::grants(host)) {
    if (grant.origin == site_name(from)) confirm.number.count = count;
  }
  return confirm;
}

void Site::hear(SiteIndex from, const Message& message, bool refuses, Outcomes& out) {
  if (!ready || frozen) return;
  Effects effects;
  const auto& sender = site_name(from);
  std::visit(
      [&](const auto& content) {
        using M = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<M, Award>) {
          const auto refusal = refuses ? std::optional(DeclineReason::draining) : std::nullopt;
          for (const auto& task : content.tasks) {
            // Controller: a store belongs to one site, and it is known which it has.
            const bool known = known_store[from] == task.run.job.store.bytes[1];
            if (!known && world->may_strike(Fault::origin_disk_loss)) continue;
            // Each answer to a repeated award has a number of its own; with leases one is enough.
            if (world->leased() && host.find(task.run)) continue;
            host.step(host_now(), sender, task, refusal, effects);
          }
        } else if constexpr (std::is_same_v<M, Confirm>) {
          host.step(host_now(), sender, world->leased() ? content : with_live_number(content, from), effects);
        } else if constexpr (requires { host.step(host_now(), sender, content, effects); }) {
          host.step(host_now(), sender, content, effects);
        } else if constexpr (requires { origin.step(origin_now(), sender, content, effects); }) {
          origin.step(origin_now(), sender, content, effects);
        }
      },
      message);
  carry_out(std::move(effects), out);
}

template <class Timed>
void Site::tick(Timed& timed, Instant& clock, Outcomes& out, Instant now) {
  clock = std::max(clock, now);
  Effects effects;
  timed.tick({clock, {1}}, effects);
  carry_out(std::move(effects), out);
}

void Site::tick_origin(Instant now, Outcomes& out) {
  tick(origin, origin_clock, out, now);
}
void Site::tick_host(Instant now, Outcomes& out) {
  tick(host, host_clock, out, now);
}

void Site::take_event(Outcomes& out) {
  const auto event = std::move(machine.events().front());
  machine.events().pop_front();
  Effects effects;
  const auto take = [&](const auto& content) {
    if constexpr (std::is_same_v<std::decay_t<decltype(content)>, StrayRunsStopped>) {
      ready = true;
    } else if constexpr (std::is_same_v<std::decay_t<decltype(content)>, LoadReported>) {
      // The explorer's machine has no queue of its own.
    } else if constexpr (std::is_same_v<std::decay_t<decltype(content)>, OutputsHome>) {
      origin.outputs_home(origin_now(), content.run, content.problem, effects);
    } else if constexpr (std::is_same_v<std::decay_t<decltype(content)>, CheckpointHome>) {
      origin.step(origin_now(), content, effects);
    } else {
      host.step(host_now(), content, effects);
    }
  };
  std::visit([&](const auto& kind) { std::visit(take, kind); }, event);
  carry_out(std::move(effects), out);
}

void Site::settle(Outcomes& out) {
  const auto due = [](std::optional<Instant> at, Instant now) { return at && *at <= now; };
  for (;;) {
    if (!disk.batches.empty()) {
      flush(out);
    } else if (!machine.events().empty()) {
      take_event(out);
    } else if (due(origin.deadline(), origin_clock)) {
      tick_origin(origin_clock, out);
    } else if (due(host.deadline(), host_clock)) {
      tick_host(host_clock, out);
    } else {
      return;
    }
  }
}

}  // namespace hansa::model
