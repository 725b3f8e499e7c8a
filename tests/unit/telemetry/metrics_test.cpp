#include "src/telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/telemetry/counted_store.hpp"
#include "src/telemetry/transport_metrics.hpp"

namespace hansa {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, ACounterIsPrintedWithItsHelpTypeAndLabels) {
  Metrics metrics;
  metrics.counter("hansa_bids_total", "Bids made.", {{"result", "won"}}).add(3);
  EXPECT_THAT(metrics.text(),
              AllOf(HasSubstr("# HELP hansa_bids_total Bids made.\n"), HasSubstr("# TYPE hansa_bids_total counter\n"),
                    HasSubstr("hansa_bids_total{result=\"won\"} 3\n")));
}

TEST(Metrics, AskedForAgainItIsTheSameMetric) {
  Metrics metrics;
  metrics.counter("hansa_bids_total", "Bids made.").add();
  metrics.counter("hansa_bids_total", "Bids made.").add();
  EXPECT_THAT(metrics.text(), HasSubstr("hansa_bids_total 2\n"));
}

TEST(Metrics, AGaugeGoesUpAndDown) {
  Metrics metrics;
  auto jobs = metrics.gauge("hansa_jobs", "Jobs.", {{"state", "running"}});
  jobs.set(5);
  jobs.add(-2);
  EXPECT_THAT(metrics.text(), HasSubstr("hansa_jobs{state=\"running\"} 3\n"));
}

TEST(Metrics, AHistogramCountsWhatIsAtMostEachBound) {
  Metrics metrics;
  auto handoff = metrics.histogram("hansa_handoff_seconds", "Handoffs.", {0.1, 1});
  for (const double value : {0.05, 0.5, 5.0}) handoff.observe(value);
  EXPECT_THAT(metrics.text(), AllOf(HasSubstr("hansa_handoff_seconds_bucket{le=\"0.1\"} 1\n"),
                                    HasSubstr("hansa_handoff_seconds_bucket{le=\"1\"} 2\n"),
                                    HasSubstr("hansa_handoff_seconds_bucket{le=\"+Inf\"} 3\n"),
                                    HasSubstr("hansa_handoff_seconds_count 3\n")));
}

TEST(Metrics, BoundsOfSecondsRise) {
  const auto bounds = seconds_buckets();
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
  EXPECT_DOUBLE_EQ(bounds.front(), 1e-4);
  EXPECT_DOUBLE_EQ(bounds.back(), 100);
}

TEST(Metrics, WhatSomebodyElseCountsIsReadWhenAskedFor) {
  Metrics metrics;
  double queued = 1;
  metrics.read_gauge("hansa_queued", "Queued.", [&] { return queued; }, {{"lane", "bulk"}});
  metrics.read_gauge("hansa_queued", "Queued.", [] { return 9.0; }, {{"lane", "control"}});
  queued = 7;
  const auto text = metrics.text();
  EXPECT_THAT(text,
              AllOf(HasSubstr("hansa_queued{lane=\"bulk\"} 7\n"), HasSubstr("hansa_queued{lane=\"control\"} 9\n")));
  EXPECT_EQ(text.find("# TYPE hansa_queued gauge"), text.rfind("# TYPE hansa_queued gauge")) << "one family, one head";
  metrics.forget_read();
  EXPECT_THAT(metrics.text(), Not(HasSubstr("hansa_queued")));
}

TEST(Metrics, ANameThatBreaksTheRulesIsRefused) {
  Metrics metrics;
  EXPECT_THROW(metrics.counter("bids_total", ""), std::invalid_argument);
  EXPECT_THROW(metrics.counter("hansa_bids", ""), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("hansa_jobs_total", ""), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("hansa_bad name", ""), std::invalid_argument);
  EXPECT_THROW(metrics.read_gauge("hansa_bad name", "", [] { return 0.0; }), std::invalid_argument);
  EXPECT_THROW(metrics.read_gauge("jobs", "", [] { return 0.0; }), std::invalid_argument);
}

class CountingTransport : public Transport {
 public:
  bool send(const SiteName&, Lane, std::string, Haste) override { return false; }
  void set_peers(std::vector<PeerAddress>) override {}
  void cut_off(const SiteName&, std::uint32_t) override {}
  TransportCounters counters() const override { return {.frames_sent_total = 11, .handshakes_refused_total = 17}; }
};

TEST(Metrics, ATransportsCountersAreAmongThem) {
  Metrics metrics;
  const CountingTransport transport;
  watch(metrics, transport);
  EXPECT_THAT(metrics.text(), AllOf(HasSubstr("hansa_transport_frames_sent_total 11\n"),
                                    HasSubstr("hansa_transport_handshakes_refused_total 17\n")));
}

// Says what it is told to.
class ScriptedStore : public Store {
 public:
  Result<StoredState> load() override { return StoredState{}; }
  Result<CommitResult> commit(std::span<const StoreRecord>) override { return says; }
  std::optional<EncodedPayload> job_payload(const JobId&) const override { return std::nullopt; }
  std::optional<EncodedPayload> run_payload(const RunKey&) const override { return std::nullopt; }
  std::optional<std::string> note(const JobId&) const override { return "a note"; }

  Result<CommitResult> says = CommitResult::durable;
};

TEST(Metrics, AStoresCommitsAreTimedAndItsTroublesCounted) {
  Metrics metrics;
  ScriptedStore store;
  CountedStore counted(store, metrics);
  const std::vector<StoreRecord> records{PutFact{"a", 1}, PutFact{"b", 2}, PutFact{"c", 3}};
  EXPECT_EQ(*counted.commit(records), CommitResult::durable);
  store.says = CommitResult::disk_full;
  EXPECT_EQ(*counted.commit(records), CommitResult::disk_full);
  store.says = internal_error("the disk is gone");
  EXPECT_FALSE(counted.commit(records).ok());
  EXPECT_EQ(counted.note({}), "a note");
  EXPECT_THAT(metrics.text(),
              AllOf(HasSubstr("hansa_store_commit_seconds_count 1\n"), HasSubstr("hansa_store_records_total 3\n"),
                    HasSubstr("hansa_store_disk_full_total 1\n"), HasSubstr("hansa_store_failures_total 1\n")));
}

}  // namespace
}  // namespace hansa
