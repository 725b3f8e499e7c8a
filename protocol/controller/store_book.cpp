#include "protocol/controller/store_book.hpp"

#include <algorithm>

#include "protocol/admission/documents.hpp"

namespace hansa {
namespace {

// In a document: a mark, the store, the site.
constexpr char present_mark = '+';
constexpr char gone_mark = '-';

}  // namespace

StoreBook::StoreBook(SiteName self, StoreId own, IsKnown is_known)
    : self_(std::move(self)), own_(own), is_known_(std::move(is_known)) {}

void StoreBook::restore(const std::map<std::string, std::string>& documents) {
  for (auto at = documents.lower_bound(std::string(documents::stores)); at != documents.end(); ++at) {
    if (!at->first.starts_with(documents::stores)) break;
    StoreId store;
    const auto& bytes = at->second;
    if (bytes.size() <= 1 + store.bytes.size()) continue;
    std::copy_n(bytes.begin() + 1, store.bytes.size(), store.bytes.begin());
    known_[store] = {.site = {bytes.substr(1 + store.bytes.size())}, .gone = bytes.front() == gone_mark};
  }
}

std::optional<StoreId> StoreBook::of(const SiteName& site) const {
  if (site == self_) return own_;
  const auto belief = beliefs_.find(site);
  return belief == beliefs_.end() ? std::nullopt : std::optional(belief->second.store);
}

bool StoreBook::said(const SiteName& site, const StoreId& store, Effects& out) {
  if (!may_have(site, store)) return false;
  const auto [belief, is_new] = beliefs_.try_emplace(site, Belief{store});
  if (!is_new && belief->second.store != store) note(belief->second.store, site, true, out);
  note(store, site, false, out);
  belief->second = {.store = store, .said = true};
  return true;
}

bool StoreBook::recorded(const SiteName& site, const StoreId& store, Effects& out) {
  if (!may_have(site, store)) return false;
  const auto known = known_.find(store);
  if (known != known_.end() && known->second == Known{site, true}) return false;
  auto& belief = beliefs_[site];
  if (belief.said) return false;
  note(store, site, false, out);
  belief.store = store;
  return true;
}

void StoreBook::link_down(const SiteName& site) {
  if (const auto belief = beliefs_.find(site); belief != beliefs_.end()) belief->second.said = false;
}

bool StoreBook::may_have(const SiteName& site, const StoreId& store) const {
  if (store.is_zero() || store == own_) return false;
  const auto known = known_.find(store);
  if (known != known_.end()) return known->second.site == site || !is_known_(known->second.site);
  const auto count =
      std::count_if(known_.begin(), known_.end(), [&](const auto& one) { return one.second.site == site; });
  return static_cast<std::size_t>(count) < stores_max;
}

void StoreBook::note(const StoreId& store, const SiteName& site, bool gone, Effects& out) {
  const Known now{.site = site, .gone = gone};
  const auto [known, is_new] = known_.try_emplace(store, now);
  if (!is_new && known->second == now) return;
  known->second = now;
  std::string bytes(1, gone ? gone_mark : present_mark);
  bytes.append(store.bytes.begin(), store.bytes.end()).append(site.value);
  out.persist.emplace_back(PutDocument{documents::named(documents::stores, store), std::move(bytes)});
}

}  // namespace hansa
