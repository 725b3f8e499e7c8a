#include "src/backends/process/run_signs.hpp"

#include <gtest/gtest.h>

#include "src/backends/process/run_files.hpp"
#include "tests/contract/backend/backend_site.hpp"

namespace hansa {
namespace {

class RunSigns : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  Fd control = open_folder(folder.path());
};

TEST_F(RunSigns, AMachineReadsALeaseOfItsOwnBootAsItWasWritten) {
  ASSERT_TRUE(write_lease(control.get(), {.until_us = 123'456, .boot = "ours", .skew_us = 5}));
  EXPECT_EQ(read_lease(control.get(), "ours"), 123'456);
}

TEST_F(RunSigns, AnotherMachineReadsALeaseByTheWallClockAndEndsItEarlierByTheSkew) {
  const auto until = boottime_us() + 60'000'000;
  ASSERT_TRUE(write_lease(control.get(), {.until_us = until, .boot = "ours", .skew_us = 10'000'000}));
  const auto read = read_lease(control.get(), "another");
  ASSERT_TRUE(read);
  EXPECT_NEAR(static_cast<double>(*read), static_cast<double>(until - 10'000'000), 50'000);
}

TEST_F(RunSigns, WithoutALeaseNothingIsRead) {
  EXPECT_FALSE(read_lease(control.get(), "ours"));
}

TEST_F(RunSigns, AStopCarriesItsReason) {
  EXPECT_FALSE(read_stop(control.get()));
  ASSERT_TRUE(write_stop(control.get(), StopRequest::lease_out));
  EXPECT_EQ(read_stop(control.get()), StopRequest::lease_out);
}

TEST_F(RunSigns, APulseIsReadAsItWasShown) {
  const Pulse pulse{.count = 7, .started_ms = 1000, .batch_job = 42, .where = "cpu[n1]"};
  ASSERT_TRUE(write_pulse(control.get(), pulse));
  EXPECT_EQ(read_pulse(control.get()), pulse);
}

}  // namespace
}  // namespace hansa
