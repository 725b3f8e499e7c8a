// The simulated disk promises what the journal promises, and not a bit more.
#include "src/sim/disk.hpp"

#include "tests/support/handoff_kit.hpp"

namespace hansa::sim {
namespace {

using namespace hansa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct DiskTest : testing::Test {
  Timeline timeline;
  std::vector<std::uint64_t> durable;
  std::vector<bool> room;
  int failures = 0;
  Disk disk{timeline,
            StoreId{},
            {.watch = [](const StoreRecord&) {},
             .durable = [this](BatchNumber through) { durable.push_back(through.value); },
             .room_changed = [this](bool full) { room.push_back(full); },
             .draw_commit_time = [] { return Duration(milliseconds(10)); },
             .failed =
                 [this] {
                   ++failures;
                   disk.crash(false);
                 }}};

  void write(std::uint64_t batch) {
    disk.commit(BatchNumber{batch}, {PutFact{.name = "fact-" + std::to_string(batch), .value = batch}});
  }
  void pass(Duration by) {
    const auto until = timeline.now() + by;
    while (timeline.step(until)) {
    }
    timeline.pass_to(until);
  }
  std::size_t facts() const { return disk.load().facts.size(); }
};

TEST_F(DiskTest, WhatWaitsWhileItWritesGoesOutAsOneCommit) {
  write(1);
  pass(milliseconds(5));
  write(2);
  write(3);
  pass(milliseconds(5));
  EXPECT_EQ(durable, std::vector<std::uint64_t>{1});
  pass(milliseconds(10));
  EXPECT_EQ(durable, (std::vector<std::uint64_t>{1, 3}));
}

TEST_F(DiskTest, ACommitThatIsTornIsNotThereAtAll) {
  write(1);
  write(2);
  pass(milliseconds(5));
  disk.crash(false);
  EXPECT_EQ(facts(), 0u);
}

TEST_F(DiskTest, ACommitThatLandedIsThereAsAWholeThoughNobodyWasTold) {
  write(1);
  write(2);
  pass(milliseconds(5));
  write(3);
  disk.crash(true);
  EXPECT_EQ(facts(), 2u) << "what only waited for its turn is gone";
  pass(seconds(1));
  EXPECT_TRUE(durable.empty());
}

TEST_F(DiskTest, AFullDiskRefusesTellsAndTriesAgain) {
  disk.set_full(true);
  write(1);
  pass(milliseconds(20));
  write(2);
  EXPECT_EQ(room, std::vector<bool>{true});
  EXPECT_EQ(facts(), 0u);
  disk.set_full(false);
  pass(seconds(2));
  EXPECT_EQ(room, (std::vector<bool>{true, false}));
  EXPECT_EQ(durable, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_TRUE(disk.is_idle());
}

TEST_F(DiskTest, WhatAFullDiskRefusedDoesNotSurviveACrash) {
  disk.set_full(true);
  write(1);
  pass(milliseconds(15));
  disk.crash(true);
  EXPECT_EQ(facts(), 0u);
}

TEST_F(DiskTest, AnErrorEndsTheDaemonAndNobodyIsToldThatItIsDurable) {
  disk.fail_next();
  write(1);
  pass(seconds(1));
  EXPECT_EQ(failures, 1);
  EXPECT_TRUE(durable.empty());
  write(2);
  pass(seconds(1));
  EXPECT_EQ(durable, std::vector<std::uint64_t>{2});
}

}  // namespace
}  // namespace hansa::sim
