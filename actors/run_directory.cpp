#include "actors/run_directory.hpp"

#include "src/store/payload_lookup.hpp"

namespace hansa {

void RunDirectory::load(const StoredState& stored) {
  const std::lock_guard lock(mutex_);
  own_store_ = stored.store;
  for (const auto& job : stored.jobs) put(job);
  for (const auto& run : stored.runs) put(run);
}

void RunDirectory::note(const std::vector<StoreRecord>& records) {
  const std::lock_guard lock(mutex_);
  for (const auto& record : records) {
    if (const auto* job = std::get_if<PutJob>(&record)) put(job->record);
    if (const auto* run = std::get_if<PutRun>(&record)) put(run->record);
    if (const auto* gone = std::get_if<DropJob>(&record)) jobs_.erase(known(gone->job));
    if (const auto* gone = std::get_if<DropRun>(&record)) runs_.erase({known(gone->run.job), gone->run.epoch.value});
  }
}

RunDirectory::ShortJob RunDirectory::known(const JobId& job) {
  auto found = std::find(stores_.begin(), stores_.end(), job.store);
  if (found == stores_.end()) found = stores_.insert(stores_.end(), job.store);
  return {.number = job.number, .task = job.task, .store = static_cast<std::uint32_t>(found - stores_.begin())};
}

std::optional<RunDirectory::ShortJob> RunDirectory::short_of(const JobId& job) const {
  const auto found = std::find(stores_.begin(), stores_.end(), job.store);
  if (found == stores_.end()) return std::nullopt;
  return ShortJob{.number = job.number, .task = job.task, .store = static_cast<std::uint32_t>(found - stores_.begin())};
}

const RunDirectory::Entry* RunDirectory::entry_of(const JobId& job) const {
  const auto key = short_of(job);
  const auto found = key ? jobs_.find(*key) : jobs_.end();
  return found == jobs_.end() ? nullptr : &found->second;
}

const RunDirectory::RunHere* RunDirectory::run_of(const RunKey& run) const {
  const auto key = short_of(run.job);
  const auto found = key ? runs_.find({*key, run.epoch.value}) : runs_.end();
  return found == runs_.end() ? nullptr : &found->second;
}

void RunDirectory::put(const JobRecord& record) {
  auto& placed = jobs_[known(record.id)];
  placed = Entry{.request = record.request, .epoch = record.epoch};
  if (const auto* awarding = std::get_if<Awarding>(&record.state)) placed.host = name_of(awarding->host);
  if (const auto* delegated = std::get_if<Delegated>(&record.state)) {
    placed.host = name_of(delegated->host);
    placed.accepted = true;
  }
  if (const auto* ended = std::get_if<Ended>(&record.state)) {
    placed.host = name_of(ended->host);
    placed.ended = true;
    placed.accepted = true;
    placed.has_outputs = !ended->outcome->outputs.is_zero();
  }
}

void RunDirectory::put(const RunRecord& record) {
  const bool over = record.state == RunState::finished || record.state == RunState::revoked ||
                    (record.state == RunState::returned && !record.stopping);
  runs_[{known(record.key.job), record.key.epoch.value}] = {name_of(record.origin),
                                                            over ? staging::RunLife::ended : staging::RunLife::alive};
}

std::optional<RunDirectory::Placed> RunDirectory::find(const JobId& job) const {
  const std::lock_guard lock(mutex_);
  const auto* entry = entry_of(job);
  if (entry == nullptr) return std::nullopt;
  return Placed{.request = entry->request,
                .epoch = entry->epoch,
                .host = entry->host == nullptr ? SiteName{} : *entry->host,
                .accepted = entry->accepted,
                .ended = entry->ended,
                .has_outputs = entry->has_outputs};
}

std::optional<JobId> RunDirectory::resolve(const JobName& name) const {
  if (name.site != self_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const JobId id{.store = own_store_, .number = name.number, .task = name.task};
  return entry_of(id) != nullptr ? std::optional(id) : std::nullopt;
}

std::vector<JobId> RunDirectory::jobs() const {
  const std::lock_guard lock(mutex_);
  std::vector<JobId> all;
  all.reserve(jobs_.size());
  for (const auto& [id, placed] : jobs_) all.push_back({stores_[id.store], id.number, id.task});
  return all;
}

std::vector<RunKey> RunDirectory::runs() const {
  const std::lock_guard lock(mutex_);
  std::vector<RunKey> all;
  for (const auto& [key, run] : runs_) {
    const auto& job = key.first;
    all.push_back({.job = {stores_[job.store], job.number, job.task}, .epoch = Epoch{key.second}});
  }
  return all;
}

std::optional<EncodedPayload> RunDirectory::payload_of(const JobId& job) {
  return payload_of_job(store_, job);
}

bool RunDirectory::is_host(const SiteName& site, const RunKey& run) {
  const auto placed = find(run.job);
  return placed && placed->host == site && placed->epoch == run.epoch;
}

bool RunDirectory::is_origin(const SiteName& site, const RunKey& run) {
  const std::lock_guard lock(mutex_);
  const auto* here = run_of(run);
  return here != nullptr && *here->origin == site;
}

staging::RunLife RunDirectory::life_of(const RunKey& run) {
  const std::lock_guard lock(mutex_);
  if (const auto* here = run_of(run)) return here->life;
  // An own job that is not here: its log is still to come, from wherever it goes.
  const auto* own = entry_of(run.job);
  return own != nullptr && !own->ended ? staging::RunLife::alive : staging::RunLife::unknown;
}

}  // namespace hansa
