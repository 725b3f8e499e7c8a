#include "protocol/controller/store_book.hpp"

#include <algorithm>

#include "protocol/admission/documents.hpp"

namespace hansa {
namespace {

// In a document: a mark, the store, the site.
constexpr char present_mark = '+';
constexpr char gone_mark = '-';

template <class Id>
Id id_at(const std::string& bytes, std::size_t offset) {
  Id id;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), id.bytes.size(), id.bytes.begin());
  return id;
}

template <class Id>
void append(std::string& bytes, const Id& id) {
  bytes.append(id.bytes.begin(), id.bytes.end());
}

// Those whose names begin with `prefix`, without it.
template <class Read>
void each_under(const std::map<std::string, std::string>& documents, std::string_view prefix, Read read) {
  for (auto at = documents.lower_bound(std::string(prefix)); at != documents.end(); ++at) {
    if (!at->first.starts_with(prefix)) return;
    read(at->first.substr(prefix.size()), at->second);
  }
}

}  // namespace

StoreBook::StoreBook(SiteName self, StoreId own, IsKnown is_known)
    : self_(std::move(self)), own_(own), is_known_(std::move(is_known)) {}

void StoreBook::restore(const std::map<std::string, std::string>& documents) {
  constexpr std::size_t store_size = sizeof(StoreId::bytes), daemon_size = sizeof(DaemonId::bytes);
  each_under(documents, documents::stores, [&](const std::string&, const std::string& bytes) {
    if (bytes.size() <= 1 + store_size) return;
    known_[id_at<StoreId>(bytes, 1)] = {.site = {bytes.substr(1 + store_size)}, .gone = bytes.front() == gone_mark};
  });
  each_under(documents, documents::daemons, [&](const std::string& site, const std::string& bytes) {
    auto& daemons = daemons_[SiteName{site}];
    for (std::size_t at = 0; at + daemon_size <= bytes.size(); at += daemon_size) {
      daemons.push_back(id_at<DaemonId>(bytes, at));
    }
  });
}

std::optional<StoreId> StoreBook::of(const SiteName& site) const {
  if (site == self_) return own_;
  const auto belief = beliefs_.find(site);
  return belief == beliefs_.end() ? std::nullopt : std::optional(belief->second.store);
}

bool StoreBook::said(const SiteName& site, const DaemonId& daemon, const StoreId& store, Effects& out) {
  if (is_past(site, daemon) || !may_have(site, store)) return false;
  note(site, daemon, out);
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

bool StoreBook::is_past(const SiteName& site, const DaemonId& daemon) const {
  const auto known = daemons_.find(site);
  if (known == daemons_.end()) return false;
  const auto& daemons = known->second;
  const auto found = std::find(daemons.begin(), daemons.end(), daemon);
  return found != daemons.end() && found + 1 != daemons.end();
}

void StoreBook::note(const SiteName& site, const DaemonId& daemon, Effects& out) {
  auto& daemons = daemons_[site];
  if (!daemons.empty() && daemons.back() == daemon) return;
  daemons.push_back(daemon);
  if (daemons.size() > daemons_max) daemons.erase(daemons.begin());
  std::string bytes;
  for (const auto& each : daemons) append(bytes, each);
  out.persist.emplace_back(PutDocument{std::string(documents::daemons) + site.value, std::move(bytes)});
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
  append(bytes, store);
  bytes += site.value;
  out.persist.emplace_back(PutDocument{documents::named(documents::stores, store), std::move(bytes)});
}

}  // namespace hansa
