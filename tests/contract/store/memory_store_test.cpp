#include "tests/support/memory_store.hpp"

#include <gmock/gmock.h>

#include "tests/contract/store/store_contract.hpp"
#include "tests/support/store_samples.hpp"

namespace hansa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OnMemory final : public StoreOnDisk {
 public:
  Result<std::unique_ptr<Store>> open(const StoreId& new_id) override {
    auto opened = MemoryStore::open(disk_, new_id);
    if (!opened) return opened.error();
    return std::unique_ptr<Store>(std::move(*opened));
  }
  void crash(std::unique_ptr<Store> store) override {
    disk_.lose_power();
    store.reset();
  }
  void fill_disk() override { disk_.fill(); }
  void free_space() override { disk_.free_space(); }

 private:
  MemoryDisk disk_;
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         ::testing::Values(Implementation{"Memory", [] { return std::make_unique<OnMemory>(); }}));

struct MemoryStoreFaults : ::testing::Test {
  MemoryDisk disk;
  std::unique_ptr<MemoryStore> store = std::move(*MemoryStore::open(disk, sample_store()));
  const std::vector<StoreRecord> batch = {PutJob{sample_job(1)}};

  std::vector<JobRecord> jobs_after_restart() {
    store.reset();
    store = std::move(*MemoryStore::open(disk, sample_store()));
    return store->load()->jobs;
  }
};

TEST_F(MemoryStoreFaults, AFailedCommitThatDidNotLandIsGone) {
  disk.fail_next_commit(Landed::no);
  EXPECT_FALSE(store->commit(batch).ok());
  EXPECT_THAT(jobs_after_restart(), IsEmpty());
}

TEST_F(MemoryStoreFaults, AFailedCommitThatLandedIsThereAfterTheRestart) {
  disk.fail_next_commit(Landed::yes);
  EXPECT_FALSE(store->commit(batch).ok());
  EXPECT_THAT(jobs_after_restart(), ElementsAre(sample_job(1)));
}

TEST_F(MemoryStoreFaults, AfterAFailureNothingIsCommittedUntilARestart) {
  disk.fail_next_commit(Landed::no);
  EXPECT_FALSE(store->commit(batch).ok());
  EXPECT_FALSE(store->commit(batch).ok());
  EXPECT_THAT(jobs_after_restart(), IsEmpty());
  EXPECT_TRUE(store->commit(batch).ok());
}

TEST_F(MemoryStoreFaults, AStoreThatLostPowerIsDeadAndItsSuccessorIsNot) {
  ASSERT_TRUE(store->commit(batch).ok());
  disk.lose_power();
  auto successor = MemoryStore::open(disk, sample_store(2));
  ASSERT_TRUE(successor.ok());
  EXPECT_FALSE(store->commit(std::vector<StoreRecord>{PutFact{"n", 1}}).ok());
  store.reset();
  EXPECT_FALSE(MemoryStore::open(disk, sample_store(3)).ok()) << "the successor still has it";
  EXPECT_THAT((*successor)->load()->jobs, ElementsAre(sample_job(1)));
  EXPECT_THAT((*successor)->load()->facts, IsEmpty());
}

}  // namespace
}  // namespace hansa::test
