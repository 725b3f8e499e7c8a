// Leases at the origin: counted from the last grant sent, or from its own restart; longer than at the host, always.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct OriginLease : testing::Test, OriginKit {
  // 100 s, a drift of 1 % and 10 s for good measure.
  static constexpr Duration whole = seconds(111);

  OriginLease() {
    request.on_partition = OnPartition::rerun;
    request.lease = seconds(100);
  }
};

TEST_F(OriginLease, IsOutAfterItsLengthTheDriftBoundAndTheMargin) {
  const auto id = delegated();
  pass(whole - Duration(1));
  EXPECT_TRUE(state<Delegated>(id));
  pass(Duration(1));
  EXPECT_TRUE(pending(id));
}

TEST_F(OriginLease, ThatIsOutGivesTheEpochUpInOnePersistWithItsDuty) {
  const auto id = started();
  pass(whole);
  const auto puts = all_of_type<PutJob>(out.persist);
  ASSERT_EQ(puts.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Pending>(puts[0].record.state));
  EXPECT_EQ(puts[0].record.duties.size(), 1u);
  hear(taihu, Return{.run = {.job = id, .epoch = Epoch{1}}, .reason = ReturnReason::lease_out});
  expect_send<ReturnAck>(out, taihu);
  EXPECT_TRUE(record(id).duties.empty());
}

TEST_F(OriginLease, IsGrantedAgainByEveryRenewed) {
  const auto id = delegated();
  for (std::uint64_t i = 0; i < 5; ++i) {
    pass(seconds(90));
    hear(taihu, Renew{.number = number(i), .runs = {run(id)}});
    const auto answer = expect_prompt<Renewed>(out, taihu);
    EXPECT_EQ(answer.number, number(i));
    EXPECT_EQ(answer.runs, std::vector{run(id)});
  }
  pass(whole - Duration(1));
  EXPECT_TRUE(state<Delegated>(id));
  pass(Duration(1));
  EXPECT_TRUE(pending(id));
}

TEST_F(OriginLease, IsGrantedAgainByEveryConfirm) {
  const auto id = delegated();
  pass(seconds(100));
  hear(taihu, Accepted{.run = run(id), .number = number(2)});
  expect_send<Confirm>(out, taihu);
  pass(whole - Duration(1));
  EXPECT_TRUE(state<Delegated>(id));
}

TEST_F(OriginLease, OnlyCurrentEpochsOfThisHostAreRenewed) {
  const auto current = delegated();
  const auto over = delegated();
  did([&] { EXPECT_TRUE(origin.rerun(now, over, out).ok()); });
  const auto done = finished();
  hear(taihu, Renew{.number = number(1), .runs = {run(current), {.job = over, .epoch = Epoch{1}}, run(done)}});
  EXPECT_EQ(expect_prompt<Renewed>(out, taihu).runs, std::vector{run(current)});
  hear(suzhou, Renew{.number = number(2), .runs = {run(current)}});
  EXPECT_TRUE(expect_prompt<Renewed>(out, suzhou).runs.empty());
}

TEST_F(OriginLease, ACancelledJobIsNotRenewed) {
  const auto id = delegated();
  cancel(id);
  hear(taihu, Renew{.number = number(1), .runs = {run(id)}});
  EXPECT_TRUE(expect_prompt<Renewed>(out, taihu).runs.empty());
}

TEST_F(OriginLease, ACancelledJobWhoseLeaseIsOutIsCancelled) {
  const auto id = started();
  cancel(id);
  pass(whole);
  EXPECT_EQ(final_state(id), FinalState::cancelled);
  EXPECT_EQ(record(id).duties.size(), 1u);
}

TEST_F(OriginLease, CountsFromTheOwnRestart) {
  const auto id = delegated();
  pass(seconds(100));
  restart();
  pass(whole - Duration(1));
  EXPECT_TRUE(state<Delegated>(id));
  pass(Duration(1));
  EXPECT_TRUE(pending(id));
}

TEST_F(OriginLease, WaitJobsHaveNoneAndWaitHoweverLong) {
  request.on_partition = OnPartition::wait;
  const auto id = started();
  pass(std::chrono::hours(1'000));
  EXPECT_TRUE(state<Delegated>(id));
}

TEST_F(OriginLease, OwnRunsHaveNone) {
  const auto id = submit();
  did([&] { (void)origin.delegate_to_self(now, id, out); });
  pass(std::chrono::hours(10));
  EXPECT_TRUE(state<Delegated>(id));
}

}  // namespace
}  // namespace hansa::test
