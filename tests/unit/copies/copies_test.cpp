// Copies of job records: who keeps them, how they get there and stay true, and what bounds them.
#include <set>

#include "protocol/copies/copier.hpp"
#include "protocol/copies/holders.hpp"
#include "protocol/copies/shelf.hpp"
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

std::vector<SiteName> sites(int count) {
  std::vector<SiteName> all;
  for (int i = 0; i < count; ++i) all.push_back({"site-" + std::to_string(i)});
  return all;
}

TEST(Holders, EverybodyChoosesTheSameInWhateverOrderTheyKnowThem) {
  auto live = sites(9);
  const auto chosen = choose_holders(wujiang, live, 2);
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_NE(chosen[0], chosen[1]);
  std::reverse(live.begin(), live.end());
  EXPECT_EQ(choose_holders(wujiang, live, 2), chosen);
}

TEST(Holders, TheOriginIsNoneOfThemAndFewMembersAreAllChosen) {
  EXPECT_EQ(choose_holders(wujiang, {wujiang, taihu}, 2), (std::vector<SiteName>{taihu}));
  EXPECT_TRUE(choose_holders(wujiang, {wujiang}, 2).empty());
}

TEST(Holders, AMemberThatGoesMovesOnlyWhatItKept) {
  const auto live = sites(12);
  for (const auto& origin : sites(40)) {
    const auto before = choose_holders(origin, live, 2);
    auto without = live;
    std::erase(without, before[0]);
    const auto after = choose_holders(origin, without, 2);
    EXPECT_EQ(after[0], before[1]) << "the other one stays";
    std::erase(without, after[1]);
    without.push_back(before[0]);
    EXPECT_EQ(choose_holders(origin, without, 2), before) << "one that was not chosen changes nothing";
  }
}

TEST(Holders, TheLoadIsSpread) {
  std::map<SiteName, int> kept;
  const auto live = sites(10);
  for (const auto& origin : sites(500)) {
    for (const auto& holder : choose_holders(origin, live, 2)) ++kept[holder];
  }
  ASSERT_EQ(kept.size(), 10u);
  for (const auto& [site, count] : kept) EXPECT_NEAR(count, 100, 45) << site.value;
}

// The origin wujiang, whose holders are taihu and suzhou, and the shelf of taihu.
struct Copies : testing::Test, OriginKit {
  CopierOptions copier_options{.holders = 2, .records_max = 3, .pause = milliseconds(250)};
  Copier copier{wujiang, daemon_of(1), copier_options};
  ShelfOptions shelf_options{.copies_per_origin_max = 5, .copies_max = 8};
  Shelf shelf{shelf_options};

  void meet(std::vector<SiteName> live) { copier.set_live(now, live, origin); }
  // Until nothing more is due, or `rounds` messages were taken by each of those that answer.
  std::vector<KeepCopies> exchange(const std::set<SiteName>& answering, int rounds = 100) {
    std::vector<KeepCopies> to_taihu;
    for (int i = 0; i < rounds && copier.deadline(); ++i) {
      now.instant = std::max(now.instant, *copier.deadline());
      out = {};
      copier.tick(now, origin, out);
      for (const auto& send : out.send_durable) {
        const auto& message = std::get<KeepCopies>(send.message);
        if (send.to == taihu) to_taihu.push_back(message);
        if (!answering.contains(send.to)) continue;
        Effects kept;
        if (send.to == taihu) shelf.step(now, wujiang, store_of(1), message, kept);
        copier.step(now, send.to, CopiesKept{.number = message.number});
      }
      EXPECT_TRUE(out.send.empty()) << "nothing is copied that is not on disk";
    }
    return to_taihu;
  }
  const JobCopy* copy(const JobId& id) const { return shelf.find(id); }
  void report(const JobId& id) { copier.changed(now, id); }
};

TEST_F(Copies, ANewHolderGetsEverythingInSmallBatches) {
  for (int i = 0; i < 5; ++i) submit();
  meet({taihu, suzhou});
  EXPECT_EQ(copier.holders().size(), 2u);
  const auto messages = exchange({taihu, suzhou});
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].records.size(), 3u);
  EXPECT_EQ(messages[1].records.size(), 2u);
  EXPECT_EQ(shelf.copies().size(), 5u);
  EXPECT_EQ(copier.due(), 0u);
  EXPECT_FALSE(copier.deadline());
}

TEST_F(Copies, ManyChangesOfOneJobAreOneCopy) {
  meet({taihu});
  const auto id = submit();
  for (int i = 0; i < 50; ++i) report(id);
  award(id);
  report(id);
  const auto messages = exchange({taihu});
  ASSERT_EQ(messages.size(), 1u);
  ASSERT_EQ(messages[0].records.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Awarding>(copy(id)->record.state));
}

TEST_F(Copies, OneBatchIsUnderWayAndThenThereIsAPause) {
  for (int i = 0; i < 6; ++i) submit();
  meet({taihu});
  const auto first = exchange({taihu}, 1);
  ASSERT_EQ(first.size(), 1u);
  out = {};
  copier.tick(now, origin, out);
  EXPECT_TRUE(says_nothing(out));
  EXPECT_EQ(*copier.deadline(), now.instant + milliseconds(250));
}

TEST_F(Copies, WhatIsNotConfirmedIsSentAgainAsItIsByThen) {
  const auto id = submit();
  meet({taihu});
  const auto first = exchange({}, 1);
  award(id);
  report(id);
  EXPECT_EQ(*copier.deadline(), now.instant + seconds(5));
  const auto second = exchange({taihu}, 1);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Awarding>(second[0].records[0].state));
  copier.step(now, taihu, CopiesKept{.number = first[0].number});
  EXPECT_EQ(copier.due(), 0u);
}

TEST_F(Copies, AHolderThatIsSilentDelaysNoOther) {
  submit();
  meet({taihu, suzhou});
  const auto messages = exchange({taihu}, 6);
  EXPECT_EQ(messages.size(), 1u);
  EXPECT_EQ(copier.due(), 1u);
}

TEST_F(Copies, AHolderThatLostItsStoreGetsEverythingAgain) {
  for (int i = 0; i < 5; ++i) submit();
  meet({taihu, suzhou});
  exchange({taihu, suzhou});
  copier.store_lost(taihu);
  meet({taihu, suzhou});
  EXPECT_EQ(copier.due(), 5u);
}

TEST_F(Copies, AJobThatIsForgottenIsForgottenThereToo) {
  const auto id = finished();
  meet({taihu});
  exchange({taihu});
  ASSERT_NE(copy(id), nullptr);
  pass(minutes(11));
  ASSERT_EQ(origin.find(id), nullptr);
  report(id);
  exchange({taihu});
  EXPECT_EQ(copy(id), nullptr);
}

TEST_F(Copies, ACopyHasNoKeyAndNotEveryTask) {
  ArraySpec array;
  for (int i = 0; i < 5'000; ++i) array.tasks.push_back(i);
  const auto id = submit({.request = request, .array = array, .idempotency_key = "secret"});
  const auto made = copied(record(id));
  EXPECT_TRUE(made.idempotency_key->empty());
  EXPECT_EQ(made.array->tasks.size(), 1'024u);
}

// --- The shelf ------------------------------------------------------------------------------------------------------

struct ShelfTest : Copies {
  std::uint64_t count = 0;
  Effects& keep(std::vector<JobRecord> records, const SiteName& from = wujiang, std::uint8_t store = 1) {
    return did([&] {
      shelf.step(now, from, store_of(store),
                 {.number = {.daemon = daemon_of(1), .count = ++count}, .records = std::move(records)}, out);
    });
  }
  static JobRecord job(std::uint64_t number, std::uint64_t epoch = 0, JobState state = Pending{}) {
    return {.id = job_of(number), .epoch = Epoch{epoch}, .state = std::move(state)};
  }
};

TEST_F(ShelfTest, ACopyIsOnDiskBeforeItIsConfirmed) {
  keep({job(1)});
  ASSERT_EQ(all_of_type<PutCopy>(out.persist).size(), 1u);
  EXPECT_EQ(all_of_type<PutCopy>(out.persist)[0].copy.origin, wujiang);
  expect_send<CopiesKept>(out, wujiang);
}

TEST_F(ShelfTest, ASiteSpeaksOnlyOfJobsOfItsOwnStore) {
  keep({job(1)}, suzhou, 3);
  EXPECT_TRUE(out.persist.empty());
  EXPECT_TRUE(shelf.copies().empty());
}

TEST_F(ShelfTest, ALateMessagePutsNothingBack) {
  keep({job(1, 2, Delegated{.host = taihu})});
  keep({job(1, 1, Pending{})});
  EXPECT_EQ(copy(job_of(1))->record.epoch, Epoch{2});
  keep({job(1, 2, Ended{.host = taihu})});
  keep({job(1, 2, Delegated{.host = taihu})});
  EXPECT_TRUE(std::holds_alternative<Ended>(copy(job_of(1))->record.state));
  did([&] {
    shelf.step(now, wujiang, store_of(1),
               {.number = {.daemon = daemon_of(1), .count = 1}, .records = {job(2)}, .gone = {job_of(1)}}, out);
  });
  EXPECT_NE(copy(job_of(1)), nullptr) << "an earlier number of the same daemon";
  EXPECT_EQ(copy(job_of(2)), nullptr);
  expect_send<CopiesKept>(out, wujiang);
}

TEST_F(ShelfTest, WhenAnOriginHasTooManyThoseThatEndedGoFirst) {
  keep({job(1), job(2, 1, Ended{}), job(3), job(4), job(5)});
  keep({job(6)});
  EXPECT_EQ(copy(job_of(2)), nullptr);
  EXPECT_NE(copy(job_of(6)), nullptr);
  keep({job(7)});
  EXPECT_EQ(copy(job_of(7)), nullptr) << "all that are kept go on";
  keep({job(6, 1, Ended{})});
  EXPECT_TRUE(std::holds_alternative<Ended>(copy(job_of(6))->record.state)) << "what is kept is kept up to date";
  EXPECT_EQ(shelf.count_of(wujiang), 5u);
}

TEST_F(ShelfTest, AJobIsFoundByItsNameUnderTheStoreThatSpokeLast) {
  keep({job(1)});
  auto anew = job(1, 4);
  anew.id.store = store_of(9);
  now.instant += seconds(1);
  keep({anew}, wujiang, 9);
  EXPECT_EQ(shelf.find(JobName{.site = wujiang, .number = 1})->record.epoch, Epoch{4});
  EXPECT_EQ(shelf.find(JobName{.site = wujiang, .number = 2}), nullptr);
  EXPECT_EQ(shelf.find(JobName{.site = taihu, .number = 1}), nullptr);
}

TEST_F(ShelfTest, CopiesAreThereAfterARestartAndGoWhenTheyAreOld) {
  keep({job(1), job(2, 1, Ended{})});
  std::vector<JobCopy> stored;
  for (const auto& [id, each] : shelf.copies()) stored.push_back(each);
  shelf = Shelf(shelf_options);
  EXPECT_FALSE(shelf.deadline());
  shelf.restore(stored);
  EXPECT_EQ(shelf.count_of(wujiang), 2u);
  did([&] { shelf.tick(now, out); });
  EXPECT_EQ(shelf.copies().size(), 2u);
  EXPECT_EQ(*shelf.deadline(), now.instant + std::chrono::hours(1));
  now.instant += std::chrono::hours(24 * 31);
  did([&] { shelf.tick(now, out); });
  EXPECT_EQ(all_of_type<DropCopy>(out.persist).size(), 2u);
  EXPECT_FALSE(shelf.deadline());
}

}  // namespace
}  // namespace hansa::test
