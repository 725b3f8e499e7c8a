// Controller: which store each site has.
//
// Problem: who loses his store comes back under a new one, and everything that he kept under the old one is given up. A
// record of his earlier life, told by a third, may outrank his own until he has heard of it: believed, it would have his
// runs revoked for nothing. Idea: a store that another came after is gone, over restarts of this daemon too, until the
// site itself names it again (somebody restored a disk).
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
  return believed == stores_.end() ? std::nullopt : std::optional(believed->second);
}

void Controller::believe_store(Now now, const SiteName& site, const StoreId& store, StoreSource source, Effects& out) {
  if (source == StoreSource::record && stores_gone_.contains(store)) return;
  auto& believed = stores_[site];
  if (believed != store && !believed.is_zero()) {
    stores_gone_.insert(believed);
    out.persist.emplace_back(PutDocument{documents::named(documents::stores_gone, believed), as_text(believed)});
  }
  if (stores_gone_.erase(store) > 0) {
    out.persist.emplace_back(PutDocument{documents::named(documents::stores_gone, store), {}});
  }
  believed = store;
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
