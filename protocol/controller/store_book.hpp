// StoreBook: which store each site has.
//
// Problem: who loses his store comes back under a new one, and everything that he kept under the old one is given up. A
// record of his earlier life, told by a third, may outrank his own until he has heard of it: believed, it would have
// his runs revoked for nothing; and which of two came first, no record tells. And a store is what a job's id names its
// owner by: who says that another's store is his would award that other's jobs, and the true awards would go unheard.
// Idea: what a site says itself, on the link that it just opened, counts before all records for as long as the link
// does, and the store that it had before is gone, over restarts of this daemon too, until the site itself names it
// again (somebody restored a disk). A store belongs to the site that it was first known of.
//
// Invariants: (1) no two sites that are known have one store, nor anybody this site's own; (2) a store that its site
// itself came back without is believed on its own word only; (3) of one site no more than `stores_max` are kept in
// mind.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "protocol/effects.hpp"

namespace hansa {

class StoreBook {
 public:
  using IsKnown = std::function<bool(const SiteName& site)>;
  static constexpr std::size_t stores_max = 64;

  // A site that is no longer known (`is_known`) does not hold its stores against another: it may have been renamed.
  StoreBook(SiteName self, StoreId own, IsKnown is_known);
  // From the documents of the journal.
  void restore(const std::map<std::string, std::string>& documents);

  std::optional<StoreId> of(const SiteName& site) const;
  // The site names its store itself, on the link that is up. Whether it is believed.
  bool said(const SiteName& site, const StoreId& store, Effects& out);
  // Its record names it, whoever told that.
  bool recorded(const SiteName& site, const StoreId& store, Effects& out);
  void link_down(const SiteName& site);

 private:
  struct Belief {
    StoreId store;
    bool said = false;  // by the site itself, on the link that is up
  };
  struct Known {
    SiteName site;
    bool gone = false;  // its site came back with another

    bool operator==(const Known&) const = default;
  };

  bool may_have(const SiteName& site, const StoreId& store) const;
  void note(const StoreId& store, const SiteName& site, bool gone, Effects& out);

  SiteName self_;
  StoreId own_;
  IsKnown is_known_;
  std::map<SiteName, Belief> beliefs_;
  std::map<StoreId, Known> known_;
};

}  // namespace hansa
