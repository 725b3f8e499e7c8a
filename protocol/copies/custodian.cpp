#include "protocol/copies/custodian.hpp"

namespace hansa {
namespace {

const std::string adopted_prefix = "adopted:";
const std::string entrusted_prefix = "entrusted:";

}  // namespace

std::string adopted_fact(const SiteName& origin) {
  return adopted_prefix + origin.value;
}

std::string entrusted_fact(const SiteName& origin, const SiteName& custodian) {
  return entrusted_prefix + origin.value + ":" + custodian.value;
}

std::optional<CustodyFact> custody_fact(const std::string& name) {
  if (name.starts_with(adopted_prefix)) return CustodyFact{.origin = {name.substr(adopted_prefix.size())}};
  if (!name.starts_with(entrusted_prefix)) return std::nullopt;
  const auto sites = name.substr(entrusted_prefix.size());
  const auto colon = sites.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return CustodyFact{.origin = {sites.substr(0, colon)}, .custodian = {sites.substr(colon + 1)}};
}

void Custodian::restore(const std::map<std::string, std::uint64_t>& facts) {
  for (const auto& [name, value] : facts) {
    const auto fact = custody_fact(name);
    if (!fact || value == 0) continue;
    if (fact->custodian.empty()) {
      adopted_.insert(fact->origin);
    } else {
      entrusted_.emplace(fact->origin, fact->custodian);
    }
  }
}

void Custodian::adopt(Now now, const SiteName& origin, Effects& out) {
  next_ = now.instant;
  if (!adopted_.insert(origin).second) return;
  out.persist.emplace_back(PutFact{adopted_fact(origin), static_cast<std::uint64_t>(now.wall.unix_ms)});
}

void Custodian::entrust(const SiteName& origin, const SiteName& custodian, Effects& out) {
  if (!entrusted_.emplace(origin, custodian).second) return;
  out.persist.emplace_back(PutFact{entrusted_fact(origin, custodian), 1});
}

bool Custodian::is_entrusted(const SiteName& origin, const SiteName& custodian) const {
  return entrusted_.contains({origin, custodian});
}

std::vector<SiteName> Custodian::unwilling(const SiteName& origin) const {
  std::vector<SiteName> members;
  const auto answers = agreed_.find(origin);
  if (answers == agreed_.end()) return members;
  for (const auto& [member, agreed] : answers->second) {
    if (!agreed) members.push_back(member);
  }
  return members;
}

void Custodian::tick(Now now, const std::set<SiteName>& origins, const std::vector<SiteName>& members, Effects& out) {
  if (adopted_.empty() || (next_ && now.instant < *next_)) return;
  next_ = now.instant + options_.ask_every;
  for (const auto& origin : origins) {
    if (!adopted_.contains(origin)) continue;
    for (const auto& member : members) {
      if (member == origin) continue;
      out.send_durable.push_back(
          {member, AskCustody{.origin = origin, .with_copies = !has_copies_of_.contains({origin, member})}});
    }
  }
}

std::optional<Instant> Custodian::deadline() const {
  return adopted_.empty() ? std::nullopt : std::optional(next_.value_or(Instant{}));
}

void Custodian::step(const SiteName& from, const CustodyReport& report, Effects& out) {
  agreed_[report.origin][from] = report.agreed;
  if (!report.agreed) return;
  if (!report.more) {
    if (report.with_copies) has_copies_of_.emplace(report.origin, from);
    return;
  }
  out.send_durable.push_back({from, AskCustody{.origin = report.origin,
                                               .with_copies = report.with_copies,
                                               .after_run = report.last_run,
                                               .after_copy = report.last_copy}});
}

std::optional<CustodyRun> custody_run(const Host::Run& run) {
  const auto& record = run.record;
  const bool lives = record.state == RunState::confirmed || record.state == RunState::started;
  if (!lives && record.state != RunState::finished) return std::nullopt;
  CustodyRun told{.run = record.key,
                  .request = record.request,
                  .started = record.state != RunState::confirmed,
                  .over = record.state == RunState::finished && !record.stopping,
                  .outputs_kept = record.outputs_kept,
                  .accepted = record.accepted_at};
  if (told.over) told.outcome = *record.outcome;
  return told;
}

std::optional<JobRecord> record_by(const CustodyRun& told, const SiteName& host, const JobRecord* known) {
  if (known && known->epoch > told.run.epoch) return std::nullopt;
  if (known && std::holds_alternative<Ended>(known->state)) return std::nullopt;
  JobRecord record{.id = told.run.job, .submitted = told.accepted, .request = told.request};
  if (known) record = *known;
  record.epoch = told.run.epoch;
  if (told.over) {
    record.state = Ended{.host = host, .outcome = told.outcome, .outputs_home = !told.outputs_kept};
    if (told.outcome->outputs.is_zero()) std::get<Ended>(record.state).outputs_home = true;
  } else {
    record.state = Delegated{.host = host, .host_store = {}, .bid = {}, .started = told.started};
  }
  if (known && record.epoch == known->epoch && record.state == known->state) return std::nullopt;
  const auto* was = known ? std::get_if<Delegated>(&known->state) : nullptr;
  const bool same = was && known->epoch == told.run.epoch && was->host == host && was->started == told.started;
  return same && !told.over ? std::nullopt : std::optional(std::move(record));
}

}  // namespace hansa
