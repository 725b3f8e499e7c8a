#include "protocol/copies/copier.hpp"

#include <algorithm>

#include "protocol/copies/holders.hpp"

namespace hansa {
namespace {

// Tasks of a waiting array that a copy names; there may be tens of thousands.
constexpr std::size_t tasks_copied_max = 1'024;

// Roughly what it takes on the wire.
std::size_t bytes_of(const JobRecord& record) {
  const auto& request = *record.request;
  std::size_t bytes = 256 + record.reason->size() + request.name.size() + request.user.size();
  bytes += 96 * record.duties.size() + 48 * request.dependencies.size() + 5 * record.array->tasks.size();
  for (const auto& model : request.resources.models) bytes += model.size() + 2;
  for (const auto& label : request.resources.labels) bytes += label.size() + 2;
  for (const auto& site : request.wishes.sites) bytes += site.value.size() + 2;
  for (const auto& site : request.wishes.excluded) bytes += site.value.size() + 2;
  if (const auto* ended = std::get_if<Ended>(&record.state)) bytes += 128 + ended->outcome->reason.size();
  return bytes;
}

}  // namespace

JobRecord copied(const JobRecord& record) {
  auto copy = record;
  copy.idempotency_key = {};
  if (copy.array->tasks.size() > tasks_copied_max) copy.array.edit().tasks.resize(tasks_copied_max);
  return copy;
}

Copier::Copier(SiteName self, DaemonId daemon, CopierOptions options)
    : self_(std::move(self)), daemon_(daemon), options_(options) {}

void Copier::set_live(Now now, const std::vector<SiteName>& live, const Origin& origin) {
  const auto chosen = choose_holders(self_, live, options_.holders);
  std::erase_if(holders_, [&](const auto& holder) {
    return std::find(chosen.begin(), chosen.end(), holder.first) == chosen.end();
  });
  for (const auto& site : chosen) {
    const auto [holder, fresh] = holders_.try_emplace(site);
    if (!fresh) continue;
    holder->second.next = now.instant + options_.pause;
    for (const auto& [id, job] : origin.jobs()) holder->second.due.insert(holder->second.due.end(), id);
  }
}

void Copier::changed(Now now, const JobId& job) {
  for (auto& [site, holder] : holders_) {
    // Idle until now: what changes together with this one goes with it.
    if (holder.due.empty() && holder.under_way.empty()) {
      holder.next = std::max(holder.next, now.instant + options_.pause);
    }
    holder.due.insert(job);
  }
}

void Copier::step(Now now, const SiteName& from, const CopiesKept& message) {
  const auto found = holders_.find(from);
  if (found == holders_.end() || message.number.daemon != daemon_) return;
  auto& holder = found->second;
  if (message.number.count != holder.number || holder.under_way.empty()) return;
  holder.under_way.clear();
  holder.tries = 0;
  holder.next = now.instant + options_.pause;
}

void Copier::tick(Now now, const Origin& origin, Effects& out) {
  for (auto& [site, holder] : holders_) {
    if (holder.next > now.instant) continue;
    if (!holder.under_way.empty()) {  // no word came: as they are by now, once more
      holder.due.insert(holder.under_way.begin(), holder.under_way.end());
      holder.under_way.clear();
      ++holder.tries;
    }
    if (!holder.due.empty()) send(now, site, holder, origin, out);
  }
}

std::optional<JobId> Copier::take_next(Holder& holder) {
  if (holder.due.empty()) return std::nullopt;
  auto next = holder.due.upper_bound(holder.last);
  if (next == holder.due.end()) next = holder.due.begin();
  holder.last = *next;
  holder.due.erase(next);
  return holder.last;
}

void Copier::send(Now now, const SiteName& to, Holder& holder, const Origin& origin, Effects& out) {
  KeepCopies message{.number = {.daemon = daemon_, .count = ++last_number_}};
  std::size_t bytes = 0;
  while (holder.under_way.size() < options_.records_max && bytes < options_.bytes_max) {
    const auto id = take_next(holder);
    if (!id) break;
    holder.under_way.push_back(*id);
    if (const auto* job = origin.find(*id)) {
      message.records.push_back(copied(job->record));
      bytes += bytes_of(message.records.back());
    } else {
      message.gone.push_back(*id);
    }
  }
  holder.number = message.number.count;
  holder.next = now.instant + options_.resend.after(holder.tries);
  out.send_durable.push_back({to, std::move(message)});
}

std::optional<Instant> Copier::deadline() const {
  std::optional<Instant> first;
  for (const auto& [site, holder] : holders_) {
    if (holder.due.empty() && holder.under_way.empty()) continue;
    if (!first || holder.next < *first) first = holder.next;
  }
  return first;
}

std::vector<SiteName> Copier::holders() const {
  std::vector<SiteName> sites;
  for (const auto& [site, holder] : holders_) sites.push_back(site);
  return sites;
}

std::size_t Copier::due() const {
  std::size_t count = 0;
  for (const auto& [site, holder] : holders_) count += holder.due.size() + holder.under_way.size();
  return count;
}

}  // namespace hansa
