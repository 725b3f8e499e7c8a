#include "src/store/commit_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hansa {
namespace {

std::vector<StoreRecord> facts(std::size_t count, std::uint64_t value = 0) {
  return std::vector<StoreRecord>(count, PutFact{"fact", value});
}

std::vector<StoreRecord> payload(std::size_t bytes) {
  return {PutJobPayload{.job = {}, .payload = std::string(bytes, 'x')}};
}

TEST(CommitQueue, GivesEverythingThatWaitsAsOneCommit) {
  CommitQueue queue;
  queue.append(1, facts(2));
  queue.append(2, facts(1));
  queue.append(5, facts(3));
  const auto commit = queue.take();
  EXPECT_EQ(commit.records.size(), 6u);
  EXPECT_EQ(commit.through, 5u);
  EXPECT_EQ(commit.batches, 3u);
  EXPECT_TRUE(queue.empty());
}

TEST(CommitQueue, KeepsTheOrderOfBatchesAndRecords) {
  CommitQueue queue;
  for (std::uint64_t i = 1; i <= 20; ++i) queue.append(i, {PutFact{"first", i}, PutFact{"second", i}});
  const auto commit = queue.take();
  ASSERT_EQ(commit.records.size(), 40u);
  for (std::uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(commit.records[2 * i], StoreRecord(PutFact{"first", i + 1}));
    EXPECT_EQ(commit.records[2 * i + 1], StoreRecord(PutFact{"second", i + 1}));
  }
}

TEST(CommitQueue, BoundsACommitByRecordsWithoutSplittingABatch) {
  CommitQueue queue({.records_max = 10});
  for (std::uint64_t i = 1; i <= 4; ++i) queue.append(i, facts(4));
  EXPECT_EQ(queue.take().through, 2u);
  EXPECT_EQ(queue.take().through, 4u);
  EXPECT_TRUE(queue.empty());
}

TEST(CommitQueue, BoundsACommitByTheBytesOfItsPayloadsAndNotes) {
  CommitQueue queue({.bytes_max = 10'000});
  queue.append(1, payload(4'000));
  queue.append(2, {PutNote{.job = {}, .text = std::string(4'000, 'x')}});
  queue.append(3, {PutRunPayload{.run = {}, .payload = std::string(4'000, 'x')}});
  EXPECT_EQ(queue.take().through, 2u);
  EXPECT_EQ(queue.take().through, 3u);
}

TEST(CommitQueue, LetsABatchThatAloneExceedsTheBoundsGoAlone) {
  CommitQueue queue({.records_max = 10, .bytes_max = 1'000'000});
  queue.append(1, facts(100));
  queue.append(2, facts(1));
  queue.append(3, payload(2'000'000));
  EXPECT_EQ(queue.take().records.size(), 100u);
  EXPECT_EQ(queue.take().through, 2u);
  EXPECT_EQ(queue.take().through, 3u);
}

TEST(CommitQueue, CarriesBatchesWithoutRecordsToo) {
  CommitQueue queue;
  queue.append(7, {});
  EXPECT_FALSE(queue.empty());
  const auto commit = queue.take();
  EXPECT_TRUE(commit.records.empty());
  EXPECT_EQ(commit.through, 7u);
}

TEST(CommitQueue, GivesWhatWasPutBackFirstAndWhole) {
  CommitQueue queue({.records_max = 4});
  queue.append(1, facts(2, 1));
  queue.append(2, facts(2, 2));
  queue.append(3, facts(2, 3));
  auto refused = queue.take();
  const auto records = refused.records;
  queue.put_back(std::move(refused));
  EXPECT_EQ(queue.batches_waiting(), 3u);
  const auto again = queue.take();
  EXPECT_EQ(again.records, records);
  EXPECT_EQ(again.through, 2u);
  EXPECT_EQ(again.batches, 2u);
  EXPECT_EQ(queue.take().through, 3u);
}

}  // namespace
}  // namespace hansa
