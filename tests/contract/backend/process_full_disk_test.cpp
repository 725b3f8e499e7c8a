// A state folder without room: nothing is told of a start or a claim that the disk has left undecided.
#include <sys/mount.h>

#include <fstream>

#include "tests/contract/backend/process_site_test.hpp"

namespace hansa {
namespace {

// The runs' folder on a disk of its own, whose last file is taken.
class ProcessOnAFullDiskTest : public ProcessBackendTest {
 protected:
  void SetUp() override {
    const auto runs = RunFolders(site->folder.path()).root();
    mounted_ = ::mount("hansa-test", runs.c_str(), "tmpfs", 0, "size=1m,nr_inodes=64") == 0;
    if (!mounted_) GTEST_SKIP() << "this user can't mount a small disk";
    while (std::ofstream(filler(fillers_))) ++fillers_;
    ASSERT_GT(fillers_, 10);
  }
  void TearDown() override {
    site->down();
    if (mounted_) ::umount2(RunFolders(site->folder.path()).root().c_str(), MNT_DETACH);
  }
  void make_room() {
    for (; fillers_ > 0; --fillers_) std::filesystem::remove(filler(fillers_ - 1));
  }
  // Whatever was commanded before has been carried out as far as it goes.
  void come_to_rest() {
    perform(LookForRun{run_number(99)});
    ASSERT_TRUE(site->await<RunFound>(run_number(99)));
  }

 private:
  std::string filler(int number) const {
    return RunFolders(site->folder.path()).root() + "/filler-" + std::to_string(number);
  }
  bool mounted_ = false;
  int fillers_ = 0;
};

TEST_F(ProcessOnAFullDiskTest, AClaimIsDecidedOnlyWhenThereIsRoomForIt) {
  perform(ClaimRun{run});
  come_to_rest();
  EXPECT_FALSE(site->log.find<ClaimDecided>(run)) << "lost would mean that the run has started";
  make_room();
  const auto decided = site->await<ClaimDecided>(run);
  ASSERT_TRUE(decided);
  EXPECT_TRUE(decided->won);
}

TEST_F(ProcessOnAFullDiskTest, AStartHasFailedOnlyWhenItCanNeverComeAfterAll) {
  perform(start_of(run, {.script = "true"}));
  come_to_rest();
  EXPECT_FALSE(site->log.find<StartFailed>(run));
  make_room();
  ASSERT_TRUE(site->await<StartFailed>(run));
  EXPECT_TRUE(claim().by_host);
}

TEST_F(ProcessOnAFullDiskTest, AStartThatIsCommandedAgainWhenThereIsRoomIsOneStart) {
  perform(start_of(run, {.script = "true"}));
  come_to_rest();
  make_room();
  perform(start_of(run, {.script = "true"}));
  ASSERT_TRUE(site->await<RunEnded>(run));
  EXPECT_FALSE(site->log.find<StartFailed>(run));
}

TEST_F(ProcessOnAFullDiskTest, AStopOfWhatNeverStartedEndsWhenThereIsRoom) {
  perform(StopRun{run});
  come_to_rest();
  EXPECT_FALSE(site->log.find<ClaimDecided>(run));
  make_room();
  ASSERT_TRUE(site->await<RunEnded>(run));
}

}  // namespace
}  // namespace hansa
