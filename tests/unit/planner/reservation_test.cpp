#include "src/planner/reservation.hpp"

#include <gtest/gtest.h>

#include "tests/unit/planner/helpers.hpp"

namespace hansa::planner_test {
namespace {

TEST(Reservation, OfWhatFitsAtOnceIsForNow) {
  PoolLedger ledger(gpu_pool(1));
  EXPECT_EQ(reserve(ledger, gpus(1, 8)).start, Instant::min());
}

TEST(Reservation, IsForTheEndThatLeavesEnoughWholeNodes) {
  PoolLedger ledger(gpu_pool(3));
  ledger.take(*ledger.place(gpus(1, 8)), at(10));
  ledger.take(*ledger.place(gpus(1, 8)), at(20));
  ledger.take(*ledger.place(gpus(1, 8)), at(30));
  EXPECT_EQ(reserve(ledger, gpus(1, 1)).start, at(10));
  EXPECT_EQ(reserve(ledger, gpus(2, 8)).start, at(20));
  const auto whole = reserve(ledger, gpus(3, 8));
  EXPECT_EQ(whole.start, at(30));
  for (const auto& spare : whole.spare) EXPECT_EQ(spare.accelerators, 0u);
}

TEST(Reservation, LeavesSpareWhatTheHeadDoesNotNeedThen) {
  PoolLedger ledger(gpu_pool(2));
  ledger.take(*ledger.place(gpus(1, 6)), at(10));
  ledger.take(*ledger.place(gpus(1, 8)), at(20));
  auto reservation = reserve(ledger, gpus(1, 5));
  EXPECT_EQ(reservation.start, at(10));
  EXPECT_EQ(reservation.spare[0].accelerators, 3u);
  EXPECT_EQ(reservation.spare[1].accelerators, 0u);
  reservation.account({.per_node = {.accelerators = 2}, .nodes = {{0, {}}}}, at(10));
  EXPECT_EQ(reservation.spare[0].accelerators, 3u) << "it is gone by then";
  reservation.account({.per_node = {.accelerators = 2}, .nodes = {{0, {}}}}, at(11));
  EXPECT_EQ(reservation.spare[0].accelerators, 1u);
}

TEST(Reservation, OfWhatNeverFitsIsForTheEndOfTime) {
  PoolLedger ledger(gpu_pool(1));
  EXPECT_EQ(reserve(ledger, gpus(2, 1)).start, end_of_time);
  EXPECT_EQ(when_fits(ledger, gpus(1, 9)), end_of_time);
}

}  // namespace
}  // namespace hansa::planner_test
