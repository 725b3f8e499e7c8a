#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_views.hpp"

namespace hansa::gateway {
namespace {

using Json = nlohmann::ordered_json;

// A site whose digest has not come yet has pools whose state is unknown: null, not zero.
const PoolDigest* digest_of(const SiteView& site, const std::string& pool) {
  const auto found =
      std::find_if(site.pools.begin(), site.pools.end(), [&](const auto& digest) { return digest.pool == pool; });
  return found == site.pools.end() ? nullptr : &*found;
}

template <class Number>
Json known(const PoolDigest* digest, Number PoolDigest::*field) {
  return digest ? Json(digest->*field) : Json();
}

Json pool_json(const Pool& pool, const PoolDigest* digest) {
  return {{"pool", pool.name},
          {"model", pool.model},
          {"nodes", pool.nodes},
          {"accelerators_per_node", pool.per_node.accelerators},
          {"cores_per_node", pool.per_node.cores},
          {"memory_bytes_per_node", pool.per_node.memory_mib << 20},
          {"tflops_per_unit", pool.tflops_per_unit},
          {"price_per_unit_hour", pool.price_per_unit_hour},
          {"units", pool.units()},
          {"units_free", known(digest, &PoolDigest::units_free)},
          {"nodes_free", known(digest, &PoolDigest::largest_nodes)},
          {"largest_units_on_node", known(digest, &PoolDigest::largest_units_on_node)},
          {"queued_unit_s", known(digest, &PoolDigest::queued_unit_seconds)},
          {"wait_small_s", known(digest, &PoolDigest::wait_small_s)},
          {"wait_middle_s", known(digest, &PoolDigest::wait_middle_s)},
          {"wait_large_s", known(digest, &PoolDigest::wait_large_s)}};
}

Json site_json(const SiteView& site) {
  const auto& record = site.record.value;
  Json view{{"site", record.site.value},
            {"region", record.region},
            {"state", to_word(site.state)},
            {"self", site.self},
            {"connected", site.connected},
            {"draining", site.draining},
            {"rtt_s", site.rtt > Duration::zero() ? Json(seconds(site.rtt)) : Json()},
            {"age_s", seconds(site.age)},
            {"store", to_hex(record.store)},
            {"endpoints", record.endpoints},
            {"labels", record.labels},
            {"datasets", record.datasets}};
  auto& pools = view["pools"] = Json::array();
  for (const auto& pool : record.pools) pools.push_back(pool_json(pool, digest_of(site, pool.name)));
  return view;
}

struct ModelSum {
  std::uint64_t sites = 0;
  std::uint64_t units = 0;
  std::uint64_t units_free = 0;
};

// What can be reached counts: a failed site's accelerators are nobody's.
bool counts(const SiteView& site) {
  return site.self || site.state == MemberState::alive || site.state == MemberState::suspect;
}

Json models_json(const SiteList& list) {
  std::map<std::string, ModelSum> models;
  for (const auto& site : list.sites) {
    if (!counts(site)) continue;
    for (const auto& pool : site.record.value.pools) {
      auto& sum = models[pool.model];
      const auto* digest = digest_of(site, pool.name);
      ++sum.sites;
      sum.units += pool.units();
      sum.units_free += digest ? digest->units_free : 0;
    }
  }
  auto rows = Json::array();
  for (const auto& [model, sum] : models) {
    rows.push_back({{"model", model}, {"pools", sum.sites}, {"units", sum.units}, {"units_free", sum.units_free}});
  }
  return rows;
}

}  // namespace

Json site_list_json(const SiteList& list) {
  auto sites = Json::array();
  for (const auto& site : list.sites) sites.push_back(site_json(site));
  return {{"sites", std::move(sites)}};
}

Json capacity_json(const SiteList& list) {
  auto pools = Json::array();
  for (const auto& site : list.sites) {
    for (const auto& pool : site.record.value.pools) {
      Json row{{"site", site.record.value.site.value},
               {"state", to_word(site.state)},
               {"draining", site.draining},
               {"age_s", seconds(site.age)}};
      row.update(pool_json(pool, digest_of(site, pool.name)));
      pools.push_back(std::move(row));
    }
  }
  return {{"models", models_json(list)}, {"pools", std::move(pools)}};
}

Json status_json(const SiteStatus& status) {
  return {{"site", status.site.value},
          {"region", status.region},
          {"store", to_hex(status.store)},
          {"version", status.version},
          {"backend", status.backend},
          {"limits", status.limits},
          {"ready", status.ready},
          {"degraded", status.degraded},
          {"problem", status.problem},
          {"jobs_pending", status.jobs_pending},
          {"jobs_running", status.jobs_running},
          {"runs_here", status.runs_here},
          {"runs_queued_here", status.runs_queued_here},
          {"disk_free_bytes", status.disk_free_bytes}};
}

Json event_json(const FederationEvent& event) {
  return {{"kind", event.kind},
          {"at", time_json(event.at)},
          {"job", event.job.empty() ? Json() : Json(event.job)},
          {"site", event.site.empty() ? Json() : Json(event.site.value)},
          {"text", event.text}};
}

}  // namespace hansa::gateway
