#include "protocol/copies/shelf.hpp"

namespace hansa {
namespace {

bool has_ended(const JobRecord& record) {
  return std::holds_alternative<Ended>(record.state);
}

// What ended stays so, and epochs only grow.
bool is_older(const JobRecord& told, const JobRecord& known) {
  return told.epoch < known.epoch || (has_ended(known) && !has_ended(told));
}

}  // namespace

void Shelf::restore(std::vector<JobCopy> copies) {
  for (auto& copy : copies) {
    auto& line = lines_[copy.origin];
    if (copy.record.request == line.request) copy.record.request = line.request;
    line.request = copy.record.request;
    ++line.count;
    enter(line, copy);
    copies_.insert_or_assign(copy.record.id, std::move(copy));
  }
}

void Shelf::tick(Now now, Effects& out) {
  if (next_sweep_ && now.instant < *next_sweep_) return;
  const auto oldest =
      now.wall.unix_ms - std::chrono::duration_cast<std::chrono::milliseconds>(options_.kept_for).count();
  std::vector<JobId> old;
  for (const auto& [id, copy] : copies_) {
    if (copy.as_of.unix_ms < oldest) old.push_back(id);
  }
  for (const auto& id : old) drop(id, out);
  next_sweep_ = now.instant + options_.sweep_every;
}

std::optional<Instant> Shelf::deadline() const {
  return copies_.empty() ? std::nullopt : std::optional(next_sweep_.value_or(Instant{}));
}

void Shelf::enter(Line& line, const JobCopy& copy) {
  line.stores.insert(copy.record.id.store);
  if (has_ended(copy.record)) line.ended.insert(copy.record.id);
}

void Shelf::step(Now now, const SiteName& from, const StoreId& store, const KeepCopies& message, Effects& out) {
  auto& line = lines_[from];
  const bool late = message.number.daemon == line.last.daemon && message.number.count < line.last.count;
  if (!late) {
    line.last = message.number;
    for (const auto& record : message.records) {
      if (record.id.store == store) put(now, from, record, out);
    }
    for (const auto& id : message.gone) {
      if (id.store == store) drop(id, out);
    }
  }
  out.send_durable.push_back({from, CopiesKept{.number = message.number}});
}

void Shelf::put(Now now, const SiteName& from, JobRecord record, Effects& out) {
  auto& line = lines_[from];
  const auto known = copies_.find(record.id);
  if (known != copies_.end() && is_older(record, known->second.record)) return;
  if (known == copies_.end()) {
    if (!make_room(line, out)) return;
    ++line.count;
  }
  if (record.request == line.request) record.request = line.request;
  line.request = record.request;
  JobCopy copy{.origin = from, .as_of = now.wall, .record = std::move(record)};
  enter(line, copy);
  out.persist.emplace_back(PutCopy{copy});
  copies_.insert_or_assign(copy.record.id, std::move(copy));
}

// False when all that is kept of this origin still goes on: then what came later has no place.
bool Shelf::make_room(Line& line, Effects& out) {
  if (line.count < options_.copies_per_origin_max && copies_.size() < options_.copies_max) return true;
  if (line.ended.empty()) return false;
  drop(*line.ended.begin(), out);
  return true;
}

void Shelf::confirm(Now now, const JobId& job) {
  if (const auto found = copies_.find(job); found != copies_.end()) found->second.as_of = now.wall;
}

// By value: the name may be the very entry that goes.
void Shelf::drop(JobId job, Effects& out) {
  const auto found = copies_.find(job);
  if (found == copies_.end()) return;
  auto& line = lines_[found->second.origin];
  line.ended.erase(job);
  --line.count;
  out.persist.emplace_back(DropCopy{job});
  copies_.erase(found);
}

const JobCopy* Shelf::find(const JobId& job) const {
  const auto found = copies_.find(job);
  return found == copies_.end() ? nullptr : &found->second;
}

const JobCopy* Shelf::find(const JobName& name) const {
  const auto line = lines_.find(name.site);
  if (line == lines_.end()) return nullptr;
  const JobCopy* latest = nullptr;
  for (const auto& store : line->second.stores) {
    const auto* copy = find(JobId{.store = store, .number = name.number, .task = name.task});
    if (copy && (!latest || latest->as_of.unix_ms < copy->as_of.unix_ms)) latest = copy;
  }
  return latest;
}

std::size_t Shelf::count_of(const SiteName& origin) const {
  const auto line = lines_.find(origin);
  return line == lines_.end() ? 0 : line->second.count;
}

}  // namespace hansa
