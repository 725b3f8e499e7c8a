// The custodian of a lost origin: whom it asks, what it makes of the answers, and whose word it needs.
#include "protocol/copies/custodian.hpp"
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct CustodianTest : testing::Test {
  TestClock now;
  Effects out;
  Custodian custodian{{.ask_every = seconds(30), .page_max = 2}};

  template <class Deed>
  Effects& did(Deed deed) {
    out = {};
    deed();
    return out;
  }
  Effects& adopt() {
    return did([&] { custodian.adopt(now, wujiang, out); });
  }
  Effects& tick(std::set<SiteName> absent = {wujiang}) {
    return did([&] { custodian.tick(now, absent, {taihu, suzhou, wujiang}, out); });
  }
  Effects& hear(const SiteName& from, const CustodyReport& report) {
    return did([&] { custodian.step(from, report, out); });
  }
};

TEST_F(CustodianTest, AnOperatorsWordsAreOnDiskAndAgainChangeNothing) {
  EXPECT_FALSE(custodian.deadline());
  adopt();
  did([&] { custodian.entrust(taihu, suzhou, out); });
  ASSERT_EQ(all_of_type<PutFact>(out.persist).size(), 1u);
  const auto entrusted = all_of_type<PutFact>(out.persist)[0].name;
  adopt();
  EXPECT_TRUE(out.persist.empty());
  did([&] { custodian.entrust(taihu, suzhou, out); });
  EXPECT_TRUE(out.persist.empty());

  Custodian after({});
  after.restore({{adopted_fact(wujiang), 7}, {entrusted, 1}, {"incarnation", 4}});
  EXPECT_TRUE(after.has_adopted(wujiang));
  EXPECT_TRUE(after.is_entrusted(taihu, suzhou));
  EXPECT_FALSE(after.is_entrusted(taihu, wujiang));
  EXPECT_FALSE(after.has_adopted(taihu));
}

TEST_F(CustodianTest, EveryMemberIsAskedNowAndThenWhileTheOriginIsAbsent) {
  adopt();
  tick();
  EXPECT_EQ(durable<AskCustody>(out, taihu).size(), 1u);
  EXPECT_EQ(durable<AskCustody>(out, suzhou).size(), 1u);
  EXPECT_TRUE(durable<AskCustody>(out, wujiang).empty());
  tick();
  EXPECT_TRUE(says_nothing(out)) << "not at once again";
  now.instant = *custodian.deadline();
  tick({});
  EXPECT_TRUE(says_nothing(out)) << "it is back";
}

TEST_F(CustodianTest, APageIsFollowedByTheNextAndCopiesAreAskedForOnce) {
  adopt();
  tick();
  CustodyReport page{.origin = wujiang, .agreed = true, .with_copies = true, .more = true};
  page.last_run = run_of(2, 1);
  page.last_copy = job_of(9);
  hear(taihu, page);
  const auto next = expect_send<AskCustody>(out, taihu);
  EXPECT_EQ(next.after_run, run_of(2, 1));
  EXPECT_EQ(next.after_copy, job_of(9));
  page.more = false;
  hear(taihu, page);
  EXPECT_TRUE(says_nothing(out));
  now.instant = *custodian.deadline();
  tick();
  EXPECT_FALSE(durable<AskCustody>(out, taihu)[0].with_copies);
  EXPECT_TRUE(durable<AskCustody>(out, suzhou)[0].with_copies);
}

TEST_F(CustodianTest, WhoHasNotAgreedIsNamed) {
  adopt();
  hear(taihu, {.origin = wujiang, .agreed = false});
  hear(suzhou, {.origin = wujiang, .agreed = true});
  EXPECT_EQ(custodian.unwilling(wujiang), (std::vector<SiteName>{taihu}));
  hear(taihu, {.origin = wujiang, .agreed = true});
  EXPECT_TRUE(custodian.unwilling(wujiang).empty());
}

// --- What a host tells, and what is made of it ----------------------------------------------------------------------

struct Handed : testing::Test, HostKit {
  std::optional<CustodyRun> told(const RunKey& run) const { return custody_run(*host.find(run)); }
};

TEST_F(Handed, OnlyWhatRunsOrRanIsHandedOver) {
  accept(run_of(1, 1));
  EXPECT_FALSE(told(run_of(1, 1))) << "it may never run";
  confirm(run_of(2, 1));
  EXPECT_FALSE(told(run_of(2, 1))->started);
  start(run_of(3, 1));
  EXPECT_TRUE(told(run_of(3, 1))->started);
  EXPECT_FALSE(told(run_of(3, 1))->over);
  finish(run_of(4, 1), {.state = FinalState::failed});
  EXPECT_TRUE(told(run_of(4, 1))->over);
  EXPECT_EQ(told(run_of(4, 1))->outcome->state, FinalState::failed);
  revoke(run_of(2, 1));
  EXPECT_FALSE(told(run_of(2, 1)));
}

TEST_F(Handed, ARunIsKnownByItsHostUntilItsEndAndThenNeverChanges) {
  start(run_of(3, 2));
  const auto running = record_by(*told(run_of(3, 2)), taihu, nullptr);
  ASSERT_TRUE(running);
  EXPECT_EQ(running->epoch, Epoch{2});
  EXPECT_TRUE(std::get<Delegated>(running->state).started);
  EXPECT_FALSE(record_by(*told(run_of(3, 2)), taihu, &*running)) << "nothing new";
  end(run_of(3, 2), {.state = FinalState::failed});
  event(OutputsCollected{.run = run_of(3, 2)});
  const auto ended = record_by(*told(run_of(3, 2)), taihu, &*running);
  ASSERT_TRUE(ended);
  EXPECT_EQ(std::get<Ended>(ended->state).host, taihu);
  EXPECT_FALSE(record_by(*told(run_of(3, 2)), suzhou, &*ended));
  auto later = *running;
  later.epoch = Epoch{5};
  EXPECT_FALSE(record_by(*told(run_of(3, 2)), taihu, &later)) << "an epoch that was given up";
}

}  // namespace
}  // namespace hansa::test
