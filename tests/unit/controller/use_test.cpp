// What guests and users have under way, and when it is too much.
#include <gmock/gmock.h>

#include "protocol/controller/guest_use.hpp"
#include "protocol/controller/user_use.hpp"

namespace hansa {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

BidId bid(std::uint8_t number) {
  BidId id;
  id.bytes[0] = number;
  return id;
}
RunKey run(std::uint64_t number) {
  return {.job = {.number = number}, .epoch = Epoch{1}};
}
JobId job(std::uint64_t number) {
  return {.number = number};
}

const SiteName wujiang{"wujiang"};
const SiteName taihu{"taihu"};

TEST(GuestUse, CountsOffersAndRunsOfEachPoolAndOrigin) {
  GuestUse use;
  use.offer(bid(1), {wujiang, "a100", 8});
  use.offer(bid(2), {taihu, "a100", 4});
  use.put(run(1), {wujiang, "cpu", 3});
  EXPECT_EQ(use.of_pool("a100"), 12u);
  EXPECT_EQ(use.of_origin("a100", wujiang), 8u);
  EXPECT_EQ(use.of_pool("cpu"), 3u);
  EXPECT_EQ(use.of_pool("h800"), 0u);
}

TEST(GuestUse, ABidThatBecomesARunIsCountedOnce) {
  GuestUse use;
  use.offer(bid(1), {wujiang, "a100", 8});
  use.taken_up(bid(1), run(1));
  use.withdraw(bid(1));
  EXPECT_EQ(use.of_pool("a100"), 8u);
  EXPECT_EQ(use.find(run(1))->pool, "a100");
  use.erase(run(1));
  EXPECT_EQ(use.of_pool("a100"), 0u);
  EXPECT_EQ(use.find(run(1)), nullptr);
}

TEST(GuestUse, ARunThatIsPutTwiceIsCountedOnce) {
  GuestUse use;
  use.put(run(1), {wujiang, "a100", 8});
  use.put(run(1), {wujiang, "a100", 4});
  EXPECT_EQ(use.of_pool("a100"), 4u);
}

std::string refused(UserUse& use, Instant now, std::uint64_t jobs, std::uint64_t accelerators,
                    const UserLimits& limits) {
  const auto error = use.refuse(now, "ana", {.jobs = jobs, .accelerators = accelerators}, limits);
  if (error) {
    EXPECT_EQ(error->kind, ErrorKind::overloaded) << "the API says 429";
  }
  return error ? error->text : "";
}

TEST(UserUse, MoreJobsThanTheLimitAreRefusedUntilSomeHaveEnded) {
  UserUse use;
  const UserLimits limits{.jobs = 3};
  use.put(job(1), {"ana", 2, 0});
  use.put(job(2), {"bo", 50, 0});
  EXPECT_EQ(refused(use, {}, 1, 0, limits), "");
  EXPECT_THAT(refused(use, {}, 2, 0, limits),
              HasSubstr("has 2 jobs under way and asks for 2 more, but 3 is the limit"));
  use.erase(job(1));
  EXPECT_EQ(refused(use, {}, 3, 0, limits), "");
}

TEST(UserUse, AcceleratorsAreLimitedForThoseWhoAskForSome) {
  UserUse use;
  const UserLimits limits{.accelerators = 8};
  use.put(job(1), {"ana", 1, 8});
  EXPECT_THAT(refused(use, {}, 1, 1, limits), HasSubstr("accelerators"));
  EXPECT_EQ(refused(use, {}, 1, 0, limits), "") << "a job without accelerators takes none";
}

TEST(UserUse, ABurstOfAMinutesWorthIsFineAndThenTheRateCounts) {
  UserUse use;
  const UserLimits limits{.submissions_per_minute = 60};
  const Instant start{seconds(1'000)};
  EXPECT_EQ(refused(use, start, 60, 0, limits), "");
  EXPECT_THAT(refused(use, start, 1, 0, limits), HasSubstr("60 jobs a minute"));
  EXPECT_THAT(refused(use, start + seconds(5), 6, 0, limits), HasSubstr("a minute"));
  EXPECT_EQ(refused(use, start + seconds(5), 5, 0, limits), "") << "one has come back each second";
  EXPECT_EQ(refused(use, start + seconds(500), 60, 0, limits), "");
  EXPECT_NE(refused(use, start + seconds(500), 1, 0, limits), "") << "no more than a minute's worth is saved up";
}

}  // namespace
}  // namespace hansa
