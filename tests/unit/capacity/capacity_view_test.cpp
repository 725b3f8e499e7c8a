#include "protocol/capacity/capacity_view.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

using std::chrono::minutes;

Instant at(std::int64_t s) {
  return Instant{std::chrono::seconds(s)};
}

Pool a100() {
  return {.name = "a100",
          .model = "nvidia-a100",
          .nodes = 4,
          .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 512 << 10},
          .tflops_per_unit = 312,
          .price_per_unit_hour = 5};
}

SiteRecord record(std::uint64_t version = 1) {
  return {.site = {"taihu"}, .incarnation = {1}, .version = version, .pools = {a100()}};
}

CapacityDigest digest(std::uint64_t version, const PoolDigest& pool) {
  return {.site = {"taihu"}, .incarnation = {1}, .version = {version}, .pools = {pool}};
}

PoolDigest all_free() {
  return {.pool = "a100", .units_free = 32, .largest_nodes = 4, .largest_units_on_node = 8};
}

PoolDigest full() {
  return {.pool = "a100", .units_free = 0, .wait_small_s = 100, .wait_middle_s = 200, .wait_large_s = 1000};
}

JobRequest gpus(std::uint32_t nodes, std::uint32_t count) {
  return {.resources = {.nodes = nodes, .per_node = {.accelerators = count, .cores = 1}}};
}

Outlook outlook(const CapacityView& view, const JobRequest& request, Instant now) {
  const auto all = view.outlooks(*view.find({"taihu"}), request, now);
  EXPECT_EQ(all.size(), 1u);
  return all.empty() ? Outlook{} : all.front();
}

TEST(CapacityView, SaysAtOnceWhenTheDigestHasRoom) {
  CapacityView view;
  view.learn(record());
  view.learn(at(0), digest(1, all_free()));
  const auto seen = outlook(view, gpus(2, 4), at(500));
  EXPECT_EQ(seen.start, Duration{0});
  EXPECT_EQ(seen.at_once, 4u);
  EXPECT_EQ(seen.tflops, 8 * 312);
  EXPECT_EQ(seen.price_per_hour, 40);
  EXPECT_EQ(outlook(view, gpus(4, 8), at(0)).at_once, 1u);
  EXPECT_TRUE(view.outlooks(*view.find({"taihu"}), gpus(5, 8), at(0)).empty());
}

TEST(CapacityView, KnowsThatFreeUnitsMayLieOnDifferentNodes) {
  CapacityView view;
  view.learn(record());
  view.learn(at(0), digest(1, {.pool = "a100",
                               .units_free = 12,
                               .largest_nodes = 0,
                               .largest_units_on_node = 3,
                               .wait_small_s = 0,
                               .wait_middle_s = 60,
                               .wait_large_s = 600}));
  EXPECT_EQ(outlook(view, gpus(1, 3), at(0)).at_once, 4u);
  EXPECT_EQ(outlook(view, gpus(1, 4), at(0)).at_once, 0u);
  EXPECT_GT(outlook(view, gpus(1, 8), at(0)).start, Duration{0});
  EXPECT_EQ(outlook(view, gpus(2, 8), at(0)).at_once, 0u);
}

TEST(CapacityView, WaitsGrowWithTheRequestAndCountDownWithAge) {
  CapacityView view;
  view.learn(record());
  view.learn(at(0), digest(1, full()));
  EXPECT_EQ(outlook(view, gpus(1, 1), at(0)).start, std::chrono::seconds(100));
  EXPECT_EQ(outlook(view, gpus(1, 8), at(0)).start, std::chrono::seconds(200));
  EXPECT_EQ(outlook(view, gpus(4, 8), at(0)).start, std::chrono::seconds(1000));
  EXPECT_EQ(outlook(view, gpus(1, 1), at(40)).start, std::chrono::seconds(60));
  EXPECT_EQ(outlook(view, gpus(1, 1), at(400)).start, std::chrono::seconds(1)) << "never now without a word of it";
}

TEST(CapacityView, WhatThisSiteTookIsGoneUntilTheNextDigest) {
  CapacityView view;
  view.learn(record());
  view.learn(at(0), digest(1, all_free()));
  view.take({"taihu"}, "a100", 28);
  EXPECT_EQ(outlook(view, gpus(1, 4), at(0)).at_once, 1u);
  EXPECT_EQ(outlook(view, gpus(1, 8), at(0)).at_once, 0u);
  view.give_back({"taihu"}, "a100", 4);
  EXPECT_EQ(outlook(view, gpus(1, 8), at(0)).at_once, 1u);
  view.learn(at(1), digest(2, all_free()));
  EXPECT_EQ(outlook(view, gpus(1, 8), at(1)).at_once, 4u);
  view.give_back({"taihu"}, "a100", 400);
  EXPECT_EQ(outlook(view, gpus(1, 8), at(1)).at_once, 4u) << "the digest knew of it already";
}

TEST(CapacityView, BelievesOnlyWhatIsNewerAndSaysWhenItIsBetter) {
  CapacityView view;
  EXPECT_FALSE(view.learn(at(0), digest(1, all_free()))) << "nobody it knows";
  view.learn(record());
  EXPECT_TRUE(view.learn(at(0), digest(5, full())));
  EXPECT_FALSE(view.learn(at(0), digest(5, all_free())));
  EXPECT_FALSE(view.learn(at(0), digest(4, all_free())));
  EXPECT_TRUE(view.learn(at(0), digest(6, all_free())));
  EXPECT_FALSE(view.learn(at(0), digest(7, full()))) << "worse";
  auto sooner = full();
  sooner.wait_large_s = 900;
  EXPECT_TRUE(view.learn(at(0), digest(8, sooner)));
}

TEST(CapacityView, ANewStoreVoidsTheDigest) {
  CapacityView view;
  view.learn(record());
  view.learn(at(0), digest(1, all_free()));
  auto reborn = record(2);
  reborn.store.bytes[0] = 1;
  view.learn(reborn);
  EXPECT_EQ(outlook(view, gpus(1, 8), at(0)).start, minutes(5)) << "nothing is known of it yet";
  view.learn(record(1));
  EXPECT_EQ(view.find({"taihu"})->record.store, reborn.store) << "an older record changes nothing";
}

}  // namespace
}  // namespace hansa
