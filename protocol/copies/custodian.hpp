// Custodian: whose lost jobs this site gathers, and to whom it hands what it has of others'.
//
// An origin lost for good has no heir, since it could come back: nobody may place its jobs. But its users want to know
// what became of them, and to have what was made. So an operator makes one site the custodian, which asks every member
// for what it has; and each member's operator decides for himself whether it is handed over. The custodian's picture is
// made of copies, as a holder's is. To run a job again there is a new job of the custodian's own.
//
// Invariants: (1) nothing is asked or handed over while the origin is there; (2) whoever asks is answered only with his
// operator's word, which is on disk; (3) no host takes anything from a custodian for its origin's word.
// Contract: docs/protocol/06-copies.md.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hansa/types/records.hpp"
#include "protocol/effects.hpp"
#include "protocol/handoff/host.hpp"

namespace hansa {

struct CustodianOptions {
  // How often each member is asked. Shorter shows sooner what changed.
  Duration ask_every = std::chrono::seconds(30);
  // Runs, and copies, in one answer; the next are asked for at once.
  std::size_t page_max = 32;
};

class Custodian {
 public:
  explicit Custodian(CustodianOptions options) : options_(options) {}

  void restore(const std::map<std::string, std::uint64_t>& facts);

  // --- An operator's words. Again changes nothing.
  void adopt(Now now, const SiteName& origin, Effects& out);
  void entrust(const SiteName& origin, const SiteName& custodian, Effects& out);

  const std::set<SiteName>& adopted() const { return adopted_; }
  bool has_adopted(const SiteName& origin) const { return adopted_.contains(origin); }
  bool is_entrusted(const SiteName& origin, const SiteName& custodian) const;
  // Members that were asked for this origin's jobs and have not agreed.
  std::vector<SiteName> unwilling(const SiteName& origin) const;

  // --- Asking. `origins`: those that are absent now; `members`: whom to ask, this site included.
  void tick(Now now, const std::set<SiteName>& origins, const std::vector<SiteName>& members, Effects& out);
  std::optional<Instant> deadline() const;
  // Takes note of an answer, and asks on if there is more.
  void step(const SiteName& from, const CustodyReport& report, Effects& out);

  const CustodianOptions& options() const { return options_; }

 private:
  CustodianOptions options_;
  std::set<SiteName> adopted_;
  std::set<std::pair<SiteName, SiteName>> entrusted_;  // origin, custodian
  std::map<SiteName, std::map<SiteName, bool>> agreed_;
  std::set<std::pair<SiteName, SiteName>> has_copies_of_;  // origin, member: all its copies came
  std::optional<Instant> next_;
};

// Whether two words of an operator are in these facts, by their names.
std::string adopted_fact(const SiteName& origin);
std::string entrusted_fact(const SiteName& origin, const SiteName& custodian);
// The sites that a fact's name speaks of; empty when it is another fact.
struct CustodyFact {
  SiteName origin;
  SiteName custodian;  // empty: this site
};
std::optional<CustodyFact> custody_fact(const std::string& name);

// What a host says of a run that it has for a lost origin; nothing of one that did not run there.
std::optional<CustodyRun> custody_run(const Host::Run& run);
// What is known of a job by that; nothing when it was known already.
std::optional<JobRecord> record_by(const CustodyRun& told, const SiteName& host, const JobRecord* known);

}  // namespace hansa
