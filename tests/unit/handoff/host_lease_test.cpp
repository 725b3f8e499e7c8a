// Leases at the host: counted from the moment the request left, held by the run's own wrapper.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct HostLease : testing::Test, HostKit {
  const RunKey run = run_of(1, 1);

  HostLease() {
    request.on_partition = OnPartition::rerun;
    request.lease = minutes(8);
  }
  Instant lease() const { return host.find(run)->record.lease_until; }
  Renew renewal() {
    pass(minutes(1));
    return expect_prompt<Renew>(out, wujiang);
  }
};

TEST_F(HostLease, CountsFromTheMomentThatAcceptedLeft) {
  const auto number = accept(run);
  const auto left = now.instant;
  now.instant += seconds(40);
  hear(wujiang, Confirm{.run = run, .number = number});
  EXPECT_EQ(lease(), left + minutes(8));
  EXPECT_EQ(written(out, run)->lease_until, left + minutes(8));
  EXPECT_EQ(written(out, run)->lease_boot, boot_of(1));
}

TEST_F(HostLease, AnAnswerToTheFirstAcceptedCountsFromTheFirst) {
  const auto first = accept(run);
  const auto left = now.instant;
  pass(seconds(5));
  hear(wujiang, Confirm{.run = run, .number = first});
  EXPECT_EQ(lease(), left + minutes(8));
}

TEST_F(HostLease, GoesToTheBackendWithTheStart) {
  confirm(run);
  issue_start(run);
  const auto start = all_of_type<StartRun>(out.backend).at(0);
  EXPECT_TRUE(start.under_lease);
  EXPECT_EQ(start.lease_until, lease());
}

TEST_F(HostLease, IsRenewedSeveralTimesInItsLength) {
  start(run);
  const auto renew = renewal();
  EXPECT_EQ(renew.runs, std::vector{run});
  const auto left = now.instant;
  now.instant += seconds(30);
  hear(wujiang, Renewed{.number = renew.number, .runs = {run}});
  EXPECT_EQ(lease(), left + minutes(8)) << "counted from the moment that Renew left";
  EXPECT_EQ(written(out, run)->lease_until, lease());
  EXPECT_EQ(all_of_type<ExtendLease>(out.backend).at(0).lease_until, lease());
}

TEST_F(HostLease, IsRenewedAgainAndAgainWithoutAnAnswer) {
  start(run);
  pass(minutes(3) + seconds(1));
  EXPECT_EQ(prompt<Renew>(out, wujiang).size(), 3u);
}

TEST_F(HostLease, ARenewalOfAForeignDaemonsNumberIsDropped) {
  start(run);
  auto renew = renewal();
  const auto before = lease();
  renew.number.daemon = daemon_of(8);
  hear(wujiang, Renewed{.number = renew.number, .runs = {run}});
  EXPECT_EQ(lease(), before);
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostLease, ARenewalCountsOnce) {
  start(run);
  const auto renew = renewal();
  hear(wujiang, Renewed{.number = renew.number, .runs = {run}});
  hear(wujiang, Renewed{.number = renew.number, .runs = {run}});
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostLease, ARenewalFromAnotherSiteIsDropped) {
  start(run);
  const auto renew = renewal();
  hear(suzhou, Renewed{.number = renew.number, .runs = {run}});
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(HostLease, AnOlderGrantNeverShortensIt) {
  start(run);
  const auto first = renewal();
  const auto second = renewal();
  hear(wujiang, Renewed{.number = second.number, .runs = {run}});
  const auto until = lease();
  hear(wujiang, Renewed{.number = first.number, .runs = {run}});
  EXPECT_EQ(lease(), until);
}

TEST_F(HostLease, ARunThatTheOriginDoesNotNameIsNotRenewed) {
  start(run);
  const auto renew = renewal();
  const auto before = lease();
  hear(wujiang, Renewed{.number = renew.number, .runs = {}});
  EXPECT_EQ(lease(), before);
}

TEST_F(HostLease, ARunWhoseLeaseIsOutDoesNotStartAndIsReturned) {
  confirm(run);
  const auto until = lease();
  now.instant = until - options.stop_time;
  EXPECT_FALSE(host.is_ready(*host.find(run), now.instant));
  pass(Duration(0));
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::lease_out);
}

TEST_F(HostLease, ARunThatItsWrapperEndedIsReturned) {
  start(run);
  event(RunEnded{.run = run, .outcome = {}, .by_lease = true});
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::lease_out);
  EXPECT_EQ(written(out, run)->state, RunState::returned);
}

TEST_F(HostLease, OwnRunsHaveNone) {
  did([&] { host.take_own(now, run, request, out); });
  issue_start(run);
  EXPECT_FALSE(all_of_type<StartRun>(out.backend).at(0).under_lease);
  pass(minutes(20));
  EXPECT_TRUE(says_nothing(out));
}

TEST_F(HostLease, WaitJobsAreNotRenewed) {
  request.on_partition = OnPartition::wait;
  start(run);
  pass(minutes(60));
  EXPECT_TRUE(says_nothing(out));
}

// --- Restart --------------------------------------------------------------------------------------------------------

TEST_F(HostLease, IsRenewedSoonAfterARestart) {
  start(run);
  restart();
  found(run, FoundState::running);
  pass(seconds(1));
  EXPECT_EQ(expect_prompt<Renew>(out, wujiang).number.daemon, daemon_of(2));
}

TEST_F(HostLease, StandsAfterARestartInTheSameBoot) {
  confirm(run);
  const auto until = lease();
  restart(2, 1);
  found(run, FoundState::never_started);
  EXPECT_EQ(lease(), until);
  EXPECT_TRUE(host.is_ready(*host.find(run), now.instant));
}

TEST_F(HostLease, IsOutAfterARestartInAnotherBoot) {
  confirm(run);
  restart(2, 2);
  found(run, FoundState::never_started);
  EXPECT_FALSE(host.is_ready(*host.find(run), now.instant));
  pass(seconds(1));
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::lease_out);
}

TEST_F(HostLease, AnUnconfirmedRunGetsAFullOneWhenItIsConfirmedAfterARestart) {
  accept(run);
  restart(2, 2);
  found(run, FoundState::never_started);
  const auto number = expect_send<Accepted>(out, wujiang).number;
  hear(wujiang, Confirm{.run = run, .number = number});
  EXPECT_EQ(lease(), now.instant + minutes(8));
  EXPECT_TRUE(host.is_ready(*host.find(run), now.instant));
}

TEST_F(HostLease, ARunFoundEndedByItsLeaseIsReturned) {
  start(run);
  restart();
  found(run, FoundState::ended, {}, true);
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::lease_out);
}

TEST_F(HostLease, AStartDecidedBeforeTheRestartIsNotCarriedOutOnceItsLeaseIsOut) {
  confirm_and_issue_start(run);
  restart(2, 2);
  found(run, FoundState::never_started);
  EXPECT_TRUE(all_of_type<StartRun>(out.backend).empty());
  EXPECT_EQ(all_of_type<ClaimRun>(out.backend).size(), 1u) << "its wrapper may be under way: the claim decides";
  event(ClaimDecided{.run = run, .won = true});
  EXPECT_EQ(expect_send<Return>(out, wujiang).reason, ReturnReason::lease_out);
}

}  // namespace
}  // namespace hansa::test
