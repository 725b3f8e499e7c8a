// Judge: what becomes durable, and what really runs.
#include "src/sim/judge.hpp"

#include "src/sim/words.hpp"

namespace hansa::sim {

void Judge::acknowledged(const std::string& key, const JobId& id, const ArraySpec& array) {
  const auto [known, fresh] = keys_.emplace(key, id);
  if (!fresh && known->second != id) {
    if (lost_stores_.contains(known->second.store)) return;
    broken("a submission repeated under one key became two jobs: " + brief(known->second) + " and " + brief(id));
  }
  if (!jobs_.contains(id)) broken("job " + brief(id) + " was acknowledged before it was durable");
  if (array.empty()) {
    promised_.insert(id);
  } else {
    for (const auto task : array.tasks) promised_.insert({.store = id.store, .number = id.number, .task = task});
  }
}

void Judge::disk_lost(const SiteName& site, const StoreId& old) {
  lost_stores_.insert(old);
  std::erase_if(promised_, [&](const JobId& job) { return job.store == old; });
  for (const auto& [at, facts] : runs_) {
    if (at.first == site) blurred_.insert(at.second.job);
  }
  std::erase_if(runs_, [&](const auto& run) { return run.first.first == site; });
}

std::vector<JobId> Judge::unfinished() const {
  std::vector<JobId> open;
  for (const auto& id : promised_) {
    const auto job = jobs_.find(id);
    if (job != jobs_.end() && job->second.final) continue;
    // A task of an array that was cancelled before the task came to be ended with its array.
    const auto array = jobs_.find({.store = id.store, .number = id.number});
    const bool with_array = job == jobs_.end() && array != jobs_.end() && array->second.final &&
                            std::get<Ended>(array->second.final->state).outcome->state == FinalState::cancelled;
    if (!with_array) open.push_back(id);
  }
  return open;
}

// --- What is on disk ------------------------------------------------------------------------------------------------

void Judge::durable(const SiteName& site, const StoreRecord& record) {
  if (const auto* job = std::get_if<PutJob>(&record)) put(site, *job);
  if (const auto* run = std::get_if<PutRun>(&record)) put(site, *run);
  if (const auto* job = std::get_if<DropJob>(&record)) drop(*job);
  if (const auto* run = std::get_if<DropRun>(&record)) drop(site, *run);
}

void Judge::put(const SiteName&, const PutJob& put) {
  const auto& record = put.record;
  auto& facts = jobs_[record.id];
  if (record.epoch < facts.epoch) broken("the epoch of job " + brief(record.id) + " went backwards");
  facts.epoch = record.epoch;
  facts.last = record;
  const RunKey run{.job = record.id, .epoch = record.epoch};
  if (const auto* awarding = std::get_if<Awarding>(&record.state)) awarded_.insert({run, awarding->host});
  if (const auto* delegated = std::get_if<Delegated>(&record.state)) {
    delegated_.insert({run, delegated->host});
    if (delegated->wish != Wish::none) wished_.insert(run);
    if (delegated->wish == Wish::move) saw("moves");
  }
  for (const auto& duty : record.duties) wished_.insert({.job = record.id, .epoch = duty.epoch});
  if (!record.duties.empty()) saw("duties");
  const auto* ended = std::get_if<Ended>(&record.state);
  if (facts.final) {
    const auto& before = std::get<Ended>(facts.final->state);
    if (!ended || ended->outcome != before.outcome || ended->host != before.host) {
      broken("final state of job " + brief(record.id) + " changed");
    }
    if (ended && before.outputs_home && !ended->outputs_home) broken("outputs of " + brief(record.id) + " left again");
  }
  if (!ended) return;
  if (!facts.final) saw("ended " + std::string(to_word(ended->outcome->state)));
  facts.final = record;
}

void Judge::drop(const DropJob& drop) {
  const auto job = jobs_.find(drop.job);
  if (job == jobs_.end() || !job->second.final) return broken("job " + brief(drop.job) + " was dropped unfinished");
  if (!job->second.last.duties.empty()) broken("job " + brief(drop.job) + " was dropped with duties open");
  if (!std::get<Ended>(job->second.last.state).outputs_home) {
    broken("job " + brief(drop.job) + " was dropped before its outputs were home");
  }
  saw("jobs dropped");
}

void Judge::put(const SiteName& site, const PutRun& put) {
  auto& facts = runs_[{site, put.record.key}];
  const auto is_over = [](RunState state) {
    return state == RunState::revoked || state == RunState::returned || state == RunState::finished;
  };
  if (!facts.states.empty() && is_over(facts.last) && put.record.state != facts.last) {
    broken("the end of run " + brief(put.record.key) + " at " + site.value + " changed");
  }
  facts.last = put.record.state;
  facts.states.insert(put.record.state);
}

void Judge::drop(const SiteName& site, const DropRun& drop) {
  const auto run = runs_.find({site, drop.run});
  if (run == runs_.end()) return;
  saw("runs dropped");
  const auto last = run->second.last;
  if (last == RunState::accepted || last == RunState::confirmed || last == RunState::started) {
    broken("run " + brief(drop.run) + " was dropped at " + site.value + " while it was alive");
  }
}

bool Judge::has(const SiteName& site, const RunKey& run, RunState state) const {
  const auto facts = runs_.find({site, run});
  return facts != runs_.end() && facts->second.states.contains(state);
}

// --- What really runs -----------------------------------------------------------------------------------------------

void Judge::started(const SiteName& at, const StartRun& command, const std::vector<Pool>& pools) {
  const auto& run = command.run;
  const auto& job = run.job;
  const auto name = brief(run) + " at " + at.value;
  const bool orphan = lost_stores_.contains(job.store);
  if (++starts_[run] > 1) broken("run " + name + " started twice");
  if (!delegated_.contains({run, at})) broken("run " + name + " started, and its origin had not delegated it there");
  const bool stray = !runs_.contains({at, run});
  if (stray && !blurred_.contains(job)) broken("run " + name + " started without a record on disk");
  if (over_.contains({at, run})) broken("run " + name + " started after its host had said that it does not run there");
  auto& alive = alive_[job];
  const JobId whole_array{.store = job.store, .number = job.number};
  const bool by_hand = reran_.contains(job) || reran_.contains(whole_array);
  if (!alive.empty() && !by_hand && !orphan) {
    broken("job " + brief(job) + " runs twice: " + brief(alive.begin()->second) + " at " + alive.begin()->first.value +
           ", and now " + name);
  }
  if (!alive.empty()) saw("overlaps by a human's word");
  const auto before = starts_of_job_[job]++;
  const bool may_again = command.request->requeue || command.request->on_partition == OnPartition::rerun || by_hand ||
                         blurred_.contains(job);
  if (before > 0 && !may_again) broken("job " + brief(job) + " started again: " + name);
  if (before > 0) saw("started again");
  check_units(at, command, pools);
  alive.insert({at, run});
  allocations_[{at, run}] = command.allocation;
}

void Judge::check_units(const SiteName& at, const StartRun& command, const std::vector<Pool>& pools) {
  for (const auto& pool : pools) {
    if (pool.name != command.allocation.pool) continue;
    for (const auto& share : command.allocation.nodes) {
      NodeResources used = command.allocation.per_node;
      std::set<std::uint32_t> accelerators(share.accelerators.begin(), share.accelerators.end());
      for (const auto& [other, allocation] : allocations_) {
        if (other.first != at || allocation.pool != pool.name) continue;
        for (const auto& theirs : allocation.nodes) {
          if (theirs.node != share.node) continue;
          used += allocation.per_node;
          for (const auto index : theirs.accelerators) {
            if (!accelerators.insert(index).second)
              broken(brief(command.run) + " shares an accelerator at " + at.value);
          }
        }
      }
      if (!pool.per_node.covers(used)) {
        broken("a node of " + at.value + " holds more than it has when " + brief(command.run) + " starts");
      }
    }
  }
}

void Judge::ended(const SiteName& at, const RunKey& run) {
  allocations_.erase({at, run});
  alive_[run.job].erase({at, run});
}

}  // namespace hansa::sim
