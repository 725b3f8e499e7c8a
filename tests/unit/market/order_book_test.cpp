#include "protocol/market/order_book.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

JobId job(std::uint64_t number) {
  return {.number = number};
}

PlaceOrder order(std::uint64_t number, std::uint32_t cores, bool waits = false) {
  return {.job = job(number),
          .request = JobRequest{.resources = {.per_node = {.cores = cores}}},
          .home = HomeOffer{},
          .waits_at_home = waits};
}

TEST(OrderBook, EqualRequestsAreOneGroupWhoeverMadeThem) {
  OrderBook book;
  const auto id = book.put(order(1, 4)).id;
  EXPECT_EQ(book.put(order(2, 4)).id, id);
  EXPECT_NE(book.put(order(3, 5)).id, id);
  auto nowhere = order(4, 4);
  nowhere.home.reset();
  EXPECT_NE(book.put(nowhere).id, id) << "it can't stay, the others can";
  EXPECT_EQ(book.group_count(), 3u);
  EXPECT_EQ(book.unasked().size(), 3u);
}

TEST(OrderBook, AJobThatGoesOnWaitingKeepsItsPlace) {
  OrderBook book;
  auto& group = book.put(order(1, 4));
  book.put(order(2, 4));
  book.settle(job(1));
  book.settle(job(2));
  book.put(order(1, 4, true));
  EXPECT_EQ(group.waiting.begin()->second, job(1));
  EXPECT_TRUE(group.fresh.empty());
  EXPECT_TRUE(book.unasked().empty());
}

TEST(OrderBook, ForgetsAGroupWithItsLastJob) {
  OrderBook book;
  book.put(order(1, 4));
  book.put(order(1, 5));
  EXPECT_EQ(book.group_count(), 1u);
  EXPECT_EQ(book.job_count(), 1u);
  book.erase(job(1));
  book.erase(job(1));
  EXPECT_EQ(book.group_count(), 0u);
  EXPECT_TRUE(book.unasked().empty());
}

TEST(OrderBook, AGroupWithAnOpenCallIsNotAskedForAgain) {
  OrderBook book;
  auto& group = book.put(order(1, 4));
  book.note_call(group, CallId{7});
  book.put(order(2, 4));
  EXPECT_TRUE(book.unasked().empty());
  book.note_call(group, std::nullopt);
  EXPECT_EQ(book.unasked().size(), 1u);
}

}  // namespace
}  // namespace hansa
