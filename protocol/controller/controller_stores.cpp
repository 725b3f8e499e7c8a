// Controller: which store each site has.
//
// Problem: who loses his store comes back under a new one, and everything that he kept under the old one is given up. A
// record of his earlier life, told by a third, may outrank his own until he has heard of it: believed, it would have
// his runs revoked for nothing; and which of two came first, no record tells. Idea: what a site says itself, on the
// link that it just opened, counts before all records for as long as the link does, and the store that it had before is
// gone, over restarts of this daemon too, until the site itself names it again (somebody restored a disk).
#include <algorithm>

#include "protocol/admission/documents.hpp"
#include "protocol/controller/controller.hpp"

namespace hansa {
namespace {

std::string as_text(const StoreId& store) {
  return {store.bytes.begin(), store.bytes.end()};
}

}  // namespace

std::optional<StoreId> Controller::store_of(const SiteName& site) const {
  if (site == options_.site) return store_;
  const auto believed = stores_.find(site);
  return believed == stores_.end() || believed->second.store.is_zero() ? std::nullopt
                                                                       : std::optional(believed->second.store);
}

void Controller::believe_store(Now now, const SiteName& site, const StoreId& store, StoreSource source, Effects& out) {
  auto& belief = stores_[site];
  if (source == StoreSource::record && (belief.said || stores_gone_.contains(store))) return;
  if (source == StoreSource::itself) {
    if (belief.store != store && !belief.store.is_zero()) {
      stores_gone_.insert(belief.store);
      out.persist.emplace_back(
          PutDocument{documents::named(documents::stores_gone, belief.store), as_text(belief.store)});
    }
    if (stores_gone_.erase(store) > 0) {
      out.persist.emplace_back(PutDocument{documents::named(documents::stores_gone, store), {}});
    }
    belief.said = true;
  }
  belief.store = store;
  // Also when it did not change in this daemon's life: it may have while this daemon was away.
  origin_.host_store_changed(now, site, store, out);
  host_.origin_store_changed(now, site, store, out);
}

void Controller::restore_stores(const std::map<std::string, std::string>& stored) {
  for (auto at = stored.lower_bound(std::string(documents::stores_gone)); at != stored.end(); ++at) {
    if (!at->first.starts_with(documents::stores_gone)) break;
    StoreId store;
    if (at->second.size() != store.bytes.size()) continue;
    std::copy(at->second.begin(), at->second.end(), store.bytes.begin());
    stores_gone_.insert(store);
  }
}

}  // namespace hansa
