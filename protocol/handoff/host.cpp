#include "protocol/handoff/host.hpp"

#include <algorithm>

#include "protocol/handoff/rules.hpp"

namespace hansa {
namespace {

bool is_over(const RunRecord& record) {
  return record.state == RunState::revoked || record.state == RunState::returned || record.state == RunState::finished;
}

}  // namespace

Host::Host(SiteName self, DaemonId daemon, BootId boot, HostOptions options)
    : self_(std::move(self)), daemon_(daemon), boot_(boot), options_(options) {}

bool Host::operator==(const Host& other) const {
  return runs_ == other.runs_ && bidder_ == other.bidder_ && grants_ == other.grants_ && timers_ == other.timers_;
}

void Host::restore(Now now, std::vector<RunRecord> records, Effects& out) {
  StopStrayRuns strays;
  for (auto& record : records) {
    const auto key = record.key;
    strays.known.push_back(key);
    auto& run = runs_[key];
    run.record = std::move(record);
    run.since = now.instant;
    run.queued_at = now.instant;
    // Where it starts is on disk before it starts: its wrapper may be under way, and its units are taken.
    const bool handed_over = run.record.state == RunState::confirmed && !run.record.allocation->pool.empty();
    run.start_issued = handed_over;
    // A deadline counts in the boot that it was written in, and in no other.
    const bool same_boot = *run.record.lease_boot == boot_ || !rule(Rule::deadline_is_of_this_boot);
    if (leased(run) && run.record.origin != self_ && !same_boot) run.record.lease_until = Instant{};
    if (!is_over(run.record) || run.record.stopping) {
      run.looked = false;
      run.inputs_ready = run.record.request->bundle_bytes == 0 || handed_over || run.record.state == RunState::started;
      if (rule(Rule::runs_are_looked_for)) out.backend.emplace_back(LookForRun{key});
    }
    arm(now, run);
    touch(key);
  }
  if (rule(Rule::stray_runs_are_stopped)) out.backend.emplace_back(std::move(strays));
}

const Host::Run* Host::find(const RunKey& key) const {
  const auto found = runs_.find(key);
  return found == runs_.end() ? nullptr : &found->second;
}

Host::Run* Host::find_run(const RunKey& key) {
  const auto found = runs_.find(key);
  return found == runs_.end() ? nullptr : &found->second;
}

// The run, if it is this origin's to speak about.
Host::Run* Host::find_of(const SiteName& origin, const RunKey& key) {
  auto* run = find_run(key);
  return run && run->record.origin == origin ? run : nullptr;
}

void Host::save(const Run& run, Effects& out) {
  out.persist.emplace_back(PutRun{run.record});
}

void Host::touch(const RunKey& key, std::optional<BidId> bid) {
  auto& entry = changed_[key];
  if (bid) entry = bid;
}

std::vector<Host::Change> Host::take_changed() {
  std::vector<Change> changes;
  changes.reserve(changed_.size());
  for (const auto& [run, bid] : changed_) changes.push_back({run, bid});
  changed_.clear();
  return changes;
}

bool Host::waits(const Run& run) {
  const auto state = run.record.state;
  return (state == RunState::accepted || state == RunState::confirmed) && !run.start_issued &&
         run.claim == Claim::none && !run.record.stopping;
}

bool Host::is_ready(const Run& run, Instant now) const {
  const bool confirmed = run.record.state == RunState::confirmed || !rule(Rule::start_needs_confirm);
  return waits(run) && confirmed && run.looked && run.inputs_ready && lease_allows_start(run, now);
}

bool Host::occupies(const Run& run) {
  if (run.collecting) return false;
  const bool under_way = run.start_issued && !is_over(run.record);
  return run.record.state == RunState::started || under_way || run.record.stopping;
}

bool Host::has_business_with(const JobId& job) const {
  for (auto run = runs_.lower_bound({.job = job}); run != runs_.end() && run->first.job == job; ++run) {
    const auto& record = run->second.record;
    if (record.stopping || (record.state != RunState::revoked && !record.answered)) return true;
  }
  return false;
}

void Host::tick(Now now, Effects& out) {
  bidder_.expire(now.instant);
  // So many at once: after a long retention time very many may be due together, and others wait meanwhile.
  constexpr std::size_t at_once_max = 4'096;
  for (const auto& key : timers_.take_due(now.instant, at_once_max)) repeat(now, key, out);
  for (const auto& origin : renewals_.take_due(now.instant)) renew(now, origin, out);
}

std::optional<Instant> Host::deadline() const {
  std::optional<Instant> first;
  for (const auto& at : {bidder_.deadline(), timers_.next(), renewals_.next()}) {
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

// When this run must be looked at again: to repeat what was not answered, at the end of its lease, when it may go.
void Host::arm(Now now, const Run& run) {
  const auto& record = run.record;
  std::optional<Instant> at;
  const auto sooner = [&at](Instant instant) { at = at ? std::min(*at, instant) : instant; };
  const bool owes_a_word = record.state == RunState::accepted || (is_over(record) && !record.answered);
  if (run.looked && owes_a_word && !record.stopping) sooner(now.instant + options_.resend.after(run.tries));
  if (is_over(record) && record.answered && !record.stopping) sooner(run.since + options_.retention);
  if (run.looked && leased(run) && record.origin != self_ && waits(run) && record.state == RunState::confirmed) {
    sooner(record.lease_until - options_.stop_time);
  }
  if (at) {
    timers_.set(record.key, std::max(*at, now.instant + std::chrono::milliseconds(1)));
  } else {
    timers_.clear(record.key);
  }
}

void Host::repeat(Now now, const RunKey& key, Effects& out) {
  auto* run = find_run(key);
  if (!run) return;
  auto& record = run->record;
  const bool settled = record.answered || !rule(Rule::unanswered_is_kept);
  if (is_over(record) && settled && !record.stopping && now.instant >= run->since + options_.retention) {
    drop(key, out);
    return;
  }
  if (record.state == RunState::confirmed && waits(*run) && run->looked && !lease_allows_start(*run, now.instant)) {
    give_back(now, key, ReturnReason::lease_out, "its lease ran out before it could start", out);
    return;
  }
  if (run->looked && !record.stopping && !record.answered) {
    ++run->tries;
    if (record.state == RunState::accepted && rule(Rule::accepted_is_repeated)) say_accepted(now, *run, out);
    if (is_over(record) && rule(Rule::ends_are_repeated)) say_end(*run, out);
  }
  arm(now, *run);
}

void Host::drop(const RunKey& key, Effects& out) {
  out.persist.emplace_back(DropRun{key});
  out.staging.emplace_back(DropRunFiles{key});
  out.backend.emplace_back(ForgetRun{key});
  timers_.clear(key);
  runs_.erase(key);
  touch(key);
}

RunPhase phase_of(const Host::Run& run) {
  if (run.collecting || run.record.state == RunState::finished) return RunPhase::staging_out;
  if (run.record.stopping) return RunPhase::stopping;
  if (run.record.state == RunState::started) return RunPhase::running;
  if (run.start_issued) return RunPhase::starting;
  return run.inputs_ready ? RunPhase::queued : RunPhase::staging;
}

}  // namespace hansa
