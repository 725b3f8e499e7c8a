// A table of what was struck is worth something only when it misses what was not.
#include "src/sim/coverage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/sim/scenario.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hansa::sim {
namespace {

ScenarioResult run(std::uint64_t seed, bool faults) {
  return run_scenario({.seed = seed, .faults = faults, .signatures = [](const SiteName& site) {
                         return std::make_unique<test::FakeSignatures>(site.value);
                       }});
}

bool asks(const Coverage& coverage, const std::string& cell) {
  const auto open = coverage.open_questions();
  return std::find(open.begin(), open.end(), cell) != open.end();
}

TEST(Coverage, WhatWasNeverStruckIsAnOpenQuestion) {
  Coverage coverage;
  const std::string cell = "job: awarding, being written × disk full at its own site";
  EXPECT_TRUE(asks(coverage, cell));
  coverage.count(Fault::full_disk, Side::own, JobRow::awarding, false);
  EXPECT_TRUE(asks(coverage, cell)) << "on disk is not being written";
  coverage.count(Fault::full_disk, Side::own, JobRow::awarding, true);
  EXPECT_FALSE(asks(coverage, cell));
}

TEST(Coverage, SidesAreCountedApart) {
  Coverage coverage;
  coverage.count(Fault::crash, Side::own, RunRow::accepted);
  EXPECT_TRUE(asks(coverage, "run: accepted × killed at the other site"));
  EXPECT_FALSE(asks(coverage, "run: accepted × killed at its own site"));
}

TEST(Coverage, WhatNoFaultStruckCountsNothing) {
  const auto calm = run(3, false).coverage;
  EXPECT_EQ(calm.open_questions().size(), Coverage{}.open_questions().size());
}

TEST(Coverage, AStormyRunStrikesMoreThanAnEmptyOne) {
  Coverage sum;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) sum.add(run(seed, true).coverage);
  EXPECT_LT(sum.open_questions().size(), Coverage{}.open_questions().size() * 2 / 3);
}

}  // namespace
}  // namespace hansa::sim
