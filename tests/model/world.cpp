#include "tests/model/world.hpp"

#include <algorithm>
#include <bit>

namespace hansa::model {

World::World(const Case& world) : case_(world), promises_{""} {
  second_is_of_a_new_store() = world.may_strike(Fault::origin_disk_loss);
  for (const auto& budget : world.faults) {
    budget_[static_cast<std::size_t>(budget.fault)] = static_cast<std::uint8_t>(budget.times);
  }
  net_id({});
}

State World::first() {
  State state;
  for (SiteIndex at = 0; at < case_.sites; ++at) {
    Site site(case_, at);
    Outcomes out;
    site.start(out);
    if (!site.machine.events().empty()) site.take_event(out);
    for (std::size_t job = 0; at == 0 && job < case_.jobs; ++job) site.submit(job, out);
    if (case_.leased()) site.settle(out);
    state.site[at] = site_id(site);
  }
  return state;
}

// --- Numbers for things ---------------------------------------------------------------------------------------------

std::uint32_t World::site_id(const Site& site) {
  const auto [entry, fresh] = site_ids_.try_emplace(canon(site), static_cast<std::uint32_t>(sites_.size()));
  if (fresh) {
    sites_.push_back(site);
    summaries_.push_back(summarise(site));
    moves_.emplace_back();
    moves_known_.push_back(false);
  }
  return entry->second;
}

std::uint32_t World::net_id(std::vector<std::uint32_t> messages) {
  const auto [entry, fresh] = net_ids_.try_emplace(messages, static_cast<std::uint32_t>(nets_.size()));
  if (fresh) nets_.push_back(std::move(messages));
  return entry->second;
}

std::uint32_t World::message_id(SiteIndex from, const Send& send) {
  const auto [entry, fresh] =
      message_ids_.try_emplace(canon(from, send.to, send.message), static_cast<std::uint32_t>(messages_.size()));
  if (fresh) {
    messages_.push_back({from, index_of(send.to), send.message, model::describe(from, send.to, send.message)});
  }
  return entry->second;
}

std::uint32_t World::joined(std::uint32_t net, std::uint32_t more) {
  if (more == 0) return net;
  const auto key = std::uint64_t{net} << 32 | more;
  if (const auto known = unions_.find(key)) return *known;
  std::vector<std::uint32_t> all;
  std::set_union(nets_[net].begin(), nets_[net].end(), nets_[more].begin(), nets_[more].end(), std::back_inserter(all));
  const auto id = net_id(std::move(all));
  unions_.insert(key, id);
  return id;
}

std::uint32_t World::promise_id(const std::string& text) {
  const auto known = std::find(promises_.begin(), promises_.end(), text);
  const auto id = static_cast<std::uint32_t>(known - promises_.begin());
  if (known == promises_.end()) promises_.push_back(text);
  return id;
}

// --- What becomes of a site -----------------------------------------------------------------------------------------

World::Result World::finish(Site& site, Outcomes& out) {
  if (case_.leased()) site.settle(out);
  std::vector<std::uint32_t> said;
  for (const auto& send : out.sent) {
    if (auto message = normal(send.message, case_.leased())) {
      said.push_back(message_id(site.index, {send.to, std::move(*message)}));
    }
  }
  std::sort(said.begin(), said.end());
  said.erase(std::unique(said.begin(), said.end()), said.end());
  Result result;
  result.to = site_id(site);
  result.said = net_id(std::move(said));
  result.broken = promise_id(out.broken);
  return result;
}

const std::vector<World::Move>& World::moves(std::uint32_t id) {
  if (moves_known_[id]) return moves_[id];
  std::vector<Move> all;
  for (const auto& offer : offers(sites_[id])) {
    Site site = sites_[id];
    Outcomes out;
    apply(site, offer, out);
    const auto result = finish(site, out);
    const bool nothing = result.to == id && result.said == 0 && result.broken == 0;
    if (!nothing) all.push_back({offer, result});
  }
  moves_known_[id] = true;
  return moves_[id] = std::move(all);
}

const World::Result& World::done(std::uint32_t id, Deed deed, std::uint32_t detail) {
  const auto key = std::uint64_t{id} << 32 | std::uint64_t{static_cast<std::uint8_t>(deed)} << 24 | detail;
  if (const auto known = heard_.find(key)) return results_[*known];
  Site site = sites_[id];
  Outcomes out;
  std::uint32_t extra = 0;
  perform(site, deed, detail, out, extra);
  auto result = finish(site, out);
  result.extra = extra;
  heard_.insert(key, static_cast<std::uint32_t>(results_.size()));
  results_.push_back(result);
  return results_.back();
}

void World::perform(Site& site, Deed deed, std::uint32_t detail, Outcomes& out, std::uint32_t& extra) {
  switch (deed) {
    case Deed::hear:
    case Deed::refuse: {
      const auto& letter = messages_[detail];
      return site.hear(letter.from, letter.message, deed == Deed::refuse, out);
    }
    case Deed::mint:
      extra = site.mint(detail >> 8, detail & 0xff).bytes[4];
      return;
    case Deed::award: {
      const auto job = detail & 3;
      const auto host = static_cast<SiteIndex>(detail >> 2 & 3);
      const auto store = static_cast<std::uint8_t>(detail >> 4 & 15);
      BidId bid;
      bid.bytes = {static_cast<std::uint8_t>(host + 1), store, static_cast<std::uint8_t>(job + 1),
                   static_cast<std::uint8_t>(site.job(job)->record.epoch.value + 1),
                   static_cast<std::uint8_t>(detail >> 8)};
      return site.award(job, host, store, bid, out);
    }
    case Deed::learn:
      return site.learn(static_cast<SiteIndex>(detail >> 8), static_cast<std::uint8_t>(detail & 0xff), out);
    case Deed::forget:
      return site.forget(static_cast<SiteIndex>(detail >> 1), (detail & 1) != 0, out);
    case Deed::pass:
      extra = pass(site, out) ? 1 : 0;
      return;
    default:
      return;
  }
}

bool World::may(const State& state, Fault fault) const {
  const auto which = static_cast<std::size_t>(fault);
  return (state.spent >> (times_bits * which) & ((1u << times_bits) - 1)) < budget_[which];
}

State World::spend(State state, Fault fault) {
  state.spent += std::uint64_t{1} << (times_bits * static_cast<std::size_t>(fault));
  return state;
}

State World::after(const State& state, SiteIndex site, const Result& result) {
  auto next = state;
  next.site[site] = result.to;
  next.net = joined(state.net, result.said);
  return next;
}

// --- What a state means ---------------------------------------------------------------------------------------------

World::Summary World::summarise(const Site& site) const {
  Summary to;
  to.witness = site.witness;
  to.ready = site.ready;
  to.frozen = site.frozen;
  to.store = site.store;
  to.known_store = site.known_store;
  for (const auto& [key, run] : site.machine.runs()) {
    if (Machine::is_alive(run)) to.alive = static_cast<RunSet>(to.alive | bit(key));
  }
  if (site.index == 0) summarise_origin(site, to);
  summarise_rest(site, to);
  return to;
}

void World::summarise_origin(const Site& site, Summary& to) const {
  for (const auto& [id, record] : site.disk.jobs) {
    const auto* ended = std::get_if<Ended>(&record.state);
    if (!ended) continue;
    to.final[job_index(id)] = {.ended = true,
                               .state = ended->outcome->state,
                               .host = ended->host.empty() ? SiteIndex{0} : index_of(ended->host),
                               .run = bit({.job = id, .epoch = record.epoch})};
  }
  for (const auto& [id, job] : site.origin.jobs()) {
    to.epoch[job_index(id)] = static_cast<std::uint8_t>(job.record.epoch.value);
    if (!site.ready || !site.origin.is_placeable(id)) continue;
    to.placeable = static_cast<std::uint8_t>(to.placeable | 1u << job_index(id));
  }
}

void World::summarise_rest(const Site& site, Summary& to) const {
  to.rests = site.ready && site.queue.is_clear() && site.disk.batches.empty() && site.machine.events().empty() &&
             site.host.bidder().live_count() == 0 && to.alive == 0;
  for (const auto& [key, run] : site.host.runs()) to.kept = static_cast<RunSet>(to.kept | bit(key));
  const auto await = [&to](const SiteName& host) {
    to.awaits = static_cast<std::uint8_t>(to.awaits | 1u << index_of(host));
  };
  for (const auto& [id, job] : site.origin.jobs()) {
    const auto& record = job.record;
    const auto* delegated = std::get_if<Delegated>(&record.state);
    const bool pending = std::holds_alternative<Pending>(record.state);
    to.seeks = to.seeks || (pending && record.epoch.value < case_.epochs);
    const bool waits_for_duty = std::holds_alternative<Ended>(record.state) && !record.duties.empty();
    if (!pending && !waits_for_duty && !delegated) to.rests = false;
    const RunKey run{.job = id, .epoch = record.epoch};
    if (delegated)
      to.delegated[index_of(delegated->host)] = static_cast<RunSet>(to.delegated[index_of(delegated->host)] | bit(run));
    for (const auto& duty : record.duties) {
      await(duty.host);
      to.owed = static_cast<RunSet>(to.owed | bit({.job = id, .epoch = duty.epoch}));
    }
  }
}

const char* World::broken(const State& state) const {
  const auto& origin = summaries_[state.site[0]];
  const auto given = origin.witness.given_up;
  RunSet started = 0, alive = 0, lost = 0, failed = 0;
  for (SiteIndex at = 0; at < case_.sites; ++at) {
    const auto& site = summaries_[state.site[at]];
    if (site.witness.started & ~origin.witness.delegated[at]) return "a run started that was not delegated on disk";
    for (std::size_t job = 0; job < case_.job_count(); ++job) {
      if (std::popcount(static_cast<unsigned>(site.alive & runs_of(job))) > 1) {
        return "two runs of one job at one host";
      }
    }
    const bool reached = !site.frozen && !origin.frozen && origin.store == 0;
    if (reached && (site.alive & given & ~origin.owed)) return "nobody will stop a run that was given up";
    const auto counted = static_cast<RunSet>(site.alive & ~given);
    if (counted & alive) return "one run at two hosts";
    alive = static_cast<RunSet>(alive | counted);
    started = static_cast<RunSet>(started | site.witness.started);
    lost = static_cast<RunSet>(lost | site.witness.lost);
    failed = static_cast<RunSet>(failed | site.witness.failed);
  }
  for (std::size_t job = 0; job < case_.job_count(); ++job) {
    const auto mine = runs_of(job);
    const auto& final = origin.final[job];
    if (std::popcount(static_cast<unsigned>(alive & mine)) > 1) return "a job runs twice at once";
    const bool may_again = case_.leased();
    if (!may_again && std::popcount(static_cast<unsigned>(started & mine & ~given & ~lost & ~failed)) > 1) {
      return "a job that has started was placed again";
    }
    const bool cancelled = (origin.witness.cancel_acknowledged >> job & 1) != 0;
    if (cancelled && (origin.placeable >> job & 1)) return "a job may be placed after its cancel was acknowledged";
    if (!final.ended) continue;
    if (alive & mine) return "a job runs on after its final state";
    const auto& host = summaries_[state.site[final.host]];
    if (final.state == FinalState::completed && !(host.witness.ended_alone & final.run)) {
      return "a final state is not that of the job's own run";
    }
    if (final.state == FinalState::cancelled && !(origin.witness.cancel_asked >> job & 1)) {
      return "a job ended as cancelled that nobody cancelled";
    }
    if (final.state == FinalState::node_fail && !((lost | failed) & mine))
      return "a run was given up as lost that was not";
  }
  return nullptr;
}

// A host whose origin is silent for ever has at rest what it may not let go of by itself.
bool World::host_rests(const Summary& host, const Summary& origin) const {
  if (host.frozen) return true;
  return host.rests && (origin.frozen ? host.kept & host.witness.let_go : host.kept) == 0;
}

bool World::at_rest(const State& state) const {
  const auto& origin = summaries_[state.site[0]];
  std::uint8_t frozen = 0;
  for (SiteIndex at = 0; at < case_.sites; ++at) {
    const auto& site = summaries_[state.site[at]];
    if (!host_rests(site, origin)) return false;
    if (site.frozen) frozen = static_cast<std::uint8_t>(frozen | 1u << at);
    // What a host's operator let go of its origin waits for, visibly. Of one that is silent for ever nobody sees it.
    if (!site.frozen && !origin.frozen && (origin.delegated[at] & ~(site.witness.let_go & ~site.kept))) return false;
  }
  if (origin.frozen) return true;
  // A job whose places are all tried waits visibly; so does one for whom no host is left.
  const bool any_host = case_.own_queue || std::popcount(unsigned{frozen}) + 1u < case_.sites;
  return (origin.awaits & ~frozen) == 0 && !(origin.seeks && any_host);
}

}  // namespace hansa::model
