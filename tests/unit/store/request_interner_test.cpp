#include "src/store/request_interner.hpp"

#include <gtest/gtest.h>

#include "tests/support/store_samples.hpp"

namespace hansa {
namespace {

using test::sample_request;

TEST(RequestInterner, KeepsOneObjectOfEqualRequests) {
  RequestInterner interned;
  const Shared<JobRequest> one = sample_request();
  const Shared<JobRequest> other = sample_request();
  ASSERT_FALSE(one.same_object(other));
  EXPECT_TRUE(interned(one).same_object(one));
  EXPECT_TRUE(interned(other).same_object(one));
  EXPECT_EQ(interned.distinct(), 1u);
}

// Each line changes one field, of every kind that a request has.
TEST(RequestInterner, KeepsRequestsApartThatDifferInAnyField) {
  RequestInterner interned;
  interned(sample_request());
  const auto expect_distinct = [&](auto change) {
    auto request = sample_request();
    change(request);
    const auto before = interned.distinct();
    EXPECT_EQ(*interned(request), request);
    EXPECT_EQ(interned.distinct(), before + 1);
  };
  expect_distinct([](auto& r) { r.name = "other"; });
  expect_distinct([](auto& r) { r.resources.pflops = 0.5; });
  expect_distinct([](auto& r) { r.resources.models.pop_back(); });
  expect_distinct([](auto& r) { r.resources.time_limit += Duration{1}; });
  expect_distinct([](auto& r) { r.wishes.prefer = Prefer::local; });
  expect_distinct([](auto& r) { r.wishes.excluded = {SiteName{"taihu"}}; });
  expect_distinct([](auto& r) { r.requeue = true; });
  expect_distinct([](auto& r) { r.dependencies = {{.job = test::sample_job_id(1)}}; });
  expect_distinct([](auto& r) { r.dependencies = {{.job = test::sample_job_id(2)}}; });
}

TEST(InternHash, DependsOnEveryByteOfAJobsStore) {
  JobRequest a = sample_request();
  a.dependencies = {{.job = test::sample_job_id(1)}};
  JobRequest b = a;
  b.dependencies[0].job.store.bytes[15] ^= 1;
  InternHash hash_a, hash_b;
  hash_a.add(a);
  hash_b.add(b);
  EXPECT_NE(hash_a.value(), hash_b.value());
}

}  // namespace
}  // namespace hansa
