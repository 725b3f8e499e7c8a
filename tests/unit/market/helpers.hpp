// One origin's market with everything around it set by hand.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/market/market.hpp"
#include "src/placement/registry.hpp"

namespace hansa::market_test {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline Now now_at(std::int64_t ms) {
  return {Instant{seconds(1'000) + milliseconds(ms)}, {1'700'000'000'000 + ms}};
}
inline Instant at(std::int64_t ms) {
  return now_at(ms).instant;
}

inline JobId job(std::uint64_t number) {
  return {.number = number};
}

inline BidId bid_id(std::uint64_t number) {
  BidId id;
  for (int i = 0; i < 8; ++i) id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

inline StoreId store_of(const std::string& site) {
  StoreId store;
  for (std::size_t i = 0; i < site.size() && i < 16; ++i) store.bytes[i] = static_cast<std::uint8_t>(site[i]);
  return store;
}

inline Pool pool_of(std::uint32_t nodes, std::string name = "a100") {
  return {.name = name,
          .model = "nvidia-" + name,
          .nodes = nodes,
          .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 512 << 10},
          .tflops_per_unit = 312};
}

inline JobRequest gpus(std::uint32_t count, std::vector<std::string> models = {}) {
  return {.resources = {.per_node = {.accelerators = count, .cores = 1}, .models = std::move(models)}};
}

struct FakeView final : MarketView {
  LinkFacts link(const SiteName& site) const override {
    const auto found = links.find(site);
    return found == links.end() ? LinkFacts{MemberState::alive, true, milliseconds(1), 1e9} : found->second;
  }
  bool isolated() const override { return is_isolated; }
  std::optional<Instant> home_start(const JobId& id, Instant) override {
    ++home_asked;
    const auto found = home.find(id);
    return found == home.end() ? std::nullopt : std::optional(found->second);
  }
  Duration expected_delay(const SiteName& site, Instant) const override {
    const auto found = delays.find(site);
    return found == delays.end() ? Duration{0} : found->second;
  }

  std::map<SiteName, LinkFacts> links;
  std::map<SiteName, Duration> delays;
  std::map<JobId, Instant> home;
  bool is_isolated = false;
  std::size_t home_asked = 0;
};

class MarketTest : public testing::Test {
 protected:
  explicit MarketTest(MarketOptions wanted = {})
      : options(wanted), market({"wujiang"}, options, **find_score("balanced"), capacity, view, Rng{7}) {}

  void site(const std::string& name, std::uint32_t nodes, std::uint64_t free, std::uint32_t wait_s = 0,
            const std::string& pool = "a100") {
    capacity.learn(SiteRecord{.site = {name},
                              .incarnation = {1},
                              .store = store_of(name),
                              .region = "cn/east/" + name,
                              .pools = {pool_of(nodes, pool)}});
    digest(name, free, wait_s, pool);
  }
  bool digest(const std::string& name, std::uint64_t free, std::uint32_t wait_s = 0, const std::string& pool = "a100") {
    const auto largest = static_cast<std::uint32_t>(std::min<std::uint64_t>(8, free));
    return capacity.learn(at(time_ms), CapacityDigest{.site = {name},
                                                      .incarnation = {1},
                                                      .version = {++version},
                                                      .pools = {{.pool = pool,
                                                                 .units_free = free,
                                                                 .largest_nodes = static_cast<std::uint32_t>(free / 8),
                                                                 .largest_units_on_node = largest,
                                                                 .wait_small_s = wait_s,
                                                                 .wait_middle_s = wait_s,
                                                                 .wait_large_s = wait_s}}});
  }

  void place(std::uint64_t number, const Shared<JobRequest>& request, std::optional<Duration> home_wait,
             bool waits = false) {
    PlaceOrder order{.job = job(number), .request = request, .waits_at_home = waits};
    if (home_wait) {
      order.home = HomeOffer{.start = at(time_ms) + *home_wait,
                             .pool = "a100",
                             .tflops = 312.0 * request->resources.per_node.accelerators};
      view.home[job(number)] = order.home->start;
    }
    market.place(now_at(time_ms), order);
  }

  // What leaves by now.
  std::vector<Send> tick(std::int64_t ms) {
    time_ms = ms;
    Effects out;
    market.tick(now_at(ms), out);
    return out.send;
  }
  std::vector<Send> hear(const std::string& from, const Message& message) {
    Effects out;
    if (const auto* bid = std::get_if<Bid>(&message)) market.step(now_at(time_ms), {from}, *bid, out);
    if (const auto* decline = std::get_if<Decline>(&message)) market.step(now_at(time_ms), {from}, *decline, out);
    return out.send;
  }
  static CallForBids call_in(const std::vector<Send>& sends, std::size_t index = 0) {
    return std::get<CallForBids>(sends.at(index).message);
  }
  static std::vector<std::string> asked(const std::vector<Send>& sends) {
    std::vector<std::string> sites;
    for (const auto& send : sends) {
      if (std::holds_alternative<CallForBids>(send.message)) sites.push_back(send.to.value);
    }
    std::sort(sites.begin(), sites.end());
    return sites;
  }
  Bid bid(CallId call, std::vector<std::uint64_t> ids, Duration start = Duration{0}) {
    Bid bid{.call = call, .earliest_start = start, .pool = "a100", .model = "nvidia-a100", .valid_for = seconds(10)};
    for (const auto id : ids) bid.bids.push_back(bid_id(id));
    return bid;
  }
  static std::vector<BidId> released(const std::vector<Send>& sends) {
    std::vector<BidId> bids;
    for (const auto& send : sends) {
      if (const auto* release = std::get_if<Release>(&send.message)) {
        bids.insert(bids.end(), release->bids.begin(), release->bids.end());
      }
    }
    return bids;
  }
  Verdict only_verdict() {
    const auto verdicts = market.take_verdicts();
    EXPECT_EQ(verdicts.size(), 1u);
    return verdicts.empty() ? Verdict{} : verdicts.front();
  }

  MarketOptions options;
  FakeView view;
  CapacityView capacity;
  Market market;
  std::int64_t time_ms = 0;
  std::uint64_t version = 0;
};

}  // namespace hansa::market_test
