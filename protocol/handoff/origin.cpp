#include "protocol/handoff/origin.hpp"

#include <algorithm>

#include "protocol/handoff/rules.hpp"

namespace hansa {

const SiteName* host_of(const JobState& state) {
  if (const auto* awarding = std::get_if<Awarding>(&state)) return &awarding->host;
  if (const auto* delegated = std::get_if<Delegated>(&state)) return &delegated->host;
  return nullptr;
}

Origin::Origin(SiteName self, StoreId store, OriginOptions options)
    : self_(std::move(self)), store_(store), options_(options) {}

bool Origin::operator==(const Origin& other) const {
  return jobs_ == other.jobs_ && last_number_ == other.last_number_ && timers_ == other.timers_;
}

void Origin::restore(Now now, std::vector<JobRecord> records, std::uint64_t number_floor, Effects& out) {
  last_number_ = number_floor;
  for (auto& record : records) {
    last_number_ = std::max(last_number_, record.id.number);
    if (!(record.request == last_request_)) last_request_ = record.request;
    record.request = last_request_;
    const auto id = record.id;
    auto& job = jobs_.put_last(Job{.record = std::move(record)});
    job.since = now.instant;
    // A restart forgets when it granted last: this is the latest it can have been.
    const auto* host = host_of(job.record.state);
    if (rule(Rule::restart_counts_as_grant) && host && *host != self_) job.dealings.edit().last_grant = now.instant;
    index(job);
    arm(now, job);
    touch(id);
    if (const auto* ended = std::get_if<Ended>(&job.record.state); ended && !ended->outputs_home) {
      pull_outputs(job, out);
    }
  }
}

const Origin::Job* Origin::find(const JobId& id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

Origin::Job* Origin::find_own(const JobId& id) {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

std::optional<JobId> Origin::resolve(std::uint64_t number, std::int32_t task) const {
  const JobId id{.store = store_, .number = number, .task = task};
  return jobs_.contains(id) ? std::optional(id) : std::nullopt;
}

std::vector<JobId> Origin::take_changed() {
  std::vector<JobId> changed(changed_.begin(), changed_.end());
  changed_.clear();
  return changed;
}

void Origin::save(Job& job, Effects& out) {
  out.persist.emplace_back(PutJob{job.record});
  recount(job);
}

// Counts and the index by site follow the record, so that nobody has to walk all jobs for them.
void Origin::recount(Job& job) {
  const auto& record = job.record;
  const auto* delegated = std::get_if<Delegated>(&record.state);
  const bool active = !std::holds_alternative<Ended>(record.state);
  const bool running = delegated && delegated->started;
  active_ = active_ + (active ? 1 : 0) - (std::exchange(job.counted_active, active) ? 1 : 0);
  running_ = running_ + (running ? 1 : 0) - (std::exchange(job.counted_running, running) ? 1 : 0);

  std::vector<SiteName> sites;
  if (const auto* host = host_of(record.state); host && *host != self_) sites.push_back(*host);
  for (const auto& duty : record.duties) {
    if (duty.host != self_) sites.push_back(duty.host);
  }
  if (sites == job.dealings->known_at) return;
  for (const auto& site : job.dealings->known_at) {
    const auto jobs = known_at_.find(site);
    if (jobs != known_at_.end() && jobs->second.erase(record.id) > 0 && jobs->second.empty()) known_at_.erase(jobs);
  }
  for (const auto& site : sites) known_at_[site].insert(record.id);
  job.dealings.edit().known_at = std::move(sites);
}

// A copy: what is done for each may change the index.
std::vector<JobId> Origin::known_at(const SiteName& site) const {
  const auto jobs = known_at_.find(site);
  return jobs == known_at_.end() ? std::vector<JobId>{} : std::vector<JobId>(jobs->second.begin(), jobs->second.end());
}

// Everything that is found by something else than its id.
void Origin::index(Job& job) {
  const auto& record = job.record;
  recount(job);
  if (!record.idempotency_key->empty())
    by_key_.emplace(record.request->user + '\n' + *record.idempotency_key, record.id);
  if (!record.array->empty()) arrays_.insert(record.id);
  const bool final = std::holds_alternative<Ended>(record.state);
  if (record.id.task != JobId::no_task && !final) {
    ++array_active_[{.store = record.id.store, .number = record.id.number}];
  }
  if (!final) index_dependencies(job);
}

// So many at once: after a long history a million jobs may be due together, and others wait meanwhile.
void Origin::tick(Now now, Effects& out) {
  constexpr std::size_t at_once_max = 4'096;
  for (const auto& id : timers_.take_due(now.instant, at_once_max)) {
    auto* job = find_own(id);
    if (!job) continue;
    repeat(now, *job, out);
    if (find_own(id)) arm(now, *job);
  }
  split_arrays(now, out);
}

std::optional<Instant> Origin::deadline() const {
  if (!arrays_.empty()) return Instant{};
  return timers_.next();
}

// When this job must be looked at again.
void Origin::arm(Now now, Job& job) {
  const auto& record = job.record;
  const auto again = now.instant + options_.resend.after(job.dealings->tries);
  std::optional<Instant> at;
  const auto sooner = [&at](Instant instant) { at = at ? std::min(*at, instant) : instant; };
  if (!record.duties.empty()) sooner(again);
  if (std::holds_alternative<Awarding>(record.state)) {
    sooner(again);
    sooner(job.since + options_.award_patience);
  }
  if (const auto* delegated = std::get_if<Delegated>(&record.state)) {
    if (delegated->wish != Wish::none) sooner(again);
    if (record.request->on_partition == OnPartition::rerun && delegated->host != self_) sooner(lease_end(job));
  }
  if (const auto* ended = std::get_if<Ended>(&record.state); ended && record.duties.empty() && ended->outputs_home) {
    sooner(job.since + options_.history);
  }
  if (at) {
    timers_.set(record.id, std::max(*at, now.instant + std::chrono::milliseconds(1)));
  } else {
    timers_.clear(record.id);
  }
}

void Origin::repeat(Now now, Job& job, Effects& out) {
  const auto id = job.record.id;
  if (lease_is_out(job, now)) {
    add_duty(job);
    send_duties(job, out);
    back(now, job, "its lease at " + host_of(job.record.state)->value + " is out", out);
    return;
  }
  if (std::holds_alternative<Awarding>(job.record.state)) {
    if (now.instant >= job.since + options_.award_patience) {
      give_up(now, id, "no answer to the award", out);
      return;
    }
    ++job.dealings.edit().tries;
    send_award(job, out);
  }
  if (const auto* delegated = std::get_if<Delegated>(&job.record.state); delegated && delegated->wish != Wish::none) {
    ++job.dealings.edit().tries;
    if (rule(Rule::wish_is_repeated)) send_revoke(job, out);
  }
  if (!job.record.duties.empty()) {
    ++job.dealings.edit().tries;
    if (rule(Rule::duty_is_repeated)) send_duties(job, out);
  }
  if (std::holds_alternative<Ended>(job.record.state)) expire(now, id, out);
}

void Origin::send_award(const Job& job, Effects& out) {
  const auto& awarding = std::get<Awarding>(job.record.state);
  AwardTask task{.bid = awarding.bid,
                 .run = {.job = job.record.id, .epoch = job.record.epoch},
                 .request = job.record.request,
                 .payload = {}};
  after_disk(Rule::award_waits_for_disk, out).push_back({awarding.host, Award{.tasks = {std::move(task)}}});
}

void Origin::send_revoke(const Job& job, Effects& out) {
  const auto& delegated = std::get<Delegated>(job.record.state);
  const auto mode = delegated.wish == Wish::move ? RevokeMode::if_not_started : RevokeMode::always;
  out.send_durable.push_back(
      {delegated.host,
       Revoke{.run = {.job = job.record.id, .epoch = job.record.epoch}, .bid = delegated.bid, .mode = mode}});
}

void Origin::send_duties(const Job& job, Effects& out) {
  for (const auto& duty : job.record.duties) {
    out.send_durable.push_back(
        {duty.host, Revoke{.run = {.job = job.record.id, .epoch = duty.epoch}, .bid = duty.bid}});
  }
}

void Origin::pull_outputs(const Job& job, Effects& out) {
  const auto& ended = std::get<Ended>(job.record.state);
  out.staging.emplace_back(PullOutputs{
      .run = {.job = job.record.id, .epoch = job.record.epoch}, .host = ended.host, .outputs = ended.outcome->outputs});
}

// A final job is kept for the history time, with its outputs home and its duties done.
void Origin::expire(Now now, const JobId& id, Effects& out) {
  const auto* job = find(id);
  const auto* ended = std::get_if<Ended>(&job->record.state);
  if (!ended || !ended->outputs_home || !job->record.duties.empty()) return;
  if (now.instant < job->since + options_.history) return;
  // An array stays as long as its tasks, and what others wait for as long as they do: it is looked at again later.
  if (has_tasks(id) || is_depended_on(id)) {
    find_own(id)->since = now.instant;
    return;
  }
  if (!job->record.idempotency_key->empty()) {
    by_key_.erase(job->record.request->user + '\n' + *job->record.idempotency_key);
  }
  out.persist.emplace_back(PutFact{"job_number", last_number_});
  out.persist.emplace_back(DropJob{id});
  out.staging.emplace_back(DropJobFiles{id});
  timers_.clear(id);
  dependents_.erase(id);
  array_active_.erase(id);
  jobs_.erase(id);
  touch(id);
}

void Origin::announce(Now now, const Job& job, std::string kind, std::string text, Effects& out) const {
  const auto* host = host_of(job.record.state);
  const auto* ended = std::get_if<Ended>(&job.record.state);
  out.events.push_back({.kind = std::move(kind),
                        .at = now.wall,
                        .job = format_job(self_, job.record.id),
                        .site = host    ? *host
                                : ended ? ended->host
                                        : SiteName{},
                        .text = std::move(text)});
}

}  // namespace hansa
