#include "src/sim/federation.hpp"

#include <algorithm>

#include "src/sim/words.hpp"

namespace hansa::sim {

Federation::Federation(FederationOptions options)
    : options_(std::move(options)),
      log_(timeline_, options_.trace),
      network_(
          timeline_, log_, Rng{options_.seed ^ 0x0e7},
          [this](const SiteName& to, const SiteName& from, const Message& message) {
            find(to)->receive(from, message);
          },
          [this](const SiteName& at, const SiteName& peer, bool up) {
            if (!up || find(peer)->is_up()) find(at)->link(peer, up);
          },
          [this](Fault fault, const SiteName& from, const SiteName& to, const Message& message) {
            count_message(coverage_, fault, *find(from), *find(to), message);
          }) {}

SimSite* Federation::find(const SiteName& name) {
  const auto found = std::find_if(sites_.begin(), sites_.end(), [&](const auto& site) { return site->name() == name; });
  return found->get();
}

void Federation::pass_on(const SiteName& from, const SiteName& to, Message message) {
  if (!options_.tamper) return network_.send(from, to, std::move(message));
  for (auto& said : options_.tamper(from, to, std::move(message))) network_.send(from, to, std::move(said));
}

SimSite& Federation::add(SimSiteOptions options) {
  const auto name = options.controller.site;
  signatures_.push_back(options_.signatures(name));
  sites_.push_back(std::make_unique<SimSite>(
      std::move(options),
      SimSurroundings{
          .timeline = timeline_,
          .log = log_,
          .signatures = *signatures_.back(),
          .send = [this](const SiteName& from, const SiteName& to, Message m) { pass_on(from, to, std::move(m)); },
          .reachable = [this](const SiteName& a,
                              const SiteName& b) { return network_.reachable(a, b) && find(b)->is_up(); },
          .plan = options_.plan,
          .durable =
              [this](const SiteName& at, const StoreRecord& record) {
                if (const auto text = brief(record); !text.empty()) log_.line(at.value + " has on disk: " + text);
                judge_.durable(at, record);
              },
          .leaves = [this](const SiteName& at, const Send& send) { judge_.leaves(at, send); },
          .started = [this](const SiteName& at,
                            const StartRun& command) { judge_.started(at, command, find(at)->pools()); },
          .ended = [this](const SiteName& at, const RunKey& run) { judge_.ended(at, run); },
          .falls = [this](const SiteName& at, void (SimSite::*how)()) { fall(*find(at), how); }}));
  return *sites_.back();
}

void Federation::start(SimSite& site) {
  if (site.is_up()) return;
  std::vector<KnownSite> peers;
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (sites_[i].get() != &site) peers.push_back({sites_[i]->name(), signatures_[i]->identity()});
  }
  site.start(peers);
  for (auto& other : sites_) {
    if (other.get() == &site || !other->is_up() || !network_.connected(site.name(), other->name())) continue;
    site.link(other->name(), true);
    other->link(site.name(), true);
  }
}

void Federation::fall(SimSite& site, void (SimSite::*how)()) {
  crash(site, how);
  timeline_.after(std::chrono::seconds(2), [this, &site] { start(site); });
}

void Federation::crash(SimSite& site, void (SimSite::*how)()) {
  Coverage struck;
  count_site(struck, Fault::crash, sites_, site);
  (site.*how)();
  count_crash(site, how, struck);
  for (auto& other : sites_) {
    if (other.get() != &site) other->link(site.name(), false);
  }
}

// What a write came to is known only now.
void Federation::count_crash(const SimSite& site, void (SimSite::*how)(), const Coverage& struck) {
  auto fault = Fault::crash;
  if (how == &SimSite::lose_power) fault = Fault::power_cut;
  if (how == &SimSite::lose_disk) fault = Fault::lost_disk;
  if (how == &SimSite::fail_store) fault = Fault::failed_write;
  coverage_.add(struck, Fault::crash, fault);
  const auto landed = site.last_write_landed();
  if (landed && how != &SimSite::lose_disk) {
    coverage_.add(struck, Fault::crash, *landed ? Fault::landed_write : Fault::torn_write);
  }
}

void Federation::run_until(Instant limit) {
  while (!judge_.violation() && timeline_.step(limit)) {
  }
  if (!judge_.violation()) timeline_.pass_to(limit);
}

std::vector<std::string> Federation::unrest() const {
  std::vector<std::string> found;
  for (const auto& id : judge_.unfinished()) found.push_back("job " + brief(id) + " has no end");
  for (const auto& site : sites_) leftovers(*site, found);
  return found;
}

void Federation::leftovers(const SimSite& site, std::vector<std::string>& found) const {
  const auto& name = site.name().value;
  if (!site.is_up()) return found.push_back(name + " is down");
  if (!site.is_written()) found.push_back(name + " waits for its disk");
  for (const auto& [id, job] : site.controller().origin().jobs()) {
    const auto* ended = std::get_if<Ended>(&job.record.state);
    if (!ended) {
      found.push_back("job " + brief(id) + " of " + name + " has not ended: " + brief(StoreRecord{PutJob{job.record}}) +
                      " (" + *job.record.reason + "; " + site.controller().origin().waiting_reason(id) + ")");
    }
    if (ended && !ended->outputs_home) found.push_back("outputs of " + brief(id) + " are not home");
    if (!job.record.duties.empty()) found.push_back("job " + brief(id) + " of " + name + " has duties open");
  }
  leftover_runs(site, found);
  leftover_units(site, found);
}

void Federation::leftover_runs(const SimSite& site, std::vector<std::string>& found) const {
  const auto& name = site.name().value;
  const auto& host = site.controller().host();
  for (const auto& [key, run] : host.runs()) {
    if (run.record.answered && !run.record.stopping) continue;
    found.push_back(name + " has " + brief(StoreRecord{PutRun{run.record}}) + " unanswered");
  }
  if (host.bidder().live_count() > 0) found.push_back(name + " has bids out");
  if (site.controller().moves_held() > 0) found.push_back(name + " holds bids for moves");
  if (site.machine().alive() > 0) found.push_back(name + " has runs alive");
}

void Federation::leftover_units(const SimSite& site, std::vector<std::string>& found) const {
  const auto& name = site.name().value;
  if (site.planner().queue_length() > 0) found.push_back(name + " has runs in its queue");
  const auto planner = site.planner().clone();
  const auto digest = planner->digest(timeline_.now());
  for (std::size_t i = 0; i < digest.size(); ++i) {
    if (digest[i].units_free != site.pools()[i].units())
      found.push_back(name + " has units taken in " + digest[i].pool);
  }
}

}  // namespace hansa::sim
