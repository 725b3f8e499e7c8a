// A judge that can't condemn proves nothing: each promise is broken here once, and noticed.
#include "src/sim/judge.hpp"

#include "tests/support/handoff_kit.hpp"

namespace hansa::sim {
namespace {

using namespace hansa::test;

struct JudgeTest : testing::Test {
  Judge judge;
  const std::vector<Pool> pools{{.name = "cpu", .nodes = 1, .per_node = {.accelerators = 2, .cores = 2}}};
  const RunKey run = run_of(1, 1);

  static JobRecord job(JobState state, std::uint64_t epoch = 1) {
    return {.id = job_of(1), .epoch = Epoch{epoch}, .state = std::move(state)};
  }
  void write_job(JobState state, std::uint64_t epoch = 1) {
    judge.durable(wujiang, PutJob{job(std::move(state), epoch)});
  }
  void write_run(const SiteName& at, RunState state, const RunKey& key = run_of(1, 1)) {
    judge.durable(at, PutRun{{.key = key, .state = state}});
  }
  void delegate_to(const SiteName& host, std::uint64_t epoch = 1) { write_job(Delegated{.host = host}, epoch); }
  static StartRun command(const RunKey& key, OnPartition choice = OnPartition::wait) {
    return {.run = key,
            .request = JobRequest{.on_partition = choice},
            .allocation = {.pool = "cpu", .per_node = {.cores = 1}, .nodes = {{.node = 0}}}};
  }
  void start(const SiteName& at, const RunKey& key, OnPartition choice = OnPartition::wait) {
    judge.started(at, command(key, choice), pools);
  }
  // A run that may start.
  void prepare(const SiteName& at, std::uint64_t epoch = 1) {
    delegate_to(at, epoch);
    write_run(at, RunState::confirmed, run_of(1, epoch));
  }
  void expect_broken(const std::string& what) {
    ASSERT_TRUE(judge.violation()) << "nobody noticed: " << what;
    EXPECT_NE(judge.violation()->find(what), std::string::npos) << *judge.violation();
  }
  template <class M>
  void say(const SiteName& from, const SiteName& to, M message) {
    judge.leaves(from, {to, std::move(message)});
  }
};

TEST_F(JudgeTest, AnHonestLifeIsNotCondemned) {
  write_job(Pending{}, 0);
  judge.acknowledged("k", job_of(1), {});
  write_job(Awarding{.host = taihu});
  say(wujiang, taihu, Award{.tasks = {{.run = run}}});
  write_run(taihu, RunState::accepted);
  say(taihu, wujiang, Accepted{.run = run});
  delegate_to(taihu);
  say(wujiang, taihu, Confirm{.run = run});
  write_run(taihu, RunState::confirmed);
  start(taihu, run);
  write_run(taihu, RunState::started);
  say(taihu, wujiang, Progress{.run = run});
  judge.ended(taihu, run);
  write_run(taihu, RunState::finished);
  say(taihu, wujiang, Finished{.run = run});
  EXPECT_EQ(judge.unfinished().size(), 1u);
  write_job(Ended{.host = taihu});
  say(wujiang, taihu, FinishedAck{.run = run});
  EXPECT_TRUE(judge.unfinished().empty());
  EXPECT_FALSE(judge.violation()) << *judge.violation();
}

TEST_F(JudgeTest, TwoExecutorsAreNoticed) {
  prepare(taihu, 1);
  start(taihu, run_of(1, 1), OnPartition::rerun);
  prepare(suzhou, 2);
  start(suzhou, run_of(1, 2), OnPartition::rerun);
  expect_broken("runs twice");
}

TEST_F(JudgeTest, TwoExecutorsByAHumansWordAreNot) {
  prepare(taihu, 1);
  start(taihu, run_of(1, 1));
  judge.reran_by_hand(job_of(1));
  prepare(suzhou, 2);
  start(suzhou, run_of(1, 2));
  EXPECT_FALSE(judge.violation());
}

TEST_F(JudgeTest, ASecondStartOfOneRunIsNoticed) {
  prepare(taihu);
  start(taihu, run, OnPartition::rerun);
  judge.ended(taihu, run);
  start(taihu, run, OnPartition::rerun);
  expect_broken("started twice");
}

TEST_F(JudgeTest, ASecondStartOfAWaitJobIsNoticed) {
  prepare(taihu, 1);
  start(taihu, run_of(1, 1));
  judge.ended(taihu, run_of(1, 1));
  prepare(suzhou, 2);
  start(suzhou, run_of(1, 2));
  expect_broken("started again");
}

TEST_F(JudgeTest, AStartThatNobodyDelegatedIsNoticed) {
  write_run(taihu, RunState::accepted);
  start(taihu, run);
  expect_broken("had not delegated");
}

TEST_F(JudgeTest, AStartWithoutARecordIsNoticed) {
  delegate_to(taihu);
  start(taihu, run);
  expect_broken("without a record");
}

TEST_F(JudgeTest, AStartAfterItsHostSaidThatItDoesNotRunIsNoticed) {
  prepare(taihu);
  write_run(taihu, RunState::revoked);
  say(taihu, wujiang, Revoked{.run = run});
  start(taihu, run);
  expect_broken("does not run there");
}

TEST_F(JudgeTest, AnEndThatIsSaidWhileTheRunIsAliveIsNoticed) {
  prepare(taihu);
  start(taihu, run);
  write_run(taihu, RunState::finished);
  say(taihu, wujiang, Finished{.run = run});
  expect_broken("while the run was alive");
}

TEST_F(JudgeTest, ANodeThatIsGivenTwiceIsNoticed) {
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const auto key = run_of(number, 1);
    judge.durable(wujiang, PutJob{{.id = key.job, .epoch = key.epoch, .state = Delegated{.host = taihu}}});
    write_run(taihu, RunState::confirmed, key);
    EXPECT_FALSE(judge.violation());
    start(taihu, key);
  }
  expect_broken("holds more than it has");
}

TEST_F(JudgeTest, AFinalStateThatChangesIsNoticed) {
  write_job(Ended{.host = taihu, .outcome = Outcome{.state = FinalState::completed}});
  write_job(Ended{.host = taihu, .outcome = Outcome{.state = FinalState::failed}});
  expect_broken("changed");
}

TEST_F(JudgeTest, AJobThatLivesAgainIsNoticed) {
  write_job(Ended{.host = taihu});
  write_job(Pending{});
  expect_broken("changed");
}

TEST_F(JudgeTest, AnEpochThatGoesBackwardsIsNoticed) {
  write_job(Pending{}, 2);
  write_job(Awarding{.host = taihu}, 1);
  expect_broken("backwards");
}

TEST_F(JudgeTest, AJobDroppedBeforeItsEndIsNoticed) {
  write_job(Pending{});
  judge.durable(wujiang, DropJob{job_of(1)});
  expect_broken("unfinished");
}

TEST_F(JudgeTest, ARunDroppedAliveIsNoticed) {
  write_run(taihu, RunState::confirmed);
  judge.durable(taihu, DropRun{run});
  expect_broken("while it was alive");
}

TEST_F(JudgeTest, AnAnswerToAUserBeforeTheDiskIsNoticed) {
  judge.acknowledged("k", job_of(1), {});
  expect_broken("before it was durable");
}

TEST_F(JudgeTest, OneKeyTwoJobsIsNoticed) {
  write_job(Pending{}, 0);
  judge.acknowledged("k", job_of(1), {});
  judge.durable(wujiang, PutJob{{.id = job_of(2)}});
  judge.acknowledged("k", job_of(2), {});
  expect_broken("became two jobs");
}

TEST_F(JudgeTest, EveryMessageBeforeItsRecordIsNoticed) {
  const auto noticed = [&](auto arrange, auto message, bool from_host) {
    judge = {};
    arrange();
    say(from_host ? taihu : wujiang, from_host ? wujiang : taihu, message);
    return judge.violation().has_value();
  };
  const auto nothing = [] {};
  const auto awarding = [&] { write_job(Awarding{.host = taihu}); };
  const auto delegated = [&] { delegate_to(taihu); };
  const auto accepted = [&] { write_run(taihu, RunState::accepted); };
  EXPECT_TRUE(noticed(nothing, Award{.tasks = {{.run = run}}}, false));
  EXPECT_TRUE(noticed(nothing, Accepted{.run = run}, true));
  EXPECT_TRUE(noticed(awarding, Confirm{.run = run}, false));
  EXPECT_TRUE(noticed(nothing, Progress{.run = run}, true));
  EXPECT_TRUE(noticed(accepted, Finished{.run = run}, true));
  EXPECT_TRUE(noticed(accepted, Return{.run = run}, true));
  EXPECT_TRUE(noticed(accepted, Revoked{.run = run}, true));
  EXPECT_FALSE(noticed(nothing, Revoked{.run = run}, true)) << "of an epoch without a record it leaves at once";
  EXPECT_TRUE(noticed(delegated, Revoke{.run = run}, false));
  EXPECT_TRUE(noticed(delegated, FinishedAck{.run = run}, false));
  EXPECT_TRUE(noticed(delegated, ReturnAck{.run = run}, false));
}

TEST_F(JudgeTest, APromiseIsKeptForEachTaskOfAnArray) {
  judge.durable(wujiang, PutJob{{.id = job_of(1)}});
  judge.acknowledged("k", job_of(1), {.tasks = {1, 2}});
  EXPECT_EQ(judge.unfinished().size(), 2u);
  judge.durable(wujiang, PutJob{{.id = job_of(1, 1), .state = Ended{}}});
  EXPECT_EQ(judge.unfinished(), std::vector{job_of(1, 2)});
}

}  // namespace
}  // namespace hansa::sim
