#include "actors/committer.hpp"

#include <gtest/gtest.h>

#include <future>

#include "tests/support/memory_store.hpp"

namespace hansa {
namespace {

using Outcome = Committer::Outcome;

// Time goes by only while something is written.
class StoppedClock final : public Clock {
 public:
  Now now() const override { return {.instant = Instant{} + passed, .wall = {}}; }
  BootId boot() const override { return {}; }

  Duration passed{0};
};

class SlowStore final : public Store {
 public:
  SlowStore(Store& store, StoppedClock& clock) : store_(store), clock_(clock) {}

  Result<StoredState> load() override { return store_.load(); }
  Result<CommitResult> commit(std::span<const StoreRecord> records) override {
    if (meanwhile) meanwhile();
    clock_.passed += takes;
    sizes.push_back(records.size());
    return store_.commit(records);
  }
  std::optional<EncodedPayload> job_payload(const JobId& job) const override { return store_.job_payload(job); }
  std::optional<EncodedPayload> run_payload(const RunKey& run) const override { return store_.run_payload(run); }
  std::optional<std::string> note(const JobId& job) const override { return store_.note(job); }

  Duration takes = std::chrono::microseconds(100);
  std::function<void()> meanwhile;
  std::vector<std::size_t> sizes;  // of each commit

 private:
  Store& store_;
  StoppedClock& clock_;
};

struct CommitterTest : ::testing::Test {
  test::MemoryDisk disk;
  std::unique_ptr<test::MemoryStore> memory = std::move(test::MemoryStore::open(disk, {})).value();
  StoppedClock clock;
  SlowStore store{*memory, clock};
  Committer committer{[this] {
    SitePorts ports;
    ports.clock = &clock;
    ports.store = &store;
    return ports;
  }()};
  BatchNumber last;

  BatchNumber decide(std::size_t records = 1) {
    last = last.next();
    std::vector<StoreRecord> facts;
    for (std::size_t i = 0; i < records; ++i) facts.push_back(PutFact{"fact " + std::to_string(i), last.value});
    committer.append(last, std::move(facts));
    return last;
  }
  // As many quick ones in the store's thread as it takes.
  void become_quick() {
    for (int i = 0; i < 100; ++i) {
      decide();
      ASSERT_EQ(committer.commit().outcome, Outcome::committed);
    }
  }
};

TEST_F(CommitterTest, WhatWaitsGoesOutAsOneGroupInOrder) {
  decide();
  const auto second = decide(2);
  const auto written = committer.commit();
  EXPECT_EQ(written.outcome, Outcome::committed);
  EXPECT_EQ(written.through, second);
  EXPECT_EQ(store.sizes, std::vector<std::size_t>{3});
  EXPECT_EQ(committer.commit().outcome, Outcome::idle);
}

TEST_F(CommitterTest, TheBrainLeavesItToTheStoresThreadUntilTheDiskHasBeenQuickForAWhile) {
  decide();
  EXPECT_EQ(committer.commit_at_once().outcome, Outcome::idle);
  EXPECT_TRUE(committer.has_waiting());
  become_quick();
  const auto batch = decide();
  const auto written = committer.commit_at_once();
  EXPECT_EQ(written.outcome, Outcome::committed);
  EXPECT_EQ(written.through, batch);
}

TEST_F(CommitterTest, AfterASlowCommitTheBrainLeavesItToTheStoresThreadAgain) {
  become_quick();
  store.takes = std::chrono::milliseconds(20);
  decide();
  EXPECT_EQ(committer.commit_at_once().outcome, Outcome::committed);
  store.takes = std::chrono::microseconds(100);
  decide();
  EXPECT_EQ(committer.commit_at_once().outcome, Outcome::idle);
}

TEST_F(CommitterTest, ManyRecordsAreLeftToTheStoresThread) {
  become_quick();
  decide(1000);
  EXPECT_EQ(committer.commit_at_once().outcome, Outcome::idle);
  EXPECT_EQ(committer.commit().outcome, Outcome::committed);
}

TEST_F(CommitterTest, TheBrainNeverWaitsForACommitThatIsUnderWay) {
  become_quick();
  decide();
  Committer::Done meanwhile{.outcome = Outcome::failed};
  store.meanwhile = [&] {
    store.meanwhile = nullptr;
    decide();
    meanwhile = std::async(std::launch::async, [&] { return committer.commit_at_once(); }).get();
  };
  EXPECT_EQ(committer.commit().outcome, Outcome::committed);
  EXPECT_EQ(meanwhile.outcome, Outcome::idle);
  EXPECT_TRUE(committer.has_waiting());
}

TEST_F(CommitterTest, WhatMetAFullDiskGoesFirstOnceThereIsRoomAndTheBrainKeepsOff) {
  become_quick();
  disk.fill();
  decide(2);
  EXPECT_EQ(committer.commit_at_once().outcome, Outcome::disk_full);
  const auto later = decide();
  EXPECT_EQ(committer.commit_at_once().outcome, Outcome::idle);
  disk.free_space();
  store.sizes.clear();
  EXPECT_EQ(committer.commit().through, later);
  EXPECT_EQ(store.sizes, std::vector<std::size_t>{3});
}

TEST_F(CommitterTest, AStoreThatFailedStaysFailed) {
  disk.fail_next_commit(test::Landed::no);
  decide();
  EXPECT_EQ(committer.commit().outcome, Outcome::failed);
  decide();
  EXPECT_EQ(committer.commit().outcome, Outcome::failed);
}

}  // namespace
}  // namespace hansa
