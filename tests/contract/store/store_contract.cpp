#include "tests/contract/store/store_contract.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/store_samples.hpp"

namespace hansa::test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

// A daemon's hold on a disk: commits that must succeed, restarts, and what it reads.
class Daemon {
 public:
  explicit Daemon(StoreOnDisk& disk) : disk_(disk) { open(); }

  void commit(const std::vector<StoreRecord>& records) {
    const auto result = store_->commit(records);
    ASSERT_TRUE(result.ok()) << result.error().text;
    ASSERT_EQ(*result, CommitResult::durable);
  }
  bool finds_disk_full(const std::vector<StoreRecord>& records) {
    const auto result = store_->commit(records);
    return result.ok() && *result == CommitResult::disk_full;
  }
  StoredState load() {
    auto state = store_->load();
    if (!state.ok()) throw std::runtime_error(state.error().text);
    return std::move(*state);
  }
  void crash_and_restart() {
    disk_.crash(std::move(store_));
    open();
  }
  void stop_and_restart() {
    store_.reset();
    open();
  }
  void stop() { store_.reset(); }
  Store& store() { return *store_; }

  std::string job_payload(const JobId& job) { return text(store_->job_payload(job)); }
  std::string run_payload(const RunKey& run) { return text(store_->run_payload(run)); }
  std::string note(const JobId& job) { return store_->note(job).value_or("none"); }

 private:
  static std::string text(const std::optional<EncodedPayload>& payload) { return payload ? **payload : "none"; }

  void open() {
    auto opened = disk_.open(next_id());
    if (!opened.ok()) throw std::runtime_error(opened.error().text);
    store_ = std::move(*opened);
  }
  // A daemon draws an id at each start; only the first may count.
  StoreId next_id() { return sample_store(++starts_); }

  StoreOnDisk& disk_;
  std::uint8_t starts_ = 0;
  std::unique_ptr<Store> store_;
};

JobRecord changed(JobRecord job) {
  job.state = Delegated{.host = SiteName{"taihu"}, .host_store = sample_store(9)};
  job.epoch = job.epoch.next();
  return job;
}

}  // namespace

TEST_P(StoreContract, AFreshStoreHasTheIdItWasMadeWithAndNothingElse) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  const auto state = daemon.load();
  EXPECT_TRUE(state.fresh);
  EXPECT_EQ(state.store, sample_store(1));
  EXPECT_THAT(state.facts, IsEmpty());
  EXPECT_THAT(state.jobs, IsEmpty());
  EXPECT_THAT(state.runs, IsEmpty());
}

TEST_P(StoreContract, AStoreKeepsItsIdAndIsFreshUntilItsFirstCommit) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.crash_and_restart();
  EXPECT_TRUE(daemon.load().fresh);
  daemon.commit({PutFact{"incarnation", 1}});
  daemon.stop_and_restart();
  EXPECT_FALSE(daemon.load().fresh);
  EXPECT_EQ(daemon.load().store, sample_store(1));
}

TEST_P(StoreContract, WhatIsCommittedIsThereAfterACrash) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.commit({PutJob{sample_job(1)}, PutJobPayload{sample_job_id(1), std::string("script")},
                 PutNote{sample_job_id(1), "why"}, PutRun{sample_run(1)},
                 PutRunPayload{sample_run_key(1), std::string("copy")}, PutFact{"next job", 2}});
  daemon.crash_and_restart();
  const auto state = daemon.load();
  EXPECT_FALSE(state.fresh);
  EXPECT_THAT(state.jobs, ElementsAre(sample_job(1)));
  EXPECT_THAT(state.runs, ElementsAre(sample_run(1)));
  EXPECT_EQ(state.facts, (std::map<std::string, std::uint64_t>{{"next job", 2}}));
  EXPECT_EQ(daemon.job_payload(sample_job_id(1)), "script");
  EXPECT_EQ(daemon.run_payload(sample_run_key(1)), "copy");
  EXPECT_EQ(daemon.note(sample_job_id(1)), "why");
}

TEST_P(StoreContract, CopiesOfOthersJobsAreKeptReplacedAndDropped) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  const JobCopy first{.origin = SiteName{"taihu"}, .as_of = {7}, .record = sample_job(1)};
  JobCopy later = first;
  later.as_of = {9};
  later.record = changed(sample_job(1));
  const JobCopy other{.origin = SiteName{"gcl"}, .as_of = {8}, .record = sample_job(2)};
  daemon.commit({PutCopy{first}, PutCopy{other}});
  daemon.commit({PutCopy{later}});
  daemon.crash_and_restart();
  EXPECT_THAT(daemon.load().copies, ElementsAre(later, other));
  EXPECT_THAT(daemon.load().jobs, IsEmpty());
  daemon.commit({DropCopy{other.record.id}});
  daemon.stop_and_restart();
  EXPECT_THAT(daemon.load().copies, ElementsAre(later));
}

TEST_P(StoreContract, WhatIsCommittedIsThereAfterAnOrderlyStop) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.commit({PutJob{sample_job(1)}, PutJobPayload{sample_job_id(1), std::string("script")}});
  daemon.stop_and_restart();
  EXPECT_THAT(daemon.load().jobs, ElementsAre(sample_job(1)));
  EXPECT_EQ(daemon.job_payload(sample_job_id(1)), "script");
}

TEST_P(StoreContract, ALaterRecordReplacesAnEarlierOne) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  auto finished = sample_run(1);
  finished.state = RunState::finished;
  daemon.commit({PutJob{sample_job(1)}, PutRun{sample_run(1)}, PutNote{sample_job_id(1), "first"}, PutFact{"n", 1}});
  daemon.commit({PutJob{changed(sample_job(1))}, PutRun{finished}, PutNote{sample_job_id(1), "second"}, PutFact{"n", 2},
                 PutFact{"n", 3}});
  daemon.crash_and_restart();
  const auto state = daemon.load();
  EXPECT_THAT(state.jobs, ElementsAre(changed(sample_job(1))));
  EXPECT_THAT(state.runs, ElementsAre(finished));
  EXPECT_EQ(state.facts.at("n"), 3u);
  EXPECT_EQ(daemon.note(sample_job_id(1)), "second");
}

TEST_P(StoreContract, ChangingARecordKeepsItsPayload) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.commit({PutJob{sample_job(1)}, PutJobPayload{sample_job_id(1), std::string("script")}});
  daemon.commit({PutJob{changed(sample_job(1))}});
  EXPECT_EQ(daemon.job_payload(sample_job_id(1)), "script");
}

TEST_P(StoreContract, RecordsOfABatchTakeEffectInTheirOrder) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.commit({PutJob{sample_job(1)}, DropJob{sample_job_id(1)}, DropJob{sample_job_id(2)}, PutJob{sample_job(2)},
                 PutJob{sample_job(3)}, PutJob{changed(sample_job(3))}});
  EXPECT_THAT(daemon.load().jobs, ElementsAre(sample_job(2), changed(sample_job(3))));
}

TEST_P(StoreContract, DroppingAJobDropsItsPayloadAndNotesAndNoOthers) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  auto task = sample_job(1);
  task.id.task = 0;
  for (const auto& job : {sample_job(1), task, sample_job(2)})
    daemon.commit({PutJob{job}, PutJobPayload{job.id, std::string("script")}, PutNote{job.id, "why"}});
  daemon.commit({DropJob{sample_job_id(1)}});
  daemon.crash_and_restart();
  EXPECT_THAT(daemon.load().jobs, ElementsAre(task, sample_job(2)));
  EXPECT_EQ(daemon.job_payload(sample_job_id(1)), "none");
  EXPECT_EQ(daemon.note(sample_job_id(1)), "none");
  for (const auto& kept : {task.id, sample_job_id(2)}) {
    EXPECT_EQ(daemon.job_payload(kept), "script");
    EXPECT_EQ(daemon.note(kept), "why");
  }
}

TEST_P(StoreContract, DroppingARunDropsItsPayloadAndNoOtherEpochs) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  for (const std::uint64_t epoch : {1, 2})
    daemon.commit({PutRun{sample_run(1, epoch)}, PutRunPayload{sample_run_key(1, epoch), std::string("script")}});
  daemon.commit({PutJobPayload{sample_job_id(1), std::string("the job's own")}, DropRun{sample_run_key(1, 1)}});
  EXPECT_THAT(daemon.load().runs, ElementsAre(sample_run(1, 2)));
  EXPECT_EQ(daemon.run_payload(sample_run_key(1, 1)), "none");
  EXPECT_EQ(daemon.run_payload(sample_run_key(1, 2)), "script");
  EXPECT_EQ(daemon.job_payload(sample_job_id(1)), "the job's own");
}

TEST_P(StoreContract, DroppingWhatIsNotThereChangesNothing) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.commit({PutJob{sample_job(1)}});
  daemon.commit({DropJob{sample_job_id(2)}, DropRun{sample_run_key(1)}});
  EXPECT_THAT(daemon.load().jobs, ElementsAre(sample_job(1)));
}

TEST_P(StoreContract, JobsAndRunsComeInTheOrderOfTheirKeys) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  auto task = sample_job(2);
  task.id.task = 5;
  auto of_an_older_store = sample_job(9);
  of_an_older_store.id.store = sample_store(1);
  for (const auto& job : {task, sample_job(300), sample_job(2), of_an_older_store}) daemon.commit({PutJob{job}});
  for (const std::uint64_t epoch : {256, 2, 1}) daemon.commit({PutRun{sample_run(1, epoch)}});
  daemon.crash_and_restart();
  const auto state = daemon.load();
  EXPECT_THAT(state.jobs, ElementsAre(of_an_older_store, sample_job(2), task, sample_job(300)));
  EXPECT_THAT(state.runs, ElementsAre(sample_run(1, 1), sample_run(1, 2), sample_run(1, 256)));
}

TEST_P(StoreContract, PayloadsAndNotesAreAnyBytes) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  const std::string zeros("a\0b\xff\0", 5);
  const std::string large(4u << 20, 'x');
  daemon.commit({PutJobPayload{sample_job_id(1), zeros}, PutJobPayload{sample_job_id(2), std::string()},
                 PutJobPayload{sample_job_id(3), large}, PutNote{sample_job_id(1), "苏州 \"quoted\""},
                 PutNote{sample_job_id(2), ""}});
  daemon.crash_and_restart();
  EXPECT_EQ(daemon.job_payload(sample_job_id(1)), zeros);
  EXPECT_EQ(daemon.job_payload(sample_job_id(2)), "");
  EXPECT_EQ(daemon.job_payload(sample_job_id(3)), large);
  EXPECT_EQ(daemon.note(sample_job_id(1)), "苏州 \"quoted\"");
  EXPECT_EQ(daemon.note(sample_job_id(2)), "");
}

TEST_P(StoreContract, FactsKeepAllTheirBits) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  const auto most = std::numeric_limits<std::uint64_t>::max();
  daemon.commit({PutFact{"most", most}, PutFact{"", 0}});
  daemon.crash_and_restart();
  EXPECT_EQ(daemon.load().facts, (std::map<std::string, std::uint64_t>{{"", 0}, {"most", most}}));
}

TEST_P(StoreContract, AnEmptyBatchIsDurableAndLeavesAStoreFresh) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.commit({});
  EXPECT_TRUE(daemon.load().fresh);
}

TEST_P(StoreContract, AFullDiskTakesNothingOfABatchAndLosesNothing) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  daemon.commit({PutJob{sample_job(1)}, PutJobPayload{sample_job_id(1), std::string("script")}, PutFact{"n", 1}});
  const std::vector<StoreRecord> batch = {PutFact{"n", 2}, DropJob{sample_job_id(1)}, PutJob{sample_job(2)},
                                          PutJobPayload{sample_job_id(2), std::string(8u << 20, 'x')}};
  disk->fill_disk();
  EXPECT_TRUE(daemon.finds_disk_full(batch));
  EXPECT_TRUE(daemon.finds_disk_full(batch));
  const auto expect_as_before = [&] {
    EXPECT_THAT(daemon.load().jobs, ElementsAre(sample_job(1)));
    EXPECT_EQ(daemon.load().facts.at("n"), 1u);
    EXPECT_EQ(daemon.job_payload(sample_job_id(1)), "script");
    EXPECT_EQ(daemon.job_payload(sample_job_id(2)), "none");
  };
  expect_as_before();
  disk->free_space();
  daemon.crash_and_restart();
  expect_as_before();
}

TEST_P(StoreContract, ABatchThatFoundTheDiskFullGoesInOnceThereIsRoom) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  const std::vector<StoreRecord> batch = {PutJob{sample_job(2)},
                                          PutJobPayload{sample_job_id(2), std::string(8u << 20, 'x')}};
  disk->fill_disk();
  EXPECT_TRUE(daemon.finds_disk_full(batch));
  disk->free_space();
  daemon.commit(batch);
  daemon.crash_and_restart();
  EXPECT_THAT(daemon.load().jobs, ElementsAre(sample_job(2)));
  EXPECT_EQ(daemon.job_payload(sample_job_id(2)).size(), 8u << 20);
}

TEST_P(StoreContract, OneDaemonAtATimeHasTheStore) {
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  const auto second = disk->open(sample_store(99));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::refused);
  EXPECT_THAT(second.error().text, ::testing::HasSubstr("uses it; stop that"));
  daemon.commit({PutFact{"n", 1}});
  daemon.stop();
  EXPECT_TRUE(disk->open(sample_store(99)).ok());
}

// Three threads read whatever was last announced as committed; none may ever miss it.
TEST_P(StoreContract, EveryThreadReadsWhatWasCommitted) {
  constexpr std::uint64_t jobs = 200;
  const auto disk = GetParam().make();
  Daemon daemon(*disk);
  std::atomic<std::uint64_t> announced = 0;
  std::atomic<std::uint64_t> missed = 0;
  const auto read = [&] {
    for (std::uint64_t last = 0; last < jobs;) {
      last = announced.load();
      if (last == 0) continue;
      const auto payload = daemon.store().job_payload(sample_job_id(last));
      const auto note = daemon.store().note(sample_job_id(1));
      if (!payload || **payload != std::to_string(last) || !note) ++missed;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (std::uint64_t i = 1; i <= jobs; ++i) {
    daemon.commit({PutJobPayload{sample_job_id(i), std::to_string(i)}, PutNote{sample_job_id(1), std::to_string(i)}});
    announced = i;
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(missed, 0u);
}

}  // namespace hansa::test
