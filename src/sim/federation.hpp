// Federation: simulated sites, the network between them and the judge over them, in one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/sim/judge.hpp"
#include "src/sim/network.hpp"
#include "src/sim/site.hpp"
#include "src/sim/struck.hpp"

namespace hansa::sim {

struct FederationOptions {
  std::uint64_t seed = 0;
  bool trace = false;
  std::function<std::unique_ptr<Signatures>(const SiteName& site)> signatures;
  std::function<RunPlan(const RunKey& run)> plan;
  // What really leaves when `from` says this to `to`: a member that means harm says something else, or more, or
  // nothing.
  std::function<std::vector<Message>(const SiteName& from, const SiteName& to, Message message)> tamper;
};

class Federation {
 public:
  explicit Federation(FederationOptions options);

  // Sites are added first, then started.
  SimSite& add(SimSiteOptions options);
  void start(SimSite& site);
  // Both ends see the connection go; the site comes back by start().
  void crash(SimSite& site, void (SimSite::*how)());
  // The same, and whoever looks after the machine starts it again.
  void fall(SimSite& site, void (SimSite::*how)());
  // Counts what such a fault of this site, or of the way between two, strikes now.
  void strikes(Fault fault, const SimSite& site) { count_site(coverage_, fault, sites_, site); }
  void strikes(Fault fault, const SimSite& a, const SimSite& b) { count_pair(coverage_, fault, a, b); }

  Timeline& timeline() { return timeline_; }
  EventLog& log() { return log_; }
  Network& network() { return network_; }
  Judge& judge() { return judge_; }
  const Coverage& coverage() const { return coverage_; }
  std::vector<std::unique_ptr<SimSite>>& sites() { return sites_; }
  SimSite& site(const SiteName& name) { return *find(name); }

  // Lets time pass up to `limit`, or until a promise is broken.
  void run_until(Instant limit);
  // What keeps the federation from being quiet, one sentence each; empty when it is.
  std::vector<std::string> unrest() const;

 private:
  void pass_on(const SiteName& from, const SiteName& to, Message message);
  SimSite* find(const SiteName& name);
  void count_crash(const SimSite& site, void (SimSite::*how)(), const Coverage& struck);
  void leftovers(const SimSite& site, std::vector<std::string>& found) const;
  void leftover_runs(const SimSite& site, std::vector<std::string>& found) const;
  void leftover_units(const SimSite& site, std::vector<std::string>& found) const;

  FederationOptions options_;
  Timeline timeline_;
  EventLog log_;
  Judge judge_;
  Coverage coverage_;
  Network network_;
  std::vector<std::unique_ptr<Signatures>> signatures_;
  std::vector<std::unique_ptr<SimSite>> sites_;
};

}  // namespace hansa::sim
