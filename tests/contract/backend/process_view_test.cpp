// What a job sees of the site it runs at: its own folders, and nothing of the site's or of other jobs'.
#include "src/backends/process/private_view.hpp"
#include "tests/contract/backend/process_site_test.hpp"

namespace hansa {
namespace {

class ProcessViewTest : public ProcessBackendTest {
 protected:
  void SetUp() override {
    if (const auto why = PrivateView::why_not_here(); !why.empty()) GTEST_SKIP() << "not on this machine: " << why;
    std::ofstream(site_folder_.path() + "/identity.key") << "secret";
    begin_with({site_folder_.path()});
  }

  void begin_with(std::vector<std::string> hidden) {
    site->down();
    site->settings.hidden = std::move(hidden);
    site->up();
  }

  TemporaryFolder site_folder_;
};

TEST_F(ProcessViewTest, AJobSeesNoneOfTheSitesFiles) {
  const auto output = output_of({.script = "ls -A " + site_folder_.path() + "\ncat " + site_folder_.path() +
                                           "/identity.key 2>/dev/null || echo not there"});
  EXPECT_EQ(output, "not there\n");
  EXPECT_EQ(BackendSite::read(site_folder_.path() + "/identity.key"), "secret");
}

TEST_F(ProcessViewTest, AJobSeesItsOwnFolderAloneAmongAllRuns) {
  const auto other = run_number(8);
  const auto others = *site->backend->folder_of(other);
  std::ofstream(others + "/result") << "of another";
  const RunFolders folders(site->folder.path());
  const auto output = output_of({.script = "echo mine > result; ls " + folders.root() + "; cat " + others + "/result"});
  EXPECT_EQ(output, run_folder_name(run) + "\n");
  EXPECT_EQ(BackendSite::read(folders.work_of(run) + "/result"), "mine\n");
}

TEST_F(ProcessViewTest, NothingCanBeUncoveredOrWrittenOver) {
  const auto output =
      output_of({.script = "umount " + site_folder_.path() + " 2>/dev/null && echo uncovered\nunshare -Um umount " +
                           site_folder_.path() + " 2>/dev/null && echo uncovered\ntouch " + site_folder_.path() +
                           "/x 2>/dev/null && echo written\ntrue"});
  EXPECT_EQ(output, "");
}

TEST_F(ProcessViewTest, ASecretThatLiesElsewhereIsEmptyForAJob) {
  begin_with({site_folder_.path() + "/identity.key"});
  std::filesystem::permissions(site_folder_.path() + "/identity.key", std::filesystem::perms(0644));
  EXPECT_EQ(output_of({.script = "ls " + site_folder_.path() + "; cat " + site_folder_.path() + "/identity.key"}),
            "identity.key\n");
}

TEST_F(ProcessViewTest, DataThatLiesAmongTheSitesFilesStaysInSight) {
  std::filesystem::create_directories(site_folder_.path() + "/data/imagenet");
  std::ofstream(site_folder_.path() + "/data/imagenet/index") << "pictures";
  site->settings.datasets = {{"imagenet", site_folder_.path() + "/data/imagenet"}};
  begin_with({site_folder_.path()});
  EXPECT_EQ(output_of({.script = "cat " + site_folder_.path() + "/data/imagenet/index; ls " + site_folder_.path()}),
            "picturesdata\n");
}

TEST_F(ProcessViewTest, AFolderThatIsReachedByALinkIsKnownByBothNames) {
  const auto link = site_folder_.path() + "/state";
  std::filesystem::create_directory_symlink(site->folder.path(), link);
  site->settings.state_folder = link;
  begin_with({site_folder_.path()});
  EXPECT_EQ(output_of({.script = "pwd -P > where; cat where"}).find(link), 0u);
}

TEST_F(ProcessViewTest, WhereItIsNotWantedTheSiteSaysSo) {
  site->settings.private_view = false;
  begin_with({site_folder_.path()});
  EXPECT_NE(site->backend->abilities().limits.find("jobs can see the site's files and each other's"),
            std::string::npos);
  EXPECT_EQ(output_of({.script = "ls " + site_folder_.path()}), "identity.key\n");
}

TEST_F(ProcessViewTest, WhereItIsTheSiteSaysSoToo) {
  EXPECT_NE(site->backend->abilities().limits.find("jobs see neither the site's files nor each other's"),
            std::string::npos);
}

}  // namespace
}  // namespace hansa
